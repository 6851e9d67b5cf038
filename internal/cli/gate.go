package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/pipeline/oci"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/text/strictyaml"
	"github.com/spf13/cobra"
)

type gateFlags struct {
	policy      string
	dir         string
	ledger      string
	public      string // key of the ledger
	keys        []string
	ignore      []string
	environment string
	format      string
	input       bool
	plain       bool // HTTP
	sign        keyFlags
}

func newGate(s streams) *cobra.Command {
	var f gateFlags
	cmd := &cobra.Command{
		Use:   "gate PATH",
		Short: "decide by a policy whether a model may pass, from signed evidence about it",
		Long: `gate computes the digest of PATH (or takes sha256:HEX), reads what a folder of
evidence holds about it, and decides. What nobody signed whose key is given with --key is
no evidence, and its presence is an error. Where a check was done several times, the
worst result counts.

From a plain folder nobody can tell whether evidence was removed, and the decision says
so. With --ledger everything that the ledger knows about PATH has to be there, and of
several runs of the same check the last one counts.

Policies: ` + strings.Join(gate.Builtin(), ", ") + `, or a FILE.

Exit code: 0 it may pass, 1 it may not, 2 usage, 3 something was not looked at, 4 the
policy, the ledger or a signature is invalid.`,
		Example: `  merlon gate ./my-model --policy baseline --evidence evidence --key ci.pub
  merlon gate ./my-model --policy policy.yaml --evidence evidence --key ci=ci.pub --key owner=owner.pub --environment production
  merlon gate ./my-model --policy strict --evidence evidence --ledger audit --key ci.pub --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return f.run(ctx, s, args[0])
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.policy, "policy", "", "`FILE` with a policy, or the name of one (merlon policy list)")
	fl.StringVar(&f.dir, "evidence", "", "folder of evidence `DIR`, or oci://HOST/REPOSITORY:TAG for what is attached to a model in a registry (uses the network)")
	fl.BoolVar(&f.plain, "plain-http", false, "speak HTTP without TLS to the registry; to this machine that is the default")
	fl.StringArrayVar(&f.keys, "key", nil, "public key to trust, `[NAME=]FILE` or vault://MOUNT/keys/NAME; may be given many times. NAME is what policies call it (default: that of the file)")
	fl.StringVar(&f.ledger, "ledger", "", "ledger `DIR` that knows all evidence")
	fl.StringVar(&f.public, "ledger-public", "", "public key of the ledger, or a file that holds it, from another source than the ledger's folder")
	fl.StringVar(&f.environment, "environment", "", "`NAME` of where it is to run, such as production")
	fl.StringArrayVar(&f.ignore, "ignore", nil, "a file or folder that is not part of the model, `PATH` below it; may be given many times")
	fl.StringVar(&f.format, "format", "table", "format on stdout: table, json")
	fl.BoolVar(&f.input, "print-input", false, "print what policies see, as JSON, and decide nothing")
	fl.StringVar(&f.sign.key, "sign", "", "sign the decision with the private `KEY` and keep it in the folder of evidence")
	fl.StringVar(&f.sign.passphrase, "passphrase-file", "", "`FILE` with the passphrase of an encrypted key")
	_ = cmd.RegisterFlagCompletionFunc("policy", cobra.FixedCompletions(gate.Builtin(), cobra.ShellCompDirectiveDefault))
	return cmd
}

// policyNamed reads a policy: a built-in one by name, any other from a file.
func policyNamed(name string) (gate.Policy, error) {
	for _, b := range gate.Builtin() {
		if b == name {
			return gate.Named(name)
		}
	}
	doc, err := safeio.ReadFile(name, strictyaml.MaxSize)
	if errors.Is(err, fs.ErrNotExist) {
		_, unknown := gate.Named(name)
		return gate.Policy{}, usageErrorf("--policy: %w", unknown)
	}
	if err != nil {
		return gate.Policy{}, usageErrorf("--policy: %w", err)
	}
	p, err := gate.Parse(doc)
	if err != nil {
		return gate.Policy{}, invalidErrorf("policy %s: %w", name, err)
	}
	return p, nil
}

// namedKeys reads --key [NAME=]REF. The names are those that policies use.
func namedKeys(ctx context.Context, refs []string) ([]evidence.Verifier, map[string]string, error) {
	names := map[string]string{}
	var out []evidence.Verifier
	for _, ref := range refs {
		name, file := splitKey(ref)
		k, err := publicKey(ctx, file)
		if err != nil {
			return nil, nil, err
		}
		if old := names[k.KeyID()]; old != "" && old != name {
			return nil, nil, usageErrorf("--key: %s and %s are the same key", old, name)
		}
		names[k.KeyID()] = name
		out = append(out, k)
	}
	seen := map[string]string{}
	for id, name := range names {
		if other := seen[name]; other != "" {
			return nil, nil, usageErrorf("--key: two keys are called %q: give them names, --key NAME=FILE", name)
		}
		seen[name] = id
	}
	return out, names, nil
}

// splitKey splits [NAME=]REF; the name is by default that of the file.
func splitKey(ref string) (name, file string) {
	name, file, named := strings.Cut(ref, "=")
	if !named || strings.ContainsAny(name, `/\`) {
		return strings.TrimSuffix(path.Base(filepath.ToSlash(ref)), path.Ext(ref)), ref
	}
	return name, file
}

func keyFile(ref string) string {
	_, file := splitKey(ref)
	return file
}

func (f gateFlags) run(ctx context.Context, s streams, path string) error {
	switch {
	case f.format != "table" && f.format != "json":
		return usageErrorf("unknown format %q (one of table, json)", f.format)
	case f.policy == "" && !f.input:
		return usageErrorf("--policy is missing: a file, or one of %s", strings.Join(gate.Builtin(), ", "))
	case f.dir == "":
		return usageErrorf("--evidence is missing: name the folder")
	case len(f.keys) == 0:
		return usageErrorf("--key is missing: name the public keys to trust")
	}
	var program *gate.Program
	if !f.input {
		p, err := policyNamed(f.policy)
		if err != nil {
			return err
		}
		if program, err = gate.Compile(p); err != nil {
			return invalidErrorf("policy %s: %w", f.policy, err)
		}
	}
	if strings.HasPrefix(f.dir, oci.Scheme) {
		if f.sign.key != "" {
			return usageErrorf("--sign needs a folder of evidence to keep the decision in: pull the evidence first (merlon pull --evidence DIR)")
		}
		dir, err := fetchEvidence(ctx, f.dir, f.plain)
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		f.dir = dir
	}
	signer, err := (evidenceFlags{dir: f.dir, key: f.sign}).openDecision(ctx)
	if err != nil {
		return err
	}
	in, records, err := f.collect(ctx, path)
	if err != nil {
		return err
	}
	if f.input {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		return e.Encode(in)
	}
	d, err := program.Evaluate(in)
	if err != nil {
		return invalidErrorf("policy %s: %w", f.policy, err)
	}
	if signer != nil {
		if err := f.keep(ctx, s, path, program.Policy(), d, in, records, signer); err != nil {
			return err
		}
	}
	if f.format == "json" {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		err = e.Encode(d)
	} else {
		err = decisionTable(s.out, in, d)
	}
	if err != nil {
		return err
	}
	return gateAnswer(d, in)
}

// collect reads the evidence about a path.
func (f gateFlags) collect(ctx context.Context, path string) (gate.Input, []evidence.Record, error) {
	keys, names, err := namedKeys(ctx, f.keys)
	if err != nil {
		return gate.Input{}, nil, err
	}
	subject, err := subjectOf(ctx, path, f.dir, f.ignore)
	if err != nil {
		return gate.Input{}, nil, err
	}
	c := gate.Collection{Subject: subject, Now: time.Now(), Environment: f.environment, Source: gate.SourceFolder, KeyNames: names}
	c.Records, c.Problems, err = evidence.Folder{Dir: f.dir}.Read(subject, keys...)
	if errors.Is(err, fs.ErrNotExist) {
		return gate.Input{}, nil, usageErrorf("--evidence: %s does not exist", f.dir)
	}
	if err != nil {
		return gate.Input{}, nil, err
	}
	if f.ledger != "" {
		known, err := f.readLedger(ctx, "sha256:"+subject.Digest["sha256"])
		if err != nil {
			return gate.Input{}, nil, err
		}
		c = gate.FromLedger(c, known)
	}
	in, err := gate.Collect(c)
	return in, c.Records, err
}

// fetchEvidence writes what is attached to a model in a registry into a folder of
// evidence of its own.
func fetchEvidence(ctx context.Context, address string, plain bool) (dir string, err error) {
	r, err := oci.Open(address, plain)
	if err != nil {
		return "", usageErrorf("--evidence: %w", err)
	}
	d, err := r.Resolve(ctx)
	if err != nil {
		return "", err
	}
	attached, err := r.Attached(ctx, d)
	if err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp("", "merlon-evidence-"); err != nil {
		return "", err
	}
	if err := attached.Store(evidence.Folder{Dir: dir}); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// gateAnswer turns a decision into an exit code.
func gateAnswer(d evidence.Decision, in gate.Input) error {
	switch {
	case len(in.Refused) > 0:
		return &codeError{exitInvalid, errors.New("")}
	case d.Outcome == evidence.Fail:
		return errGateFailed
	case d.Outcome != evidence.Pass:
		return errIncomplete
	}
	return nil
}

// keep signs the decision and adds it to the evidence.
func (f gateFlags) keep(ctx context.Context, s streams, path string, p gate.Policy, d evidence.Decision, in gate.Input, records []evidence.Record, signer evidence.Signer) error {
	digest, err := p.Digest()
	if err != nil {
		return err
	}
	var inputs []string
	for _, r := range records {
		inputs = append(inputs, r.Digest)
	}
	st, err := evidence.About(evidence.NewSummary(d, merlon.Version(), path, digest, inputs, in.Now),
		evidence.Subject{Name: in.Asset.Name, Digest: map[string]string{"sha256": strings.TrimPrefix(in.Asset.Digest, "sha256:")}})
	if err != nil {
		return err
	}
	e, err := evidence.Sign(ctx, st, signer)
	if err != nil {
		return err
	}
	_, err = evidence.Folder{Dir: f.dir}.Add(e)
	return err
}
