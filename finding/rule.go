package finding

import (
	"fmt"
	"regexp"
	"slices"
	"sync"
)

// Rule is the constant knowledge behind a kind of finding. The documentation,
// the explain command and the reports are made from it.
type Rule struct {
	ID         string // "area/kebab-name"
	Category   Category
	Title      string // what is wrong, in a few words
	Why        string // what an attacker gains; for a reader who is no security engineer
	Remedy     string // what to do, with the command where there is one
	Bad, Good  string // a short example of each; may be empty
	Severity   Severity
	Confidence Confidence
	CWE        []string // "CWE-502"
	Taxonomy   []string // with edition: "atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"
	Aliases    []string // ids of other tools for the same problem, "B301"
	Profiles   []string // empty: in every profile
}

// Compiled on first use: most runs of the program never check a rule.
var (
	ruleID     = pattern(`^[a-z][a-z0-9]*/[a-z0-9]+(-[a-z0-9]+)*$`)
	cweID      = pattern(`^CWE-[1-9][0-9]*$`)
	taxonomyID = pattern(`^[a-z0-9-]+:[0-9A-Za-z.]+:[A-Za-z0-9._-]+$`)
)

func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// Check reports what is missing or malformed in the rule itself.
func (r Rule) Check() error {
	switch {
	case !ruleID().MatchString(r.ID):
		return fmt.Errorf("rule id %q is not area/kebab-name", r.ID)
	case !slices.Contains(Categories, r.Category):
		return fmt.Errorf("rule %s: unknown category %q", r.ID, r.Category)
	case r.Title == "" || r.Why == "" || r.Remedy == "":
		return fmt.Errorf("rule %s: title, why and remedy must be set", r.ID)
	case r.Severity < Info || r.Severity > Critical:
		return fmt.Errorf("rule %s: no severity", r.ID)
	case r.Confidence < Unsure || r.Confidence > Sure:
		return fmt.Errorf("rule %s: no confidence", r.ID)
	}
	for _, c := range r.CWE {
		if !cweID().MatchString(c) {
			return fmt.Errorf("rule %s: malformed CWE %q", r.ID, c)
		}
	}
	for _, t := range r.Taxonomy {
		if !taxonomyID().MatchString(t) {
			return fmt.Errorf("rule %s: taxonomy id %q lacks its edition (name:edition:id)", r.ID, t)
		}
	}
	return nil
}
