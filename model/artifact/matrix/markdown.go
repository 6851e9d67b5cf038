package matrix

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// short is a rule's id without what all of them begin with.
func short(id string) string { return strings.TrimPrefix(id, "artifact/") }

// Threats writes the rows as tables, one per family. page is where the rules are
// explained.
func Threats(rows []Row, page string) string {
	var b strings.Builder
	family := ""
	for _, r := range rows {
		if r.Family != family {
			if strings.Contains(b.String(), "\n### "+r.Family+"\n") {
				continue // a later part of it: written with the first
			}
			family = r.Family
			fmt.Fprintf(&b, "\n### %s\n\n| format | threat | merlon says | rules |\n|---|---|---|---|\n", family)
			for _, x := range rows {
				if x.Family == family {
					line(&b, &x, page)
				}
			}
		}
	}
	return strings.TrimLeft(b.String(), "\n")
}

func line(b *strings.Builder, r *Row, page string) {
	var rules []string
	for _, id := range r.Rules {
		rules = append(rules, fmt.Sprintf("[%s](%s#%s)", short(id), page, short(id)))
	}
	threat := r.Threat
	if r.Known != "" {
		threat += " (" + r.Known + ")"
	}
	format := r.Format
	fmt.Fprintf(b, "| %s | %s | %s | %s |\n", escape(format), escape(threat), verdict(r.Verdict), strings.Join(rules, ", "))
}

func verdict(v asset.Verdict) string {
	if v == asset.Unknown {
		return "a finding"
	}
	return "`" + string(v) + "`"
}

// escape keeps a text in its cell.
func escape(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "__", `\_\_`).Replace(s)
}

// Formats writes what each scanner of models reads: how a file is recognised, what is
// looked at, and the verdicts that the rows show.
func Formats(rows []Row, scanners []scan.Scanner) string {
	var b strings.Builder
	b.WriteString("| format | recognised by | what is read | verdicts |\n|---|---|---|---|\n")
	for _, s := range scanners {
		info := s.Info()
		k, known := kinds[info.ID]
		if !known {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", k.name, recognised(info.Interest), k.reads, verdictsOf(rows, k.formats, info.Rules))
	}
	return b.String()
}

// recognised says it from what the engine is told.
func recognised(in *scan.Interest) string {
	if in == nil {
		return "content"
	}
	var parts []string
	if len(in.Magics)+len(in.Tails) > 0 {
		parts = append(parts, "content")
	}
	for _, name := range append(slices.Sorted(slices.Values(in.Names)), slices.Sorted(slices.Values(in.Suffixes))...) {
		parts = append(parts, "`"+name+"`")
	}
	if len(parts) == 0 {
		return "content"
	}
	const most = 9
	if len(parts) > most {
		parts = append(parts[:most], fmt.Sprintf("and %d more names", len(parts)-most))
	}
	return strings.Join(parts, ", ")
}

// verdictsOf collects what rows of some formats, or with some rules, get.
func verdictsOf(rows []Row, formats []string, rules []finding.Rule) string {
	var seen []asset.Verdict
	add := func(v asset.Verdict) {
		if v != asset.Unknown && !slices.Contains(seen, v) {
			seen = append(seen, v)
		}
	}
	for _, r := range rows {
		own := slices.ContainsFunc(r.Rules, func(id string) bool {
			return slices.ContainsFunc(rules, func(x finding.Rule) bool { return x.ID == id })
		})
		if slices.Contains(formats, r.Format) {
			add(r.Verdict)
			add(r.TwinVerdict)
		} else if own && len(r.Rules) == 1 {
			add(r.Verdict)
		}
	}
	order := []asset.Verdict{asset.OK, asset.Unverified, asset.Failed, asset.Malicious}
	slices.SortFunc(seen, func(a, b asset.Verdict) int {
		return cmp.Compare(slices.Index(order, a), slices.Index(order, b))
	})
	var out []string
	for _, v := range seen {
		out = append(out, verdict(v))
	}
	return strings.Join(out, ", ")
}

// Rules explains every rule about models, under the heading that Threats links to.
func Rules(rules []finding.Rule) string {
	var b strings.Builder
	for _, r := range rules {
		if r.Category != finding.Artifact {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n**%s.** %s\n\nSeverity %s, confidence %s; %s. %s\n", short(r.ID), strings.TrimSuffix(r.Title, "."), escape(oneLine(r.Why)),
			r.Severity, r.Confidence, strings.Join(r.CWE, ", "), oneLine(r.Remedy))
	}
	return strings.TrimLeft(b.String(), "\n")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
