package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign"
)

// evidenceFlags say whether and how a scan leaves signed evidence.
type evidenceFlags struct {
	dir string
	key keyFlags
}

// open reads the key before the scan, so that a mistake does not cost one. The signer
// is nil where no evidence was asked for.
func (f evidenceFlags) open(ctx context.Context) (sign.Signer, error) {
	if f.dir == "" {
		if f.key.key != "" {
			return nil, usageErrorf("--key signs evidence: say where to keep it with --evidence DIR")
		}
		return nil, nil
	}
	if info, err := os.Stat(f.dir); err == nil && !info.IsDir() {
		return nil, usageErrorf("--evidence %s is not a folder", f.dir)
	}
	if f.key.key == "" {
		return nil, usageErrorf("evidence is signed: name a private key with --key (merlon key generate NAME makes one)")
	}
	return f.key.signer(ctx)
}

// write makes, signs and stores the evidence of a scan.
func (f evidenceFlags) write(ctx context.Context, s streams, signer sign.Signer, o merlon.EvidenceOptions) error {
	if signer == nil {
		return nil
	}
	o.Folder = f.dir
	// Also a scan that was stopped leaves evidence: that it is not complete.
	ctx = context.WithoutCancel(ctx)
	list, err := merlon.Evidence(ctx, o, signer)
	if err != nil {
		return err
	}
	n := 0
	for _, e := range list {
		files, err := (evidence.Folder{Dir: f.dir}).Add(e)
		if err != nil {
			return fmt.Errorf("evidence: %w", err)
		}
		n += len(files)
	}
	fmt.Fprintf(s.err, "merlon: %s of evidence in %s, signed by %s\n", plural(n, "file"), f.dir, signer.PublicKey().KeyID())
	return nil
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
