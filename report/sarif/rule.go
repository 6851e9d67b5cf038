package sarif

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/finding"
)

// rules describes the rules of the records, in order of first use, and returns
// the index of each.
func rules(records []finding.Record) ([]reportingDescriptor, map[string]int) {
	list, index := []reportingDescriptor{}, map[string]int{}
	worst := map[string]finding.Severity{}
	for _, r := range records {
		worst[r.Rule.ID] = max(worst[r.Rule.ID], r.Severity)
	}
	for _, r := range records {
		if _, ok := index[r.Rule.ID]; ok {
			continue
		}
		index[r.Rule.ID] = len(list)
		// GitHub takes the severity of an alert from the rule alone, so the rule
		// carries the worst severity of its results.
		list = append(list, describe(r.Rule, worst[r.Rule.ID]))
	}
	return list, index
}

func describe(r finding.Rule, s finding.Severity) reportingDescriptor {
	return reportingDescriptor{
		ID:                   r.ID,
		Name:                 pascal(r.ID),
		ShortDescription:     message{Text: r.Title},
		FullDescription:      message{Text: r.Why},
		Help:                 message{Text: r.Why + "\n\n" + r.Remedy, Markdown: help(r)},
		DefaultConfiguration: configuration{Level: level(s)},
		Properties: ruleBag{
			Tags: tags(r), Precision: precision(r.Confidence), SecuritySeverity: score(s),
		},
	}
}

// tags lists what a rule is searched by; GitHub files external/cwe/cwe-N under
// the weakness.
func tags(r finding.Rule) []string {
	out := []string{"security", r.Category}
	for _, c := range r.CWE {
		out = append(out, "external/cwe/"+strings.ToLower(c))
	}
	out = append(out, r.Taxonomy...)
	out = append(out, r.Aliases...)
	return distinct(out, maxTags)
}

// distinct returns the first most different strings: SARIF forbids equal tags.
func distinct(all []string, most int) []string {
	out := []string{}
	for _, s := range all {
		if len(out) < most && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func precision(c finding.Confidence) string {
	switch c {
	case finding.Sure:
		return "very-high"
	case finding.Likely:
		return "high"
	}
	return "medium"
}

func help(r finding.Rule) string {
	var b strings.Builder
	b.WriteString("**" + r.Title + "**\n\n" + r.Why + "\n\n**What to do:** " + r.Remedy + "\n")
	for _, e := range []struct{ head, code string }{{"Instead of", r.Bad}, {"write", r.Good}} {
		if e.code != "" {
			b.WriteString("\n" + e.head + "\n\n```\n" + e.code + "\n```\n")
		}
	}
	if refs := append(append([]string{}, r.CWE...), r.Taxonomy...); len(refs) > 0 {
		b.WriteString("\nSee " + strings.Join(refs, ", ") + ", and `merlon explain " + r.ID + "`.\n")
	} else {
		b.WriteString("\nSee `merlon explain " + r.ID + "`.\n")
	}
	return b.String()
}

// pascal makes the name of a rule from its id, as SARIF wants one that a person
// can say: "artifact/pickle-call" becomes "ArtifactPickleCall".
func pascal(id string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(id, func(r rune) bool { return r == '/' || r == '-' }) {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}
