package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/pipeline/oci"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/sign"
	"github.com/spf13/cobra"
)

type pushFlags struct {
	dir       string
	signature string
	plain     bool
}

func newPush(s streams) *cobra.Command {
	var f pushFlags
	cmd := &cobra.Command{
		Use:   "push PATH ADDRESS",
		Short: "store a model in an OCI registry, with its signature and evidence",
		Long: `push stores a file or folder as a CNCF ModelPack artifact: each file is a layer. The
signature of merlon sign and the evidence about the model are attached to it as
referrers, so that they travel with it.

ADDRESS is HOST/REPOSITORY:TAG. Credentials are those that docker login wrote into
its file. This verb uses the network.

Exit code: 0 stored, 2 usage, 3 the model could not be read or the registry failed, 4
the evidence holds something that is none.`,
		Example: `  merlon push ./my-model registry.example.com/team/my-model:v1 --evidence evidence`,
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return f.run(ctx, s, args[0], args[1])
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.dir, "evidence", "", "attach what the folder of evidence `DIR` holds about the model")
	fl.StringVar(&f.signature, "signature", "", "signature `FILE` (default model.sig in or beside PATH, when it is there)")
	fl.BoolVar(&f.plain, "plain-http", false, "speak HTTP without TLS; to this machine that is the default")
	return cmd
}

func (f pushFlags) run(ctx context.Context, s streams, path, address string) error {
	if err := exists(path); err != nil {
		return err
	}
	r, err := oci.Open(address, f.plain)
	if err != nil {
		return usageErrorf("%w", err)
	}
	file := f.signature
	if file == "" {
		file = defaultSignature(path)
	}
	signature, err := safeio.ReadFile(file, sign.MaxSignature)
	if errors.Is(err, fs.ErrNotExist) && f.signature == "" {
		err = nil
	}
	if err != nil {
		return usageErrorf("--signature: %w", err)
	}
	var attach []*evidence.Envelope
	if f.dir != "" {
		if attach, err = f.evidence(ctx, path); err != nil {
			return err
		}
	}
	p, err := oci.Push(ctx, r, path, time.Now())
	if err != nil {
		return err
	}
	if signature != nil {
		if err := r.AttachSignature(ctx, p.Manifest, signature); err != nil {
			return err
		}
	}
	for _, e := range attach {
		if err := r.AttachEvidence(ctx, p.Manifest, e); err != nil {
			return err
		}
	}
	signed := "no signature"
	if signature != nil {
		signed = "1 signature"
	}
	fmt.Fprintf(s.out, "pushed     %s\ndigest     %s\nmodel      sha256:%s\nfiles      %d (%s)\nattached   %s, %s of evidence\n",
		r, r.At(p.Manifest.Digest), p.Identity.SHA256, p.Files, byteCount(p.Bytes), signed, plural(len(attach), "piece"))
	return nil
}

// evidence reads what a folder holds about a model. Who signed it is checked by those
// who pull.
func (f pushFlags) evidence(ctx context.Context, path string) ([]*evidence.Envelope, error) {
	subject, err := subjectOf(ctx, path, f.dir, nil)
	if err != nil {
		return nil, err
	}
	list, err := (evidence.Folder{Dir: f.dir}).Envelopes(subject)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageErrorf("--evidence: %s does not exist", f.dir)
	}
	if err != nil {
		return nil, invalidErrorf("--evidence: %w", err)
	}
	return list, nil
}
