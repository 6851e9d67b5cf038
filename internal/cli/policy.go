package cli

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/text"
	"github.com/merlon-security/merlon/text/strictyaml"
	"github.com/spf13/cobra"
)

func newPolicy(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "list, check, test and explain the policies of the gate",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPolicyList(s), newPolicyShow(s), newPolicyLint(s), newPolicyTest(s), newPolicyExplain(s), newPolicySuggest(s))
	return cmd
}

func newPolicyList(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the built-in policies",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			for _, name := range gate.Builtin() {
				p, err := gate.Named(name)
				if err != nil {
					return err
				}
				fmt.Fprintf(s.out, "%-20s %2d rules  %s\n", name, len(p.Rules), p.About)
			}
			return nil
		},
	}
}

func newPolicyShow(s streams) *cobra.Command {
	return &cobra.Command{
		Use:       "show NAME",
		Short:     "print a built-in policy, to begin one of your own with",
		Example:   "  merlon policy show strict > policy.yaml",
		Args:      cobra.ExactArgs(1),
		ValidArgs: gate.Builtin(),
		RunE: func(_ *cobra.Command, args []string) error {
			if _, err := gate.Named(args[0]); err != nil {
				return usageErrorf("%w", err)
			}
			_, err := fmt.Fprint(s.out, gate.Source(args[0]))
			return err
		},
	}
}

func newPolicyLint(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "lint POLICY...",
		Short: "check policies, and say what is unwise in them",
		Long: `lint reads policies, files or names of built-in ones, compiles their conditions, and
says what is wrong, or allowed and unwise.

Exit code: 0 all are valid, 2 usage, 4 one is not.`,
		Example: "  merlon policy lint policy.yaml",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, name := range args {
				p, err := policyNamed(name)
				if err != nil {
					return err
				}
				fmt.Fprintf(s.out, "%s: valid, %s\n", name, plural(len(p.Rules), "rule"))
				for _, w := range p.Lint() {
					fmt.Fprintf(s.out, "  %s\n", text.Visible(w))
				}
			}
			return nil
		},
	}
}

func newPolicyTest(s streams) *cobra.Command {
	var verbose bool
	cmd := &cobra.Command{
		Use:   "test FILE...",
		Short: "test policies with inputs and the decisions wanted",
		Long: `test reads files of cases: a policy, inputs, and what has to be decided on them.
merlon gate --print-input shows what an input looks like.

Exit code: 0 all hold, 1 one does not, 2 usage, 4 a policy or a file of cases is invalid.`,
		Example: "  merlon policy test policy_test.yaml",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ok, bad := 0, 0
			for _, file := range args {
				suite, p, err := readSuite(file)
				if err != nil {
					return err
				}
				for i, why := range suite.Run(p) {
					name := text.Visible(suite.Cases[i].Name)
					if why == "" {
						if ok++; verbose {
							fmt.Fprintf(s.out, "ok    %s: %s\n", file, name)
						}
						continue
					}
					bad++
					fmt.Fprintf(s.out, "FAIL  %s: %s: %s\n", file, name, text.Visible(why))
				}
			}
			fmt.Fprintf(s.out, "%d of %s hold\n", ok, plural(ok+bad, "case"))
			if bad > 0 {
				return errGateFailed
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "also list the cases that hold")
	return cmd
}

// readSuite reads a file of cases and its policy, which lies beside it.
func readSuite(file string) (gate.Suite, gate.Policy, error) {
	doc, err := safeio.ReadFile(file, strictyaml.MaxSize)
	if err != nil {
		return gate.Suite{}, gate.Policy{}, usageErrorf("%w", err)
	}
	suite, err := gate.ParseSuite(doc)
	if err != nil {
		return suite, gate.Policy{}, invalidErrorf("%s: %w", file, err)
	}
	if suite.Inline != nil {
		return suite, *suite.Inline, nil
	}
	name := suite.Policy
	if !filepath.IsAbs(name) && !slices.Contains(gate.Builtin(), name) {
		name = filepath.Join(filepath.Dir(file), name)
	}
	p, err := policyNamed(name)
	return suite, p, err
}
