package gate

import (
	"fmt"

	"github.com/merlon-security/merlon/evidence"
)

// Lint says what is unwise in a policy that is valid.
func (p Policy) Lint() []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if p.Version == 0 {
		add("it has no version: write version: %d", PolicyVersion)
	}
	if p.About == "" {
		add("it has no description")
	}
	blocks, scans := false, false
	for _, r := range p.Rules {
		blocks = blocks || r.Severity != severityWarn
		scans = scans || r.Evidence != nil && r.Evidence.Kind == string(evidence.KindScan)
		if len(r.Controls) == 0 {
			add("rule %s names no control that it serves", r.ID)
		}
		if r.Remedy == "" && (r.Findings != nil || r.Models != nil || r.Condition != "") {
			add("rule %s has no remedy: whom it stops is not told what to do", r.ID)
		}
		if r.Condition != "" && r.Message == "" {
			add("rule %s has no message: people would read its condition", r.ID)
		}
		if f := r.Findings; f != nil && f.Max > 0 && f.NewOnly {
			add("rule %s lets through %s each time, because the baseline takes them out of the count", r.ID, count(f.Max, "new finding"))
		}
		if e := r.Evidence; e != nil && e.Kind == string(evidence.KindTest) && len(e.Outcomes) == 0 {
			add("rule %s is content with a test that failed: set outcomes", r.ID)
		}
		if r.Coverage != nil && r.Final {
			add("rule %s: coverage is never waived, final says nothing", r.ID)
		}
	}
	if !blocks {
		add("no rule blocks anything")
	}
	if !scans {
		add("no rule says how old a scan may be")
	}
	return out
}
