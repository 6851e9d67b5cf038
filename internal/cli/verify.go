package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/sign"
	"github.com/spf13/cobra"
)

type verifyFlags struct {
	key       string
	chain     string
	signature string
	at        string
	format    string
	links     bool
	workers   int
}

func newVerify(s streams) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify PATH",
		Short: "check that a model is what was signed, and by whom",
		Long: `verify checks a signature that merlon sign or model_signing (0.3.1 and later) made,
and compares every file with it. A changed, missing, renamed or additional file is
named.

--key is the public key that must have signed. --cert-chain holds the root
certificates to trust instead: nothing else is trusted, neither the system's roots nor
what came with the signature.

Exit code: 0 the model is what was signed, 2 usage, 3 it could not be read, 4 the
signature is not valid or the model is not what was signed.`,
		Example: `  merlon verify ./my-model --key release.pub
  merlon verify model.safetensors --key release.pub --signature model.safetensors.sig
  merlon verify ./my-model --cert-chain roots.pem`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return f.run(ctx, s, args[0])
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.key, "key", "", "public key: PEM `FILE`, or vault://MOUNT/keys/NAME")
	fl.StringVar(&f.chain, "cert-chain", "", "root certificates to trust, and intermediates: PEM `FILE`")
	fl.StringVar(&f.signature, "signature", "", "the signature (default: "+sign.DefaultName+" in the folder, or beside the file)")
	fl.StringVar(&f.at, "at", "", "accept certificates that were valid at this `TIME`, such as 2026-01-31T12:00:00Z (default: now)")
	fl.StringVar(&f.format, "format", "text", "format on stdout: text, json")
	fl.BoolVar(&f.links, "allow-symlinks", false, "follow links inside the model, such as those of a Hugging Face cache")
	fl.IntVarP(&f.workers, "jobs", "j", 0, "files read at once (default: one per CPU)")
	return cmd
}

func (f verifyFlags) run(ctx context.Context, s streams, path string) error {
	c := sign.Check{AllowSymlinks: f.links, Workers: f.workers, SignatureFile: f.signature}
	var err error
	switch {
	case f.format != "text" && f.format != "json":
		return usageErrorf("unknown format %q (one of text, json)", f.format)
	case (f.key == "") == (f.chain == ""):
		return usageErrorf("give the key that must have signed: --key PUB, or --cert-chain ROOTS")
	case f.at != "":
		if c.Trust.At, err = time.Parse(time.RFC3339, f.at); err != nil {
			return usageErrorf("--at: %q is not a time such as 2026-01-31T12:00:00Z", f.at)
		}
	}
	if err := exists(path); err != nil {
		return err
	}
	if c.SignatureFile == "" {
		c.SignatureFile = defaultSignature(path)
	}
	if err := exists(c.SignatureFile); err != nil {
		return usageErrorf("there is no signature %s: name it with --signature FILE", c.SignatureFile)
	}
	if f.chain != "" {
		c.Trust.Roots, err = roots(f.chain)
	} else {
		c.Trust.Key, err = publicKey(ctx, f.key)
	}
	if err != nil {
		return err
	}
	signature, err := safeio.ReadFile(c.SignatureFile, sign.MaxSignature)
	if err != nil {
		return err
	}
	bar := startByteProgress(s.err, "verifying")
	c.Progress = bar.add
	r, err := sign.Verify(ctx, path, signature, c)
	bar.stop()
	if errors.Is(err, context.Canceled) {
		return errors.New("stopped before the end; nothing is verified")
	}
	if errors.Is(err, sign.ErrInvalid) {
		if f.format == "json" {
			if err := writeVerification(s.out, path, c.SignatureFile, nil, err); err != nil {
				return err
			}
		}
		return invalidErrorf("%s: %w", c.SignatureFile, err)
	}
	if err != nil {
		return err
	}
	if f.format == "json" {
		err = writeVerification(s.out, path, c.SignatureFile, r, nil)
	} else {
		err = f.print(s.out, path, r)
	}
	if err != nil || len(r.Problems) == 0 {
		return err
	}
	return onlyUnreadable(r.Problems)
}

// onlyUnreadable tells tampering from a model that could not be read.
func onlyUnreadable(list []sign.Problem) error {
	for _, p := range list {
		if p.Kind != sign.Unreadable {
			return &codeError{exitInvalid, errors.New("")}
		}
	}
	return errIncomplete
}

func (f verifyFlags) print(w io.Writer, path string, r *sign.Report) error {
	var b strings.Builder
	if len(r.Problems) == 0 {
		fmt.Fprintf(&b, "verified   %s\n", path)
	} else {
		fmt.Fprintf(&b, "REFUSED    %s is not what was signed\n", path)
	}
	if r.Certificate != nil {
		fmt.Fprintf(&b, "signer     %s\n", certificateName(r.Certificate))
	} else {
		fmt.Fprintf(&b, "signer     %s\n", f.key)
	}
	fmt.Fprintf(&b, "key        %s\n", r.KeyID)
	if len(r.Problems) == 0 {
		fmt.Fprintf(&b, "digest     sha256:%s\nfiles      %d (%s)\n", r.Digest, r.Files, byteCount(r.Bytes))
	}
	if len(r.Ignored) > 0 {
		fmt.Fprintf(&b, "not looked at: %s\n", strings.Join(r.Ignored, ", "))
	}
	if len(r.Unsigned) > 0 {
		fmt.Fprintf(&b, "empty files that a signature of shards does not cover: %s\n", strings.Join(r.Unsigned, ", "))
	}
	if r.OldFormat {
		b.WriteString("the signature is in the format of model_signing before 1.1, which does not name its key: sign again when you can\n")
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "  %s\n", p)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// verification is the JSON of merlon verify.
type verification struct {
	Outcome   string                `json:"outcome"` // verified, refused, invalid
	Path      string                `json:"path"`
	Signature string                `json:"signature"`
	Digest    string                `json:"digest,omitempty"`
	KeyID     string                `json:"key_id,omitempty"`
	Signer    string                `json:"signer,omitempty"` // subject of a certificate
	Files     int                   `json:"files"`
	Bytes     int64                 `json:"bytes"`
	Ignored   []string              `json:"ignored"`
	Unsigned  []string              `json:"unsigned"`
	Problems  []verificationProblem `json:"problems"`
	Error     string                `json:"error,omitempty"`
}

type verificationProblem struct {
	Kind   string `json:"kind"`
	Path   string `json:"path"`
	Other  string `json:"other,omitempty"`
	Detail string `json:"detail,omitempty"`
}

func writeVerification(w io.Writer, path, signature string, r *sign.Report, invalid error) error {
	v := verification{Outcome: "verified", Path: path, Signature: signature, Ignored: []string{}, Unsigned: []string{}, Problems: []verificationProblem{}}
	if invalid != nil {
		v.Outcome, v.Error = "invalid", invalid.Error()
	}
	if r != nil {
		v.Digest, v.KeyID, v.Files, v.Bytes = "sha256:"+r.Digest, r.KeyID, r.Files, r.Bytes
		v.Ignored, v.Unsigned = append(v.Ignored, r.Ignored...), append(v.Unsigned, r.Unsigned...)
		if r.Certificate != nil {
			v.Signer = r.Certificate.Subject.String()
		}
		for _, p := range r.Problems {
			v.Outcome = "refused"
			v.Problems = append(v.Problems, verificationProblem{string(p.Kind), p.Path, p.Other, p.Detail})
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
