package evidence

// Outcome is the answer of a gate or of one of its rules.
type Outcome string

// The outcomes. Incomplete means that something which had to be looked at was
// not, and nothing else failed: it is not a pass.
const (
	Pass       Outcome = "pass"
	Fail       Outcome = "fail"
	Incomplete Outcome = "incomplete"
	// Warn is the outcome of a rule that does not hold and only warns. No decision is
	// one.
	Warn Outcome = "warn"
)

// Decision is what a gate decided, and from what. It is computed by the gate
// package only.
type Decision struct {
	Outcome     Outcome      `json:"outcome"`
	Policy      string       `json:"policy"`       // name of the policy
	InputDigest string       `json:"input_digest"` // "sha256:..." of what was decided on
	Rules       []RuleResult `json:"rules"`
	Notes       []string     `json:"notes,omitempty"` // what else to know: whether evidence may be missing unnoticed
}

// RuleResult is the outcome of one rule of the policy.
type RuleResult struct {
	ID       string   `json:"id"`
	Outcome  Outcome  `json:"outcome"`
	Reason   string   `json:"reason,omitempty"` // one sentence: which fact decided
	Findings []string `json:"findings"`         // fingerprints that made it fail, worst first
	Remedy   string   `json:"remediation,omitempty"`
}
