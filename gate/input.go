package gate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// Input is everything a decision is drawn from. Its JSON is what the input digest
// covers, and what a reader of the decision needs to repeat it.
type Input struct {
	Version  int       `json:"version"`
	Findings []Item    `json:"findings"`
	Models   []Model   `json:"models"`
	Coverage Looked    `json:"coverage"`
	Expired  []Expired `json:"expired_ignores"`
}

// Item is a finding as the gate sees it.
type Item struct {
	Fingerprint string             `json:"fingerprint"`
	Rule        string             `json:"rule"`
	Severity    finding.Severity   `json:"severity"`
	Confidence  finding.Confidence `json:"confidence"`
	Category    string             `json:"category"`
	Path        string             `json:"path"`
	Asset       string             `json:"asset"`
	Suppressed  string             `json:"suppressed"` // "", "ignore" or "baseline"
}

// Model is a model and its verdict.
type Model struct {
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
	Verdict string `json:"verdict"`
}

// Looked says how much of what should be looked at was.
type Looked struct {
	Complete bool `json:"complete"`
	Files    int  `json:"files"`
	Errors   int  `json:"errors"`
}

// Expired is an ignore entry past its date.
type Expired struct {
	Rule  string `json:"rule"`
	Path  string `json:"path"`
	Owner string `json:"owner"`
	Until string `json:"until"`
}

// InputVersion changes when a field of [Input] changes its meaning.
const InputVersion = 1

// NewInput collects what the gate needs from a scan.
func NewInput(r *scan.Result, expired []Expired) Input {
	in := Input{
		Version: InputVersion,
		Expired: slices.Clone(expired),
		Coverage: Looked{
			Complete: !r.Coverage.Incomplete(),
			Files:    r.Coverage.FilesScanned,
			Errors:   len(r.Coverage.Errors),
		},
	}
	for _, f := range r.Findings {
		it := Item{
			Fingerprint: f.Fingerprint,
			Rule:        f.Rule.ID,
			Severity:    f.Severity,
			Confidence:  f.Confidence,
			Category:    f.Rule.Category,
			Path:        f.Where().Ref.String(),
			Asset:       f.Asset,
		}
		if f.Suppressed != nil {
			it.Suppressed = f.Suppressed.Kind
		}
		in.Findings = append(in.Findings, it)
	}
	for _, a := range r.Assets {
		if a.Verdict != "" {
			in.Models = append(in.Models, Model{Path: a.Ref.String(), SHA256: a.SHA256, Verdict: string(a.Verdict)})
		}
	}
	return in
}

// normal returns the input in an order that does not depend on who made it: the
// same facts always give the same decision and the same digest.
func (in Input) normal() Input {
	in.Findings = append([]Item{}, in.Findings...)
	in.Models = append([]Model{}, in.Models...)
	in.Expired = append([]Expired{}, in.Expired...)
	slices.SortFunc(in.Findings, func(a, b Item) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Confidence, a.Confidence),
			strings.Compare(a.Path, b.Path), strings.Compare(a.Fingerprint, b.Fingerprint),
			strings.Compare(a.Rule, b.Rule), strings.Compare(a.Suppressed, b.Suppressed),
			strings.Compare(a.Category, b.Category), strings.Compare(a.Asset, b.Asset))
	})
	slices.SortFunc(in.Models, func(a, b Model) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.SHA256, b.SHA256), strings.Compare(a.Verdict, b.Verdict))
	})
	slices.SortFunc(in.Expired, func(a, b Expired) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Path, b.Path),
			strings.Compare(a.Owner, b.Owner), strings.Compare(a.Until, b.Until))
	})
	return in
}

// digest names the input.
func (in Input) digest() (string, error) {
	b, err := json.Marshal(in)
	if err != nil {
		return "", fmt.Errorf("gate input: %w", err)
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
