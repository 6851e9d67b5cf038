// Package cli is the command line of merlon, one file per verb.
//
// stdout carries the report and nothing else; progress, warnings and errors go to
// stderr. An error names what failed and what to do next, in lower case and
// without a final period.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Main runs merlon with the given arguments (without the program's name) and
// returns its exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	cmd := newRoot(streams{stdin, stdout, stderr}, args)
	cmd.SetArgs(args)
	cmd.SetIn(stdin)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.Execute()
	if err != nil && err.Error() != "" {
		fmt.Fprintln(stderr, "merlon:", err)
	}
	return exitCode(err)
}

// interruptible returns a context that ends with Ctrl-C or a termination signal,
// so that the command can report what it has. A second Ctrl-C ends the program at
// once.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

func newRoot(s streams, args []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "merlon",
		Short: "secures the life of an AI system: code, data, models, pipeline, runtime, governance",
		Long: `merlon looks at everything an AI system is made of and answers whether it may
pass, with the reasons.

It makes no network connection unless a verb says so, runs nothing of what it
looks at, and reports to nobody.`,
		Example: `  merlon scan                      look at the current folder
  merlon scan model.pkl            look at one model
  merlon inspect model.gguf        tell what is inside, without loading it
  merlon explain artifact/pickle-dangerous-call`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageErrorf("%w (see %s --help)", err, cmd.CommandPath())
	})
	addVerbs(root, s, args)
	usageArgs(root)
	return root
}

// usageArgs gives errors about arguments the exit code of usage errors.
func usageArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageErrorf("%w (see %s --help)", err, cmd.CommandPath())
			}
			return nil
		}
	}
	for _, c := range cmd.Commands() {
		usageArgs(c)
	}
}
