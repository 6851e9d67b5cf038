package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/text"
	"github.com/spf13/cobra"
)

const maxDecision = 16 << 20 // bytes

func newPolicyExplain(s streams) *cobra.Command {
	var policy string
	cmd := &cobra.Command{
		Use:   "explain DECISION",
		Short: "say which fact decided, and what would change the decision",
		Long: `explain reads a decision: what merlon gate --format json printed, a JSON report of
merlon scan, or the signed decision in a folder of evidence, whose signature it does not
check (merlon evidence list does).`,
		Example: "  merlon policy explain decision.json\n  merlon policy explain evidence/*/decision-*.dsse.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := readDecision(args[0])
			if err != nil {
				return err
			}
			var p gate.Policy
			if policy == "" {
				p, _ = gate.Named(d.Policy)
			} else if p, err = policyNamed(policy); err != nil {
				return err
			}
			explainDecision(s, d, p)
			return nil
		},
	}
	cmd.Flags().StringVar(&policy, "policy", "", "the policy that decided, `FILE` or name, for what its rules serve (default: the built-in one of that name)")
	return cmd
}

// readDecision finds a decision in one of the forms in which there are some.
func readDecision(file string) (evidence.Decision, error) {
	b, err := safeio.ReadFile(file, maxDecision)
	if err != nil {
		return evidence.Decision{}, usageErrorf("%w", err)
	}
	if e, err := evidence.ParseEnvelope(b); err == nil {
		st, err := evidence.Parse(e.Payload)
		if err != nil {
			return evidence.Decision{}, invalidErrorf("%s: %w", file, err)
		}
		p, err := st.Decode()
		if err != nil {
			return evidence.Decision{}, invalidErrorf("%s: %w", file, err)
		}
		if sum, ok := p.(*evidence.Summary); ok && sum.Decision != nil {
			return *sum.Decision, nil
		}
		return evidence.Decision{}, invalidErrorf("%s is no decision of merlon", file)
	}
	var doc struct {
		evidence.Decision
		Report *evidence.Decision `json:"decision"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return evidence.Decision{}, invalidErrorf("%s is no decision: %w", file, err)
	}
	if doc.Report != nil {
		doc.Decision = *doc.Report
	}
	if doc.Outcome == "" {
		return evidence.Decision{}, invalidErrorf("%s is no decision: it has no outcome", file)
	}
	return doc.Decision, nil
}

func explainDecision(s streams, d evidence.Decision, p gate.Policy) {
	width := terminalWidth(s.out)
	put := func(label, value string) {
		if value = strings.TrimSpace(value); value != "" {
			fmt.Fprintf(s.out, "  %-10s %s\n", label, strings.ReplaceAll(wrap(text.Visible(value), width-13), "\n", "\n             "))
		}
	}
	fmt.Fprintf(s.out, "%s by the policy %s\n", strings.ToUpper(string(d.Outcome)), text.Visible(d.Policy))
	for _, n := range d.Notes {
		put("note", n)
	}
	blocked := 0
	for _, r := range d.Rules {
		waived := r.Outcome == evidence.Pass && strings.HasPrefix(r.Reason, "waived ")
		if r.Outcome == evidence.Pass && !waived {
			continue
		}
		if r.Outcome != evidence.Warn && !waived {
			blocked++
		}
		fmt.Fprintf(s.out, "\n%s: %s\n", text.Visible(r.ID), r.Outcome)
		put("fact", r.Reason)
		for i, f := range r.Findings {
			if i == 10 {
				put("", fmt.Sprintf("and %d more", len(r.Findings)-i))
				break
			}
			put("finding", f)
		}
		for _, rule := range p.Rules {
			if rule.ID == r.ID {
				put("serves", strings.Join(rule.Controls, ", "))
			}
		}
		put("to change", r.Remedy)
	}
	switch {
	case d.Outcome == evidence.Pass:
		fmt.Fprintf(s.out, "\n%s held or warn only.\n", plural(len(d.Rules), "rule"))
	case blocked == 1:
		fmt.Fprintln(s.out, "\nIt would pass if this one rule held.")
	default:
		fmt.Fprintf(s.out, "\nIt would pass if these %d rules held.\n", blocked)
	}
}
