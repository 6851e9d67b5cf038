package gate

import (
	"cmp"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
)

// Where evidence comes from. From a plain folder anybody who can write to it can
// remove a file: that none is missing is not proved.
const (
	SourceFolder = "folder"
	SourceLedger = "ledger"
)

// Collection is what an input is collected from.
type Collection struct {
	Subject     evidence.Subject
	Now         time.Time
	Environment string             // Optional
	Source      string             // [SourceFolder] or [SourceLedger]
	Records     []evidence.Record  // about the subject
	Problems    []evidence.Problem // files that are no evidence
	KeyNames    map[string]string  // names of keys by id. Optional
}

// Collect makes an input of signed evidence. Where a check was done several times,
// what any of them found counts.
func Collect(c Collection) (Input, error) {
	in := Input{
		Version: InputVersion, Now: c.Now.UTC(), Source: c.Source, Environment: c.Environment,
		Asset: Asset{Name: c.Subject.Name, Digest: "sha256:" + c.Subject.Digest["sha256"]},
	}
	for _, p := range c.Problems {
		if !errors.Is(p.Err, evidence.ErrUnknown) { // says nothing, but somebody trusted signed it
			in.Refused = append(in.Refused, Refused{File: p.File, Reason: p.Err.Error()})
		}
	}
	found := map[string]Item{}
	records := sorted(c.Records, func(a, b evidence.Record) int {
		return cmp.Or(a.When.Compare(b.When), strings.Compare(a.Digest, b.Digest))
	})
	for _, r := range records {
		if err := in.add(c, r, found); err != nil {
			return Input{}, err
		}
	}
	for _, it := range found {
		in.Findings = append(in.Findings, it)
	}
	return in, nil
}

func (in *Input) add(c Collection, r evidence.Record, found map[string]Item) error {
	p := Piece{
		Kind: string(r.Kind), Digest: "sha256:" + r.Digest, Time: r.When.UTC(),
		AgeDays: in.Now.Sub(r.When).Hours() / 24, Keys: r.Signers,
	}
	for _, k := range r.Signers {
		name := c.KeyNames[k]
		if name == "" {
			name = k
		}
		p.Signers = append(p.Signers, name)
	}
	switch v := r.Predicate.(type) {
	case *evidence.ScanResult:
		p.Outcome = v.Asset.Verdict
		if err := in.addScan(v, p, found); err != nil {
			return err
		}
	case *evidence.TestResult:
		p.Name, p.Outcome = v.Name, v.Outcome
		in.measure(p, v.Measurements)
	case *evidence.DatasetProfile:
		p.Name, p.Outcome = v.Name, v.PersonalData
		in.measure(p, v.Measurements)
		in.Licences = append(in.Licences, Licence{p.Kind, v.Name, v.Licence})
	case *evidence.TrainingRun:
		p.Name, p.Outcome = v.ID, "succeeded"
		if v.ExitCode != 0 {
			p.Outcome = "failed"
		}
		in.measure(p, v.Metrics)
	case *evidence.ModelCard:
		p.Name = v.Name
		in.measure(p, v.Metrics)
		in.Licences = append(in.Licences, Licence{p.Kind, v.Name, v.Licence})
	case *evidence.Approval:
		p.Name, p.Outcome = v.Approver, v.Decision
		in.Approvals = append(in.Approvals, Approval{
			Decision: v.Decision, Approver: v.Approver, Role: v.Role, Environments: list(v.Environments),
			Signers: p.Signers, Keys: p.Keys, AgeDays: p.AgeDays,
			Valid: p.AgeDays >= 0 && (v.ExpiresAt == nil || in.Now.Before(*v.ExpiresAt)) && in.holdsIn(v.Environments),
		})
	case *evidence.Exception:
		p.Name, p.Outcome = v.Rule, v.Owner
		in.Exceptions = append(in.Exceptions, Exception{
			Rule: v.Rule, Findings: list(v.Findings), Reason: v.Reason, Owner: v.Owner, Environments: list(v.Environments),
			Signers: p.Signers, Keys: p.Keys, CreatedAt: v.CreatedAt.UTC(), ExpiresAt: v.ExpiresAt.UTC(),
			Valid: p.AgeDays >= 0 && in.Now.Before(v.ExpiresAt) && in.holdsIn(v.Environments),
		})
	case *evidence.Summary:
		p.Name, p.Outcome = v.Policy.URI, v.Result
	case *evidence.Deployment:
		p.Name, p.Outcome = v.Environment, v.Action
	case *evidence.Incident:
		p.Name, p.Outcome = v.ID, v.Status
	case *evidence.BillOfMaterials:
		p.Name = v.SerialNumber
		if v.Timestamp.IsZero() {
			p.AgeDays = maxAge // no time: as old as can be
		}
	case *evidence.BuildProvenance:
		p.Name = v.Run.Builder.ID
	}
	in.Evidence = append(in.Evidence, p)
	return nil
}

// maxAge is the age in days of what does not say when it was made.
const maxAge = 1e6

// addScan adds what a scan found. Of several scans the worst counts.
func (in *Input) addScan(v *evidence.ScanResult, p Piece, found map[string]Item) error {
	first := !in.has(evidence.KindScan)
	in.Asset.Kind, in.Asset.Format, in.Asset.Size = v.Asset.Kind, v.Asset.Format, v.Asset.Size
	if first {
		in.Coverage = Looked{Complete: true, Files: int(v.Coverage.Files)}
		in.Asset.Verdict = v.Asset.Verdict
	}
	in.Coverage.Complete = in.Coverage.Complete && v.Coverage.Complete
	in.Coverage.Files = min(in.Coverage.Files, int(v.Coverage.Files))
	in.Coverage.Errors = max(in.Coverage.Errors, len(v.Coverage.Errors))
	in.Asset.Verdict = worseVerdict(in.Asset.Verdict, v.Asset.Verdict)
	for _, f := range v.Findings {
		it := Item{Fingerprint: f.Fingerprint, Rule: f.Rule, Category: f.Category, Path: f.Path, Asset: f.Asset, Suppressed: f.Suppressed}
		var err error
		if it.Severity, err = finding.ParseSeverity(f.Severity); err != nil {
			return err
		}
		if it.Confidence, err = finding.ParseConfidence(f.Confidence); err != nil {
			return err
		}
		if old, twice := found[f.Fingerprint]; twice {
			it = worseItem(old, it)
		}
		found[f.Fingerprint] = it
	}
	in.measure(p, v.Measurements)
	in.addModels(v, p)
	return nil
}

// addModels adds the models of a scan: those that it lists, or what it is about.
func (in *Input) addModels(v *evidence.ScanResult, p Piece) {
	listed := false
	for _, f := range v.Facts {
		if f.Kind != evidence.FactModel || !f.Proved {
			continue
		}
		var m evidence.ModelFact
		if json.Unmarshal(f.Value, &m) != nil {
			m = evidence.ModelFact{Verdict: "error"}
		}
		listed = true
		in.Models = append(in.Models, Model{Path: f.Path, SHA256: m.SHA256, Verdict: m.Verdict, Format: m.Format})
	}
	if v.Asset.Verdict != "" && (!listed || v.FactsOmitted > 0) {
		sum := in.Asset.Digest[len("sha256:"):]
		in.Models = append(in.Models, Model{Path: in.Asset.Name, SHA256: sum, Verdict: v.Asset.Verdict, Format: v.Asset.Format})
	}
}

func (in *Input) measure(p Piece, list []evidence.Measurement) {
	for _, m := range list {
		out := Measurement{
			Name: m.Name, Value: m.Value, Low: m.Value, High: m.Value, Bounded: m.Low != nil && m.High != nil,
			Unit: m.Unit, Method: m.Method, Samples: m.Samples, Kind: p.Kind, AgeDays: p.AgeDays,
		}
		if m.Low != nil {
			out.Low = *m.Low
		}
		if m.High != nil {
			out.High = *m.High
		}
		if p.Kind == string(evidence.KindTest) {
			out.Test = p.Name
		}
		in.Measurements = append(in.Measurements, out)
	}
}

func list(l []string) []string { return append([]string{}, l...) }
