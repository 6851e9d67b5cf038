package cli

import (
	"fmt"
	"strings"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/strictyaml"
	"github.com/spf13/cobra"
)

func newExplain(s streams) *cobra.Command {
	return &cobra.Command{
		Use:     "explain RULE",
		Short:   "explain a rule: what is wrong, what it leads to, what to do",
		Example: "  merlon explain artifact/pickle-dangerous-call",
		Args:    cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ruleIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			for _, r := range merlon.Rules() {
				if r.ID == args[0] || strings.TrimPrefix(r.ID, r.Category+"/") == args[0] {
					_, err := fmt.Fprint(s.out, explanation(r, terminalWidth(s.out)))
					return err
				}
			}
			if near := strictyaml.Nearest(args[0], ruleIDs()); near != "" {
				return usageErrorf("unknown rule %q; did you mean %s?", args[0], near)
			}
			return usageErrorf("unknown rule %q; merlon rules lists them", args[0])
		},
	}
}

func ruleIDs() []string {
	var ids []string
	for _, r := range merlon.Rules() {
		ids = append(ids, r.ID)
	}
	return ids
}

func explanation(r finding.Rule, width int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", r.ID, wrap(r.Title, width))
	fmt.Fprintf(&b, "severity    %s\nconfidence  %s\n", r.Severity, r.Confidence)
	for _, l := range []struct {
		name string
		ids  []string
	}{{"weakness   ", r.CWE}, {"taxonomy   ", r.Taxonomy}, {"also known ", r.Aliases}} {
		if len(l.ids) > 0 {
			fmt.Fprintf(&b, "%s %s\n", l.name, strings.Join(l.ids, ", "))
		}
	}
	section := func(title, text string) {
		if text != "" {
			fmt.Fprintf(&b, "\n%s\n%s\n", title, wrap(text, width))
		}
	}
	code := func(title, text string) {
		if text != "" {
			fmt.Fprintf(&b, "\n%s\n    %s\n", title, strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    "))
		}
	}
	section("Why it matters", r.Why)
	section("What to do", r.Remedy)
	code("Bad", r.Bad)
	code("Good", r.Good)
	return b.String()
}

// wrap breaks text at spaces so that no line is longer than width, where words
// allow it.
func wrap(text string, width int) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		col := 0
		for j, word := range strings.Fields(line) {
			switch {
			case j == 0:
			case col+1+len(word) > width:
				b.WriteByte('\n')
				col = 0
			default:
				b.WriteByte(' ')
				col++
			}
			b.WriteString(word)
			col += len(word)
		}
	}
	return b.String()
}
