package gate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
)

// Suggest writes the tightest policy of typed rules that an input passes, as YAML.
func Suggest(in Input) string {
	in = in.normal()
	var b strings.Builder
	rule := func(id, body string, args ...any) {
		fmt.Fprintf(&b, "- id: %s\n  "+body+"\n", append([]any{id}, args...)...)
	}
	fmt.Fprintf(&b, "version: %d\nname: suggested\ndescription: what %s passes today\nrules:\n", PolicyVersion, quote(in.Asset.Name))
	kinds := map[string][]string{} // kind to outcomes
	for _, p := range in.Evidence {
		if p.Kind != string(evidence.KindException) && p.Kind != string(evidence.KindDecision) && p.AgeDays >= 0 {
			kinds[p.Kind] = append(kinds[p.Kind], p.Outcome)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		outcomes := unique(kinds[k])
		if k == string(evidence.KindTest) || k == string(evidence.KindTraining) || k == string(evidence.KindDataset) {
			rule(k+"-there", "evidence: {kind: %s, outcomes: [%s]}", k, strings.Join(outcomes, ", "))
			continue
		}
		rule(k+"-there", "evidence: {kind: %s}", k)
	}
	if kinds[string(evidence.KindScan)] != nil {
		suggestScan(in, rule)
	}
	var licences []string
	for _, l := range in.Licences {
		if l.Of == string(evidence.KindCard) {
			licences = append(licences, l.Licence)
		}
	}
	if licences = unique(licences); len(licences) > 0 && !slices.Contains(licences, "") {
		rule("licences", "licences: {allow: [%s]}", quoteAll(licences))
	}
	suggestBounds(in, rule)
	for n := 9; n > 0; n-- {
		if r := (Rule{Approvals: &Approvals{Min: n}}).result(&in); r.Outcome == evidence.Pass {
			rule("approvals", "approvals: {min: %d}", n)
			break
		}
	}
	return b.String()
}

// suggestScan adds rules about what scans found.
func suggestScan(in Input, rule func(id, body string, args ...any)) {
	for _, s := range []finding.Severity{finding.Info, finding.Low, finding.Medium, finding.High, finding.Critical} {
		r := Rule{Findings: &Findings{Severity: s.String()}}
		if r.result(&in).Outcome == evidence.Pass {
			rule("no-"+s.String()+"-findings", "findings: {severity: %s}", s)
			break
		}
	}
	for _, allow := range [][]string{{"ok"}, {"ok", "unverified"}} {
		if (Rule{Models: &Models{Allow: allow}}).result(&in).Outcome == evidence.Pass {
			rule("models", "models: {allow: [%s]}", strings.Join(allow, ", "))
			break
		}
	}
	var formats []string
	for _, m := range in.Models {
		formats = append(formats, m.Format)
	}
	if formats = unique(formats); len(formats) > 0 && !slices.Contains(formats, "") {
		rule("formats", "formats: {allow: [%s]}", quoteAll(formats))
	}
	if in.Coverage.Complete {
		rule("coverage", "coverage: {complete: true, min_files: %d}", in.Coverage.Files)
	}
}

// suggestBounds adds what was measured with an interval. Which direction is better
// nobody can know from a number, so both bounds are written.
func suggestBounds(in Input, rule func(id, body string, args ...any)) {
	type bound struct{ low, high float64 }
	bounds, bare := map[string]bound{}, map[string]bool{}
	for _, m := range in.Measurements {
		if m.Kind != string(evidence.KindTest) {
			continue
		}
		bare[m.Name] = bare[m.Name] || !m.Bounded
		b, again := bounds[m.Name]
		if !again {
			b = bound{m.Low, m.High}
		}
		bounds[m.Name] = bound{min(b.low, m.Low), max(b.high, m.High)}
	}
	for i, name := range slices.Sorted(maps.Keys(bounds)) {
		if !bare[name] {
			rule("measured-"+strconv.Itoa(i+1), "measurement: {name: %s, at_least: %g, at_most: %g}", quote(name), bounds[name].low, bounds[name].high)
		}
	}
}

func unique(list []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

func quote(s string) string { return strconv.QuoteToASCII(s) }

func quoteAll(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(s)
	}
	return strings.Join(out, ", ")
}
