package cli

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/finding"
	"github.com/spf13/cobra"
)

func newRules(s streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "list every rule",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			rules := merlon.Rules()
			switch format {
			case "table":
				w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "RULE\tSEVERITY\tCONFIDENCE\tTITLE")
				for _, r := range rules {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.Confidence, r.Title)
				}
				return w.Flush()
			case "json":
				list := make([]ruleJSON, len(rules))
				for i, r := range rules {
					list[i] = newRuleJSON(r)
				}
				enc := json.NewEncoder(s.out)
				enc.SetIndent("", "  ")
				return enc.Encode(list)
			}
			return usageErrorf("unknown format %q (table or json)", format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "table", "table or json")
	return cmd
}

// ruleJSON is a rule as merlon rules --format json prints it.
type ruleJSON struct {
	ID         string             `json:"id"`
	Category   string             `json:"category"`
	Title      string             `json:"title"`
	Severity   finding.Severity   `json:"severity"`
	Confidence finding.Confidence `json:"confidence"`
	Why        string             `json:"why"`
	Remedy     string             `json:"remediation"`
	CWE        []string           `json:"cwe"`
	Taxonomy   []string           `json:"taxonomy"`
	Aliases    []string           `json:"aliases"`
}

func newRuleJSON(r finding.Rule) ruleJSON {
	list := func(s []string) []string { return append([]string{}, s...) }
	return ruleJSON{r.ID, r.Category, r.Title, r.Severity, r.Confidence, r.Why, r.Remedy,
		list(r.CWE), list(r.Taxonomy), list(r.Aliases)}
}
