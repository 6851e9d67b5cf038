package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/ledger"
	"github.com/merlon-security/merlon/sign"
)

// openDecision reads the key that signs the decision; nil without one.
func (f evidenceFlags) openDecision(ctx context.Context) (sign.Signer, error) {
	if f.key.key == "" {
		return nil, nil
	}
	return f.open(ctx)
}

// readLedger checks a ledger and returns the digests of the evidence that it knows
// about a subject, in its order.
func (f gateFlags) readLedger(ctx context.Context, subject string) ([]string, error) {
	m, err := ledger.ReadMeta(f.ledger)
	if err != nil {
		return nil, ledgerError(f.ledger, err)
	}
	opts := ledger.VerifyOptions{}
	if f.public != "" {
		if opts.Verifier, err = keyText(f.public); err != nil {
			return nil, err
		}
	}
	seen, err := remember(m)
	if err != nil {
		return nil, ledgerError(f.ledger, err)
	}
	opts.Earlier = seen.earlier()
	r, err := ledger.Verify(ctx, f.ledger, opts)
	if err != nil {
		return nil, ledgerError(f.ledger, err)
	}
	var known []string
	n := uint64(0)
	err = ledger.Entries(f.ledger, func(e ledger.Entry) error {
		if n++; n > r.Entries {
			return nil // written after the check
		}
		if slices.Contains(e.Subjects, subject) {
			for _, d := range e.Evidence {
				known = append(known, strings.TrimPrefix(d, "sha256:"))
			}
		}
		return nil
	})
	if err == nil {
		err = seen.keep(r.Checkpoint)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.ledger, err)
	}
	return known, nil
}
