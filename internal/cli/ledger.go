package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/merlon-security/merlon/ledger"
	"github.com/spf13/cobra"
)

func newLedger(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "keep an append-only record that proves it was not changed",
		Long: `A ledger records what was decided, by whom and why. Every entry is chained to the
one before and covered by a signed checkpoint, so that a change, a removal, another
order or a cut end is found, and named, by anyone who has the public key.

The secret key signs checkpoints and nothing else. It is kept outside the ledger's
folder: by default in merlon's data folder (XDG_DATA_HOME), else where --key says.

Exit code: 0 all is well, 2 usage, 3 the ledger could not be read or written,
4 the ledger is not what its checkpoints commit to.`,
		Example: `  merlon ledger init audit
  merlon ledger append audit --action model.promote --subject model.safetensors --decision allow
  merlon ledger verify audit
  merlon ledger prove audit --seq 0 --output entry.tlog-proof
  merlon ledger tail audit`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if err := ledger.Supported(); err != nil {
				return usageErrorf("%w", err)
			}
			return nil
		},
	}
	cmd.AddCommand(newLedgerInit(s), newLedgerAppend(s), newLedgerVerify(s), newLedgerProve(s), newLedgerTail(s), newLedgerExport(s), newLedgerCheckpoint(s))
	for _, c := range cmd.Commands() {
		usageArgs(c)
	}
	return cmd
}

// ledgerError gives errors of the ledger their exit codes.
func ledgerError(dir string, err error) error {
	var tampered *ledger.TamperError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &tampered):
		return invalidErrorf("%s has been tampered with: %w", dir, err)
	case errors.Is(err, fs.ErrNotExist):
		return usageErrorf("%w (merlon ledger init %s makes one)", err, dir)
	}
	return fmt.Errorf("%s: %w", dir, err)
}
