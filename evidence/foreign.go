package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Summary is a gate decision as a SLSA Verification Summary v1. The whole decision is
// in a field of merlon's own, which others ignore.
type Summary struct {
	Verifier struct {
		ID      string            `json:"id"`
		Version map[string]string `json:"version,omitempty"`
	} `json:"verifier"`
	TimeVerified   time.Time    `json:"timeVerified"`
	ResourceURI    string       `json:"resourceUri"`
	Policy         Descriptor   `json:"policy"`
	Inputs         []Descriptor `json:"inputAttestations,omitempty"`
	Result         string       `json:"verificationResult"` // PASSED or FAILED
	VerifiedLevels []string     `json:"verifiedLevels"`
	Decision       *Decision    `json:"merlon_decision,omitempty"`
}

// Descriptor names something by address or digest (in-toto ResourceDescriptor v1).
type Descriptor struct {
	Name   string            `json:"name,omitempty"`
	URI    string            `json:"uri,omitempty"`
	Digest map[string]string `json:"digest,omitempty"`
}

// The results of a [Summary].
const (
	VSAPassed = "PASSED"
	VSAFailed = "FAILED"
)

// NewSummary makes the summary of a decision: all but a pass is FAILED. policyDigest
// and inputs are SHA-256 in lower-case hex; inputs name the evidence that was read.
func NewSummary(d Decision, version, resource, policyDigest string, inputs []string, at time.Time) *Summary {
	s := &Summary{TimeVerified: at.UTC().Truncate(time.Second), ResourceURI: resource, Result: VSAFailed, VerifiedLevels: []string{}, Decision: &d}
	s.Verifier.ID = "https://merlon.dev/gate"
	s.Verifier.Version = map[string]string{"merlon": version}
	s.Policy = Descriptor{URI: "merlon:policy/" + d.Policy}
	if policyDigest != "" {
		s.Policy.Digest = map[string]string{"sha256": policyDigest}
	}
	for _, in := range inputs {
		s.Inputs = append(s.Inputs, Descriptor{Digest: map[string]string{"sha256": in}})
	}
	if d.Outcome == Pass {
		s.Result = VSAPassed
	}
	return s
}

// Check implements [Predicate].
func (s *Summary) Check() error {
	switch {
	case s.Verifier.ID == "":
		return errors.New("verifier.id is missing")
	case s.TimeVerified.IsZero():
		return errors.New("timeVerified is missing")
	case s.Result != VSAPassed && s.Result != VSAFailed:
		return fmt.Errorf("verificationResult is %.40q, neither PASSED nor FAILED", s.Result)
	case s.Decision != nil && (s.Decision.Outcome == Pass) != (s.Result == VSAPassed):
		return errors.New("verificationResult contradicts the decision")
	}
	return nil
}

// When implements [Predicate].
func (s *Summary) When() time.Time { return s.TimeVerified }

// BillOfMaterials is a CycloneDX document: its identity, and itself.
type BillOfMaterials struct {
	Format       string
	SpecVersion  string
	SerialNumber string
	Timestamp    time.Time // zero: the document has none
	Components   int
	Raw          json.RawMessage
}

// UnmarshalJSON implements [json.Unmarshaler].
func (b *BillOfMaterials) UnmarshalJSON(raw []byte) error {
	var v struct {
		Format       string            `json:"bomFormat"`
		SpecVersion  string            `json:"specVersion"`
		SerialNumber string            `json:"serialNumber"`
		Components   []json.RawMessage `json:"components"`
		Metadata     struct {
			Timestamp time.Time `json:"timestamp"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	*b = BillOfMaterials{v.Format, v.SpecVersion, v.SerialNumber, v.Metadata.Timestamp, len(v.Components), append(json.RawMessage{}, raw...)}
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (b *BillOfMaterials) MarshalJSON() ([]byte, error) { return b.Raw, nil }

// Check implements [Predicate].
func (b *BillOfMaterials) Check() error {
	if b.Format != "CycloneDX" || b.SpecVersion == "" {
		return errors.New("not a CycloneDX document: bomFormat or specVersion is missing")
	}
	return nil
}

// When implements [Predicate].
func (b *BillOfMaterials) When() time.Time { return b.Timestamp }

// BuildProvenance is SLSA provenance v1, as build services write it.
type BuildProvenance struct {
	Definition struct {
		BuildType    string          `json:"buildType"`
		External     json.RawMessage `json:"externalParameters"`
		Dependencies []Descriptor    `json:"resolvedDependencies"`
	} `json:"buildDefinition"`
	Run struct {
		Builder struct {
			ID string `json:"id"`
		} `json:"builder"`
		Metadata struct {
			InvocationID string    `json:"invocationId"`
			StartedOn    time.Time `json:"startedOn"`
			FinishedOn   time.Time `json:"finishedOn"`
		} `json:"metadata"`
	} `json:"runDetails"`
}

// Check implements [Predicate].
func (p *BuildProvenance) Check() error {
	if p.Definition.BuildType == "" || p.Run.Builder.ID == "" {
		return errors.New("buildType or builder.id is missing")
	}
	return nil
}

// When implements [Predicate].
func (p *BuildProvenance) When() time.Time {
	if p.Run.Metadata.FinishedOn.IsZero() {
		return p.Run.Metadata.StartedOn
	}
	return p.Run.Metadata.FinishedOn
}
