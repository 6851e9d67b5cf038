package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/ledger"
	"github.com/merlon-security/merlon/safeio"
	"github.com/spf13/cobra"
)

func newLedgerInit(s streams) *cobra.Command {
	var name, key string
	cmd := &cobra.Command{
		Use:   "init DIR",
		Short: "make an empty ledger and its key",
		Long: `init makes an empty ledger in DIR and a key for its checkpoints. The secret half is
written to --key (by default to merlon's data folder) and never into DIR; the public
half is in DIR/ledger.json and printed: give it to those who will verify.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := args[0]
			if name == "" {
				var b [8]byte
				if _, err := rand.Read(b[:]); err != nil {
					return err
				}
				name = "merlon.dev/ledger/" + hex.EncodeToString(b[:])
			}
			signer, verifier, err := ledger.GenerateKey(name)
			if err != nil {
				return usageErrorf("%w", err)
			}
			path, err := ledgerKeyPath(key, name)
			if err != nil {
				return err
			}
			if inside(path, dir) {
				return usageErrorf("the key %s would lie in the ledger's folder, where whoever can change the ledger can use it; choose another place", path)
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return err
			}
			if err := writeNew(path, 0o600, signer+"\n"); err != nil {
				return usageErrorf("the key: %w", err)
			}
			ctx, stop := interruptible()
			defer stop()
			if err := ledger.Create(ctx, dir, signer, verifier); err != nil {
				os.Remove(path)
				if errors.Is(err, fs.ErrExist) {
					return usageErrorf("%w", err)
				}
				return err
			}
			fmt.Fprintf(s.out, "ledger  %s\nname    %s\nkey     %s (secret: signs checkpoints, keep a copy)\npublic  %s\n", dir, name, path, verifier)
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "unique name, such as example.com/audit (default: random)")
	cmd.Flags().StringVar(&key, "key", "", "file to write the secret key to")
	return cmd
}

// inside reports whether path lies in dir.
func inside(path, dir string) bool {
	p, err1 := filepath.Abs(path)
	d, err2 := filepath.Abs(dir)
	if err1 != nil || err2 != nil {
		return true
	}
	rel, err := filepath.Rel(d, p)
	return err == nil && filepath.IsLocal(rel)
}

type ledgerAppend struct {
	entry    ledger.Entry
	subjects []string
	key      string
	wait     time.Duration
}

func newLedgerAppend(s streams) *cobra.Command {
	var a ledgerAppend
	cmd := &cobra.Command{
		Use:   "append DIR [EVIDENCE...]",
		Short: "add entries and seal them",
		Long: `append adds one entry and returns when it is on the disk and covered by a signed
checkpoint. It prints the entry's number and digest.

Each EVIDENCE is a file with a signed statement (DSSE): what it is about becomes the
subjects of the entry, its digest is noted as evidence.

With - in place of EVIDENCE entries are read from stdin, one JSON object a line:
{"actor":{"subject":"ci"},"action":"model.promote","subjects":["sha256:..."]}.

A --subject is sha256: and 64 hex digits, or a file, whose digest is taken.`,
		Example: `  merlon ledger append audit --action model.promote --subject model.onnx --decision allow
  merlon ledger append audit evidence/*/*.dsse.json
  merlon ledger append audit - < entries.jsonl`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return a.run(ctx, s, args[0], args[1:])
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&a.entry.Action, "action", "", "what was done, such as model.promote (default with EVIDENCE: evidence.add)")
	fl.StringVar(&a.entry.Actor.Subject, "actor", "", "who did it (default: the user id that runs merlon)")
	fl.StringVar(&a.entry.Actor.Issuer, "issuer", "", "who vouches for the actor")
	fl.StringVar(&a.entry.Actor.Method, "method", "", "how the actor was identified: os, oidc, mtls, key")
	fl.StringArrayVar(&a.subjects, "subject", nil, "what it was done to: a file or sha256:...; may be given many times")
	fl.StringVar(&a.entry.Decision, "decision", "", "allow, deny or modify")
	fl.StringVar(&a.entry.Reason, "reason", "", "why")
	fl.StringVar(&a.entry.Policy, "policy", "", "sha256:... of the policy in force")
	fl.StringVar(&a.entry.Request, "request", "", "id that joins records of other systems")
	fl.StringVar(&a.key, "key", "", "file with the secret key of the ledger")
	fl.DurationVar(&a.wait, "wait", 10*time.Second, "how long to wait for another writer")
	return cmd
}

func (a ledgerAppend) run(ctx context.Context, s streams, dir string, files []string) error {
	m, err := ledger.ReadMeta(dir)
	if err != nil {
		return ledgerError(dir, err)
	}
	entries, err := a.entries(ctx, s.in, files)
	if err != nil {
		return err
	}
	key, err := readLedgerKey(a.key, m.Origin)
	if err != nil {
		return err
	}
	seen, err := remember(m)
	if err != nil {
		return ledgerError(dir, err)
	}
	l, err := ledger.Open(ctx, dir, ledger.Options{Signer: key, Wait: a.wait, Earlier: seen.earlier()})
	if err != nil {
		return ledgerError(dir, err)
	}
	receipts, err := l.Append(ctx, entries...)
	cp, closeErr := l.Close(context.WithoutCancel(ctx))
	if err := errors.Join(err, closeErr); err != nil {
		return ledgerError(dir, err)
	}
	for _, r := range receipts {
		fmt.Fprintf(s.out, "entry %d  sha256:%s\n", r.Seq, r.Hash)
	}
	return ledgerError(dir, seen.keep(cp))
}

// entries makes what is to be appended from the flags, files and stdin.
func (a ledgerAppend) entries(ctx context.Context, stdin io.Reader, files []string) ([]ledger.Entry, error) {
	if len(files) == 1 && files[0] == "-" {
		return readEntries(stdin)
	}
	e := a.entry
	if e.Actor.Subject == "" {
		// What the system vouches for: names in the environment anyone can set.
		e.Actor = ledger.Actor{Subject: fmt.Sprintf("uid:%d", os.Getuid()), Method: "os"}
		if host, err := os.Hostname(); err == nil {
			e.Actor.Issuer = host
		}
	}
	for _, name := range a.subjects {
		d, err := subjectDigest(ctx, name)
		if err != nil {
			return nil, err
		}
		e.Subjects = append(e.Subjects, d)
	}
	if len(files) == 0 {
		if e.Action == "" {
			return nil, usageErrorf("give --action, EVIDENCE files, or - for entries on stdin")
		}
		if err := e.Check(); err != nil {
			return nil, usageErrorf("%w", err)
		}
		return []ledger.Entry{e}, nil
	}
	var out []ledger.Entry
	for _, name := range files {
		one, err := evidenceEntry(e, name)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// evidenceEntry notes a signed statement. Its signature is judged by the gate, which
// knows whom to trust, not here.
func evidenceEntry(e ledger.Entry, name string) (ledger.Entry, error) {
	b, err := safeio.ReadFile(name, evidence.MaxEnvelope)
	if errors.Is(err, fs.ErrNotExist) {
		return e, usageErrorf("evidence %q does not exist", name)
	}
	if err != nil {
		return e, err
	}
	env, err := evidence.ParseEnvelope(b)
	if err != nil {
		return e, invalidErrorf("%s is not a signed statement: %w", name, err)
	}
	st, err := evidence.Parse(env.Payload)
	if err != nil {
		return e, invalidErrorf("%s: %w", name, err)
	}
	e.Subjects = append([]string{}, e.Subjects...)
	for _, sub := range st.Subject {
		e.Subjects = append(e.Subjects, "sha256:"+sub.Digest["sha256"])
	}
	e.Evidence = []string{"sha256:" + evidence.Digest(b)}
	if e.Action == "" {
		e.Action = "evidence.add"
	}
	return e, nil
}

func subjectDigest(ctx context.Context, name string) (string, error) {
	if strings.HasPrefix(name, "sha256:") {
		return name, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", usageErrorf("subject %q is neither a file nor sha256: and 64 hex digits", name)
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", usageErrorf("subject %q is not a regular file; name a folder by the root of merlon inspect --digest", name)
	}
	d, err := safeio.SHA256(ctx, fileContent{f, info.Size()})
	return "sha256:" + d, err
}

type fileContent struct {
	*os.File
	size int64
}

func (f fileContent) Size() int64 { return f.size }

func readEntries(r io.Reader) ([]ledger.Entry, error) {
	var out []ledger.Entry
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 2*ledger.MaxEntry)
	for n := 1; sc.Scan(); n++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		var e ledger.Entry
		dec := json.NewDecoder(bytes.NewReader(sc.Bytes()))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&e); err != nil {
			return nil, usageErrorf("line %d: %w", n, err)
		}
		if err := e.Check(); err != nil {
			return nil, usageErrorf("line %d: %w", n, err)
		}
		out = append(out, e)
	}
	if err := sc.Err(); err != nil {
		return nil, usageErrorf("stdin: %w", err)
	}
	if len(out) == 0 {
		return nil, usageErrorf("stdin holds no entry")
	}
	return out, nil
}
