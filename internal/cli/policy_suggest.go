package cli

import (
	"fmt"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/text"
	"github.com/spf13/cobra"
)

func newPolicySuggest(s streams) *cobra.Command {
	var f gateFlags
	cmd := &cobra.Command{
		Use:   "suggest PATH",
		Short: "print the tightest policy that the evidence passes, and what the next steps need",
		Long: `suggest writes a policy that holds what has been reached: no worse findings, formats
and licences than there are, the evidence that there is, and bounds at what was
measured. Comments say what each built-in policy would need beyond it.`,
		Example: "  merlon policy suggest ./my-model --evidence evidence --key ci.pub > policy.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			switch {
			case f.dir == "":
				return usageErrorf("--evidence is missing: name the folder")
			case len(f.keys) == 0:
				return usageErrorf("--key is missing: name the public keys to trust")
			}
			in, _, err := f.collect(ctx, args[0])
			if err != nil {
				return err
			}
			fmt.Fprint(s.out, gate.Suggest(in))
			return nextSteps(s, in)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.dir, "evidence", "", "folder of evidence `DIR`")
	fl.StringArrayVar(&f.keys, "key", nil, "public key to trust, `[NAME=]FILE`; may be given many times")
	fl.StringVar(&f.ledger, "ledger", "", "ledger `DIR` that knows all evidence")
	fl.StringVar(&f.environment, "environment", "", "`NAME` of where it is to run")
	fl.StringArrayVar(&f.ignore, "ignore", nil, "a file or folder that is not part of the model, `PATH` below it; may be given many times")
	return cmd
}

// nextSteps prints what the built-in policies would need, as comments.
func nextSteps(s streams, in gate.Input) error {
	for _, name := range gate.Builtin() {
		p, err := gate.Named(name)
		if err != nil {
			return err
		}
		d, err := gate.Evaluate(p, in)
		if err != nil {
			return err
		}
		if d.Outcome == evidence.Pass {
			fmt.Fprintf(s.out, "# %s passes\n", name)
			continue
		}
		fmt.Fprintf(s.out, "# %s would need:\n", name)
		for _, r := range d.Rules {
			if r.Outcome == evidence.Fail || r.Outcome == evidence.Incomplete {
				fmt.Fprintf(s.out, "#   %s: %s\n", r.ID, text.Visible(r.Reason))
			}
		}
	}
	return nil
}
