package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// Input is everything a decision is drawn from. Its JSON is what the input digest
// covers, and what a reader of the decision needs to repeat it. A tag "doc" says what
// a field holds; docs/policies.md is made from them.
type Input struct {
	Version      int           `json:"version" doc:"version of this form, 2"`
	Now          time.Time     `json:"now" doc:"time of the decision; year 1 in merlon scan, where nothing has an age"`
	Source       string        `json:"source" doc:"where evidence came from: folder, ledger, or empty in merlon scan"`
	Environment  string        `json:"environment" doc:"what --environment says, such as production; empty when it is not known"`
	Asset        Asset         `json:"asset" doc:"what is decided about"`
	Findings     []Item        `json:"findings" doc:"what scans found, worst first"`
	Models       []Model       `json:"models" doc:"the models in the asset"`
	Coverage     Looked        `json:"coverage" doc:"how much of what should be looked at was"`
	Measurements []Measurement `json:"measurements" doc:"every number that scans, tests and profiles state"`
	Evidence     []Piece       `json:"evidence" doc:"every signed statement about the asset"`
	Approvals    []Approval    `json:"approvals" doc:"what people agreed to, or did not"`
	Exceptions   []Exception   `json:"exceptions" doc:"rules that people waived, also those that ran out"`
	Licences     []Licence     `json:"licences" doc:"licences that signed statements name"`
	Expired      []Expired     `json:"expired_ignores" doc:"ignore entries of merlon.yaml past their date"`
	Refused      []Refused     `json:"refused" doc:"files that are no evidence, which fails every policy"`
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
	Path    string `json:"path" doc:"where it lies"`
	SHA256  string `json:"sha256" doc:"digest of its bytes, lower-case hex; may be empty"`
	Verdict string `json:"verdict" doc:"malicious, error, unverified or ok"`
	Format  string `json:"format" doc:"proved from its bytes, such as safetensors; empty when it is not known"`
}

// Looked says how much of what should be looked at was.
type Looked struct {
	Complete bool `json:"complete" doc:"nothing that should be looked at was not"`
	Files    int  `json:"files" doc:"files that were scanned"`
	Errors   int  `json:"errors" doc:"paths that could not be fully looked at"`
}

// Expired is an ignore entry past its date.
type Expired struct {
	Rule  string `json:"rule" doc:"that it silenced"`
	Path  string `json:"path" doc:"where"`
	Owner string `json:"owner" doc:"who decided"`
	Until string `json:"until" doc:"its last day, YYYY-MM-DD"`
}

// InputVersion changes when a field of [Input] changes its meaning.
const InputVersion = 2

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
			in.Models = append(in.Models, Model{Path: a.Ref.String(), SHA256: a.SHA256, Verdict: string(a.Verdict), Format: a.Format})
		}
	}
	return in
}

// normal returns the input in an order that does not depend on who made it: the
// same facts always give the same decision and the same digest.
func (in Input) normal() Input {
	in.Version = InputVersion
	in.Findings = worstFirst(in.Findings)
	in.Models = sorted(in.Models, func(a, b Model) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.SHA256, b.SHA256),
			strings.Compare(a.Verdict, b.Verdict), strings.Compare(a.Format, b.Format))
	})
	in.Expired = sorted(in.Expired, func(a, b Expired) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Path, b.Path),
			strings.Compare(a.Owner, b.Owner), strings.Compare(a.Until, b.Until))
	})
	in.Measurements = sorted(in.Measurements, byText[Measurement])
	in.Evidence = sorted(in.Evidence, byText[Piece])
	in.Approvals = sorted(in.Approvals, byText[Approval])
	in.Exceptions = sorted(in.Exceptions, byText[Exception])
	in.Licences = sorted(in.Licences, byText[Licence])
	in.Refused = sorted(in.Refused, byText[Refused])
	return in
}

// sorted returns a copy in order, never nil.
func sorted[T any](list []T, by func(a, b T) int) []T {
	out := append([]T{}, list...)
	slices.SortFunc(out, by)
	return out
}

// byText orders what there are few of by everything it holds.
func byText[T any](a, b T) int {
	return strings.Compare(fmt.Sprintf("%v", a), fmt.Sprintf("%v", b))
}
