package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Tool names a program. Empty versions are allowed: not everything has one.
type Tool struct {
	Name    string `json:"name" rule:"text"`
	Version string `json:"version"`
}

// Resource names something by digest (in-toto ResourceDescriptor v1).
type Resource struct {
	Name   string            `json:"name,omitempty"`
	URI    string            `json:"uri,omitempty"`
	Digest map[string]string `json:"digest" rule:"digest"`
}

// Measurement is a number about the subject. Low and High are the bounds of its
// confidence interval where it has one; a gate decides on the worse bound.
type Measurement struct {
	Name    string   `json:"name" rule:"text"`
	Value   float64  `json:"value"`
	Unit    string   `json:"unit"`
	Low     *float64 `json:"low,omitempty"`
	High    *float64 `json:"high,omitempty"`
	Method  string   `json:"method"`
	Samples int64    `json:"samples,omitempty" rule:"min=0"`
}

// inOrder refuses an interval that does not hold its value.
func inOrder(list []Measurement) error {
	for _, m := range list {
		if m.Low != nil && *m.Low > m.Value || m.High != nil && *m.High < m.Value {
			return fmt.Errorf("measurement %s: the value is outside its interval", m.Name)
		}
	}
	return nil
}

// period refuses an end before the start.
func period(start, end time.Time) error {
	if end.Before(start) {
		return errors.New("finished_at is before started_at")
	}
	return nil
}

// ScanResult says what a scan found in the subject. It holds everything a gate needs
// to decide again; the full report for people is another document.
type ScanResult struct {
	Tool         Tool          `json:"tool"`
	StartedAt    time.Time     `json:"started_at"`
	FinishedAt   time.Time     `json:"finished_at"`
	Target       string        `json:"target"` // what was scanned, as the user named it
	Asset        ScanAsset     `json:"asset"`
	Inputs       ScanInputs    `json:"inputs"`
	Coverage     ScanCoverage  `json:"coverage"`
	Findings     []ScanFinding `json:"findings"`
	Measurements []Measurement `json:"measurements"`
	Facts        []ScanFact    `json:"facts"`
	FactsOmitted int64         `json:"facts_omitted" rule:"min=0"` // beyond those in Facts
}

// ScanAsset is what the subject is.
type ScanAsset struct {
	Kind    string `json:"kind" rule:"text"` // "model", "folder", "file", ...
	Format  string `json:"format"`
	Size    int64  `json:"size" rule:"min=0"` // bytes
	Verdict string `json:"verdict" rule:"enum=malicious|error|unverified|ok|"`
}

// ScanInputs is what else the result depends on.
type ScanInputs struct {
	ConfigSHA256 string        `json:"config_sha256"`
	RulesSHA256  string        `json:"rules_sha256" rule:"sha256"`
	Scanners     []ScanScanner `json:"scanners"`
	Advisories   string        `json:"advisories"` // date of the database; "" when none was used
}

// ScanScanner is one scanner that took part.
type ScanScanner struct {
	ID      string `json:"id" rule:"text"`
	Version string `json:"version"`
}

// ScanCoverage says what was looked at. Not complete is never a pass.
type ScanCoverage struct {
	Complete bool        `json:"complete"`
	Files    int64       `json:"files" rule:"min=0"`
	Bytes    int64       `json:"bytes" rule:"min=0"`
	Skipped  int64       `json:"skipped" rule:"min=0"` // entries left out on purpose
	Excluded []string    `json:"excluded"`             // those of them that the user left out
	Errors   []ScanError `json:"errors"`
}

// ScanError is something that should have been looked at.
type ScanError struct {
	Path    string `json:"path"`
	Scanner string `json:"scanner"`
	Error   string `json:"error"`
}

// ScanFinding is one finding.
type ScanFinding struct {
	Fingerprint string   `json:"fingerprint" rule:"text"`
	Rule        string   `json:"rule" rule:"text"`
	Severity    string   `json:"severity" rule:"enum=critical|high|medium|low|info"`
	Confidence  string   `json:"confidence" rule:"enum=high|medium|low"`
	Category    string   `json:"category"`
	Message     string   `json:"message"`
	Path        string   `json:"path"`
	Asset       string   `json:"asset"` // "sha256:...", or "" when it was not hashed
	CWE         []string `json:"cwe"`
	Taxonomy    []string `json:"taxonomy"`
	Suppressed  string   `json:"suppressed" rule:"enum=|ignore|baseline"`
}

// ScanFact is one fact. What a file merely says is not proved.
type ScanFact struct {
	Kind   string          `json:"kind" rule:"text"`
	Value  json.RawMessage `json:"value"`
	Proved bool            `json:"proved"`
	Path   string          `json:"path"`
}

// FactModel is the kind of the fact that there is a model: its value is a [ModelFact].
const FactModel = "model"

// ModelFact is what a scan proved about one model in its subject.
type ModelFact struct {
	Format  string `json:"format"`
	SHA256  string `json:"sha256"`
	Size    int64  `json:"size"` // bytes
	Verdict string `json:"verdict"`
}

// Check implements [Predicate].
func (r *ScanResult) Check() error {
	if r.Coverage.Complete && len(r.Coverage.Errors) > 0 {
		return errors.New("coverage is complete and has errors")
	}
	return errors.Join(period(r.StartedAt, r.FinishedAt), inOrder(r.Measurements))
}

// When implements [Predicate].
func (r *ScanResult) When() time.Time { return r.FinishedAt }

// TestResult says what a test of the subject measured: robustness, fairness, red team,
// performance.
type TestResult struct {
	Tool         Tool           `json:"tool"`
	Name         string         `json:"name" rule:"text"` // of the test, stable between runs
	StartedAt    time.Time      `json:"started_at"`
	FinishedAt   time.Time      `json:"finished_at"`
	Outcome      string         `json:"outcome" rule:"enum=passed|failed|error|measured"`
	Inputs       []Resource     `json:"inputs"` // data it was tested with
	Parameters   map[string]any `json:"parameters"`
	Measurements []Measurement  `json:"measurements"`
	Passed       int64          `json:"passed" rule:"min=0"`
	Failed       []string       `json:"failed"` // names of what failed
}

// Check implements [Predicate].
func (r *TestResult) Check() error {
	if r.Outcome == "passed" && len(r.Failed) > 0 {
		return errors.New("passed although something failed")
	}
	return errors.Join(period(r.StartedAt, r.FinishedAt), inOrder(r.Measurements))
}

// When implements [Predicate].
func (r *TestResult) When() time.Time { return r.FinishedAt }
