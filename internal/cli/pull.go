package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/pipeline/oci"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/sign"
	"github.com/spf13/cobra"
)

type pullFlags struct {
	keys        []string
	policy      string
	environment string
	evidence    string
	unverified  bool
	plain       bool
}

func newPull(s streams) *cobra.Command {
	var f pullFlags
	cmd := &cobra.Command{
		Use:   "pull ADDRESS DIR",
		Short: "fetch a model from an OCI registry, and verify it before it can be used",
		Long: `pull fetches a ModelPack artifact into DIR, which must not exist. The model is there only
after it was verified: its signature, which one of the keys must have made, and with
--policy the evidence attached to it, on which a gate decides as merlon gate does. With
--policy the signature may be missing; one that is there has to be valid.

ADDRESS is HOST/REPOSITORY:TAG or HOST/REPOSITORY@sha256:HEX. This verb uses the network.

Exit code: 0 fetched and verified, 1 the policy does not let it pass, 2 usage, 3 the
registry failed or evidence is incomplete, 4 the signature, the evidence or the artifact
is invalid. On all but 0 there is no DIR.`,
		Example: `  merlon pull registry.example.com/team/my-model:v1 ./my-model --key ci.pub
  merlon pull registry.example.com/team/my-model:v1 ./my-model --key ci.pub --policy baseline`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return f.run(ctx, s, args[0], args[1])
		},
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.keys, "key", nil, "public key to trust, `[NAME=]FILE` or vault://MOUNT/keys/NAME; may be given many times")
	fl.StringVar(&f.policy, "policy", "", "`FILE` with a policy, or the name of one, that the evidence must pass")
	fl.StringVar(&f.environment, "environment", "", "`NAME` of where it is to run, such as production")
	fl.StringVar(&f.evidence, "evidence", "", "keep the evidence that was attached in the folder `DIR`")
	fl.BoolVar(&f.unverified, "unverified", false, "fetch without verifying anything but the digests of the registry")
	fl.BoolVar(&f.plain, "plain-http", false, "speak HTTP without TLS; to this machine that is the default")
	return cmd
}

func (f pullFlags) run(ctx context.Context, s streams, address, dir string) error {
	switch _, err := os.Lstat(dir); {
	case err == nil:
		return usageErrorf("%s is there already: name a new folder", dir)
	case len(f.keys) == 0 && !f.unverified:
		return usageErrorf("--key is missing: name the public keys to trust (or --unverified, to trust whoever can write to the registry)")
	case f.unverified && (len(f.keys) > 0 || f.policy != ""):
		return usageErrorf("--unverified verifies nothing: leave out --key and --policy")
	}
	r, err := oci.Open(address, f.plain)
	if err != nil {
		return usageErrorf("%w", err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".merlon-pull-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	p, err := oci.Pull(ctx, r, filepath.Join(tmp, "model"))
	if errors.Is(err, oci.ErrModel) {
		return invalidErrorf("%s: %w", r, err)
	}
	if err != nil {
		return err
	}
	attached, err := r.Attached(ctx, p.Manifest)
	if err != nil {
		return err
	}
	folder := evidence.Folder{Dir: filepath.Join(tmp, "evidence")}
	if err := attached.Store(folder); err != nil {
		return err
	}
	signature, err := f.verify(ctx, s, p, attached, folder)
	if err != nil {
		return err
	}
	if signature != nil {
		err := safeio.WriteFile(filepath.Join(tmp, "model", sign.DefaultName), 0o644, func(w io.Writer) error { _, err := w.Write(signature); return err })
		if err != nil {
			return err
		}
	}
	if f.evidence != "" {
		if err := attached.Store(evidence.Folder{Dir: f.evidence}); err != nil {
			return err
		}
	}
	if err := os.Chmod(filepath.Join(tmp, "model"), 0o755); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(tmp, "model"), dir); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "pulled     %s\nmodel      sha256:%s\nfiles      %d (%s)\nwritten    %s\n", r.At(p.Manifest.Digest), p.Identity.SHA256, p.Files, byteCount(p.Bytes), dir)
	return nil
}

// verify decides whether the model may be used, and returns the signature that says so.
func (f pullFlags) verify(ctx context.Context, s streams, p *oci.Pulled, a *oci.Attached, folder evidence.Folder) ([]byte, error) {
	if f.unverified {
		fmt.Fprintln(s.err, "merlon: warning: nothing was verified; anybody who can write to the registry could have changed the model")
		return nil, nil
	}
	signature, err := f.signature(ctx, s, p, a)
	if err != nil || f.policy == "" {
		return signature, err
	}
	policy, err := policyNamed(f.policy)
	if err != nil {
		return nil, err
	}
	program, err := gate.Compile(policy)
	if err != nil {
		return nil, invalidErrorf("policy %s: %w", f.policy, err)
	}
	in, _, err := gateFlags{dir: folder.Dir, keys: f.keys, environment: f.environment}.collect(ctx, p.Path)
	if err != nil {
		return nil, err
	}
	d, err := program.Evaluate(in)
	if err != nil {
		return nil, invalidErrorf("policy %s: %w", f.policy, err)
	}
	if err := decisionTable(s.out, in, d); err != nil {
		return nil, err
	}
	return signature, gateAnswer(d, in)
}

// signature finds the signature by a trusted key. There has to be one unless a policy
// decides; and where none of those that are there is valid, that is an error always.
func (f pullFlags) signature(ctx context.Context, s streams, p *oci.Pulled, a *oci.Attached) ([]byte, error) {
	if len(a.Signatures) == 0 {
		if f.policy == "" {
			return nil, invalidErrorf("no signature is attached to the model, so nobody vouches for it (with --policy, signed evidence can)")
		}
		return nil, nil
	}
	var last error
	for _, ref := range f.keys {
		k, err := publicKey(ctx, keyFile(ref))
		if err != nil {
			return nil, err
		}
		for _, sig := range a.Signatures {
			rep, err := sign.Verify(ctx, p.Path, sig, sign.Check{Trust: sign.Trust{Key: k}})
			switch {
			case err != nil && !errors.Is(err, sign.ErrInvalid):
				return nil, err
			case err != nil:
				last = err
			case len(rep.Problems) > 0:
				last = fmt.Errorf("the model is not what was signed: %s", strings.Join(strings.Fields(rep.Problems[0].String()), " "))
			default:
				fmt.Fprintf(s.out, "verified   signed by %s, key %s\n", keyFile(ref), rep.KeyID)
				return sig, nil
			}
		}
	}
	return nil, invalidErrorf("no trusted key signed the model: %w", last)
}
