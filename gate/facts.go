package gate

import (
	"slices"
	"time"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
)

// Asset is what a decision is about.
type Asset struct {
	Name    string `json:"name" doc:"last part of its path"`
	Digest  string `json:"digest" doc:"sha256:HEX"`
	Kind    string `json:"kind" doc:"model, folder, file, ...; empty when no scan says"`
	Format  string `json:"format" doc:"format of a single file, such as gguf"`
	Size    int64  `json:"size" doc:"bytes"`
	Verdict string `json:"verdict" doc:"the worst of its models: malicious, error, unverified, ok, or empty"`
}

// Measurement is a number about the asset.
type Measurement struct {
	Name    string  `json:"name" doc:"such as accuracy"`
	Value   float64 `json:"value" doc:"the estimate"`
	Low     float64 `json:"low" doc:"lower end of its confidence interval; the value when it has none"`
	High    float64 `json:"high" doc:"upper end of its confidence interval; the value when it has none"`
	Bounded bool    `json:"bounded" doc:"it has both ends of a confidence interval"`
	Unit    string  `json:"unit" doc:"such as %"`
	Method  string  `json:"method" doc:"how it was measured"`
	Samples int64   `json:"samples" doc:"how many; 0 when it is not said"`
	Kind    string  `json:"kind" doc:"kind of the evidence that states it: scan, test, dataset, training, card"`
	Test    string  `json:"test" doc:"name of the test, of kind test"`
	AgeDays float64 `json:"age_days" doc:"of the evidence"`
}

// Piece is one signed statement about the asset.
type Piece struct {
	Kind    string    `json:"kind" doc:"scan, test, dataset, training, bom, card, approval, exception, decision, deployment, incident, provenance"`
	Name    string    `json:"name" doc:"of a test, dataset, card, incident; id of a training run"`
	Digest  string    `json:"digest" doc:"sha256:HEX of the signed statement"`
	Time    time.Time `json:"time" doc:"as its signer says"`
	AgeDays float64   `json:"age_days" doc:"before now; below 0 for one from the future"`
	Signers []string  `json:"signers" doc:"names of the trusted keys that signed it"`
	Keys    []string  `json:"keys" doc:"ids of these keys"`
	Outcome string    `json:"outcome" doc:"what it says in a word: verdict of a scan, outcome of a test, decision, status of an incident"`
}

// Approval is what a person decided.
type Approval struct {
	Decision     string   `json:"decision" doc:"approved or rejected"`
	Approver     string   `json:"approver" doc:"name; who signed proves who it was"`
	Role         string   `json:"role" doc:"such as model owner"`
	Environments []string `json:"environments" doc:"where it holds; none: everywhere"`
	Signers      []string `json:"signers" doc:"names of the keys that signed it"`
	Keys         []string `json:"keys" doc:"ids of these keys"`
	AgeDays      float64  `json:"age_days" doc:"since it was given"`
	Valid        bool     `json:"valid" doc:"it has not run out, is not from the future, and holds in the environment"`
}

// Exception waives a rule for a time.
type Exception struct {
	Rule         string    `json:"rule" doc:"of the policy, or of a scanner"`
	Findings     []string  `json:"findings" doc:"fingerprints; none: all of the rule"`
	Reason       string    `json:"reason" doc:"why"`
	Owner        string    `json:"owner" doc:"who answers for it"`
	Environments []string  `json:"environments" doc:"where it holds; none: everywhere"`
	Signers      []string  `json:"signers" doc:"names of the keys that signed it"`
	Keys         []string  `json:"keys" doc:"ids of these keys"`
	CreatedAt    time.Time `json:"created_at" doc:"its start"`
	ExpiresAt    time.Time `json:"expires_at" doc:"its end"`
	Valid        bool      `json:"valid" doc:"it has begun, has not run out, and holds in the environment"`
}

// Licence is what a signed statement says.
type Licence struct {
	Of      string `json:"of" doc:"kind of the evidence that names it: card, dataset"`
	Name    string `json:"name" doc:"of the card or dataset"`
	Licence string `json:"licence" doc:"as it is written; empty when nothing is said"`
}

// Refused is a file among the evidence that is none.
type Refused struct {
	File   string `json:"file" doc:"below the folder of evidence"`
	Reason string `json:"reason" doc:"why it is refused"`
}

// Found is a finding as conditions see it.
type Found struct {
	Fingerprint string `json:"fingerprint" doc:"stable name of the finding"`
	Rule        string `json:"rule" doc:"such as artifact/pickle-dangerous-call"`
	Severity    string `json:"severity" doc:"critical, high, medium, low or info"`
	Level       int64  `json:"level" doc:"the severity as a number, 5 (critical) to 1 (info)"`
	Confidence  string `json:"confidence" doc:"high, medium or low"`
	Category    string `json:"category" doc:"such as artifact, code, secret"`
	Path        string `json:"path" doc:"where it is"`
	Asset       string `json:"asset" doc:"sha256:HEX of the file, or empty"`
	Suppressed  string `json:"suppressed" doc:"ignore, baseline, or empty"`
}

// found converts a finding for conditions.
func found(it Item) Found {
	level := int64(it.Severity) - int64(finding.Info) + 1
	return Found{it.Fingerprint, it.Rule, it.Severity.String(), level, it.Confidence.String(), it.Category, it.Path, it.Asset, it.Suppressed}
}

// has reports whether there is evidence of a kind.
func (in *Input) has(k evidence.Kind) bool {
	return slices.ContainsFunc(in.Evidence, func(p Piece) bool { return p.Kind == string(k) })
}

// holdsIn reports whether something for some environments holds in this one. What is
// for named ones does not hold where none is named.
func (in *Input) holdsIn(environments []string) bool {
	return len(environments) == 0 || slices.Contains(environments, in.Environment)
}

// signedBy reports whether one of the keys is among those named, by name or id.
func signedBy(names, signers, keys []string) bool {
	if len(names) == 0 {
		return true
	}
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(signers, n) || slices.Contains(keys, n) })
}
