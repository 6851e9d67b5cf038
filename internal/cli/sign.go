package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/sign"
	"github.com/spf13/cobra"
)

type signFlags struct {
	key     keyFlags
	output  string
	ignore  []string
	links   bool
	shard   int64
	workers int
}

func newSign(s streams) *cobra.Command {
	var f signFlags
	cmd := &cobra.Command{
		Use:   "sign PATH",
		Short: "sign a model, a file or a folder, as OpenSSF Model Signing v1.0",
		Long: `sign reads every file of a model and signs the list of their digests. The signature
is a Sigstore bundle: merlon verify checks it, and so does model_signing.

What .git, .github, .gitignore and .gitattributes hold, the signature itself and what
--ignore names is not signed; the signature says so. Links, and names that are one
file on other systems, are refused.

Exit code: 0 signed, 2 usage, 3 the model cannot be signed as a whole.`,
		Example: `  merlon sign ./my-model --key release.key
  merlon sign model.safetensors --key release.key --output model.safetensors.sig
  merlon sign ./my-model --key vault://transit/keys/release
  merlon sign ./my-model --key signer.key --cert-chain signer-and-intermediates.pem`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return f.run(ctx, s, args[0])
		},
	}
	f.key.register(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.key.chain, "cert-chain", "", "certificates to put into the signature: PEM `FILE`, the signer's first")
	fl.StringVarP(&f.output, "output", "o", "", "write the signature to `FILE` (default: "+sign.DefaultName+" in the folder, or beside the file)")
	fl.StringArrayVar(&f.ignore, "ignore", nil, "do not sign this file or folder, `PATH` below the model; may be given many times")
	fl.BoolVar(&f.links, "allow-symlinks", false, "sign what links inside the model lead to")
	fl.Int64Var(&f.shard, "shard-size", 0, "sign parts of this many `BYTES` instead of whole files")
	fl.IntVarP(&f.workers, "jobs", "j", 0, "files read at once (default: one per CPU)")
	return cmd
}

func (f signFlags) run(ctx context.Context, s streams, path string) error {
	if err := exists(path); err != nil {
		return err
	}
	if _, err := sign.CleanIgnore(f.ignore); err != nil {
		return usageErrorf("--ignore: %w", err)
	}
	if f.shard < 0 {
		return usageErrorf("--shard-size %d is not a size", f.shard)
	}
	k, err := f.key.signer(ctx)
	if err != nil {
		return err
	}
	if err := sign.Usable(k.PublicKey()); err != nil {
		return usageErrorf("%w", err)
	}
	chain, err := f.key.certificates()
	if err != nil {
		return err
	}
	out := f.output
	if out == "" {
		out = defaultSignature(path)
	}
	if err := replaceable(out); err != nil {
		return err
	}
	o := sign.Options{Ignore: f.ignore, AllowSymlinks: f.links, ShardSize: f.shard, Chain: chain, Workers: f.workers}
	if rel, ok := sign.Below(path, out); ok {
		o.Ignore = append(o.Ignore, rel)
	}
	bar := startByteProgress(s.err, "signing")
	o.Progress = bar.add
	sig, sum, err := sign.Sign(ctx, path, k, o)
	bar.stop()
	if errors.Is(err, context.Canceled) {
		return errors.New("stopped before the end; nothing was signed")
	}
	if err != nil {
		return err
	}
	err = safeio.WriteFile(out, 0o644, func(w io.Writer) error {
		_, err := w.Write(sig)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "signed     %s\nsignature  %s\nkey        %s\ndigest     sha256:%s\nfiles      %d (%s)\n",
		path, out, k.PublicKey().KeyID(), sum.Digest, sum.Files, byteCount(sum.Bytes))
	return nil
}

// defaultSignature is where a signature lies when nobody says where.
func defaultSignature(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, sign.DefaultName)
	}
	return filepath.Join(filepath.Dir(path), sign.DefaultName)
}

// replaceable refuses to overwrite what is not a signature.
func replaceable(file string) error {
	info, err := os.Stat(file)
	if err != nil || info.Size() == 0 || !info.Mode().IsRegular() {
		return nil
	}
	b, err := safeio.ReadFile(file, sign.MaxSignature)
	if err != nil || !sign.Looks(b) {
		return usageErrorf("%s is already there and is not a signature; choose another file with --output", file)
	}
	return nil
}

// byteCount prints a size for people.
func byteCount(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d bytes", n)
	}
	f, i := float64(n)/unit, 0
	for f >= unit && i < 4 {
		f /= unit
		i++
	}
	return fmt.Sprintf("%.1f %s", f, []string{"kB", "MB", "GB", "TB", "PB"}[i])
}
