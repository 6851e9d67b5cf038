package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/safeio"
	"github.com/spf13/cobra"
)

type evidenceFile struct {
	keys    []string
	subject string
	dir     string
	ignore  []string
}

func newEvidenceVerify(s streams) *cobra.Command {
	var f evidenceFile
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "check one signed statement, and what it is about",
		Long: `verify checks that one of the keys signed the statement in FILE and that its
predicate has the form of its type. With --subject it also checks that the statement is
about this file, folder or digest.

Exit code: 0 valid, 2 usage, 4 not valid, not by a trusted key, or about something else.`,
		Example: `  merlon evidence verify approval.dsse.json --key owner.pub --subject ./my-model`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return f.verify(ctx, s, args[0])
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.subject, "subject", "", "what it must be about: a file, a folder, or sha256:HEX")
	return cmd
}

func newEvidenceAdd(s streams) *cobra.Command {
	var f evidenceFile
	cmd := &cobra.Command{
		Use:   "add FILE...",
		Short: "put signed statements of others into a folder of evidence",
		Long: `add checks each statement as verify does and keeps it under the digests that it is
about. Nothing is kept unless all are valid.`,
		Example: `  merlon evidence add approval.dsse.json --evidence evidence --key owner.pub`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return f.add(ctx, s, args)
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.dir, "evidence", "", "folder of evidence `DIR`")
	return cmd
}

func (f *evidenceFile) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.keys, "key", nil, "public key to trust: PEM `FILE`, or vault://MOUNT/keys/NAME; may be given many times")
	cmd.Flags().StringArrayVar(&f.ignore, "ignore", nil, "a file or folder that is not part of the subject, `PATH` below it; may be given many times")
}

// open reads a statement that one of the keys signed.
func (f evidenceFile) open(file string, keys []evidence.Verifier) (*evidence.Envelope, evidence.Statement, []string, error) {
	fail := func(err error) (*evidence.Envelope, evidence.Statement, []string, error) {
		return nil, evidence.Statement{}, nil, invalidErrorf("%s: %w", file, err)
	}
	if err := exists(file); err != nil {
		return nil, evidence.Statement{}, nil, err
	}
	b, err := safeio.ReadFile(file, evidence.MaxStored)
	if err != nil {
		return nil, evidence.Statement{}, nil, err
	}
	e, err := evidence.ParseEnvelope(b)
	if err != nil {
		return fail(err)
	}
	st, by, err := e.Verify(keys...)
	if err != nil {
		return fail(err)
	}
	if _, err := st.Decode(); err != nil && !errors.Is(err, evidence.ErrUnknown) {
		return fail(err)
	}
	return e, st, by, nil
}

func (f evidenceFile) verify(ctx context.Context, s streams, file string) error {
	if len(f.keys) == 0 {
		return usageErrorf("--key is missing: name the public keys to trust")
	}
	keys, err := trusted(ctx, f.keys)
	if err != nil {
		return err
	}
	_, st, by, err := f.open(file, keys)
	if err != nil {
		return err
	}
	if f.subject != "" {
		want, err := subjectOf(ctx, f.subject, "", f.ignore)
		if err != nil {
			return err
		}
		same := false
		for _, sub := range st.Subject {
			same = same || sub.Matches(want)
		}
		if !same {
			return invalidErrorf("%s: signed, and about something else than %s (sha256:%s)", file, f.subject, want.Digest["sha256"])
		}
	}
	return printStatement(s.out, file, st, by)
}

func printStatement(out io.Writer, file string, st evidence.Statement, by []string) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "verified   %s\n", file)
	for _, id := range by {
		fmt.Fprintf(w, "key        %s\n", id)
	}
	for _, sub := range st.Subject {
		fmt.Fprintf(w, "subject    sha256:%s  %s\n", sub.Digest["sha256"], quoteLine(sub.Name))
	}
	p, err := st.Decode()
	if err != nil { // a type that is not known: its form cannot be checked
		fmt.Fprintf(w, "type       %s (not known to merlon: its form was not checked)\n", quoteLine(st.PredicateType))
		return w.Flush()
	}
	fmt.Fprintf(w, "type       %s\n", st.Kind())
	if when := p.When(); !when.IsZero() {
		fmt.Fprintf(w, "time       %s\n", when.UTC().Format(time.RFC3339))
	}
	fmt.Fprintf(w, "states     %s\n", gist(p))
	return w.Flush()
}

func (f evidenceFile) add(ctx context.Context, s streams, files []string) error {
	switch {
	case f.dir == "":
		return usageErrorf("--evidence is missing: name the folder")
	case len(f.keys) == 0:
		return usageErrorf("--key is missing: name the public keys to trust")
	}
	keys, err := trusted(ctx, f.keys)
	if err != nil {
		return err
	}
	var list []*evidence.Envelope
	for _, file := range files {
		e, _, _, err := f.open(file, keys)
		if err != nil {
			return err
		}
		list = append(list, e)
	}
	for _, e := range list {
		stored, err := (evidence.Folder{Dir: f.dir}).Add(e)
		if err != nil {
			return err
		}
		fmt.Fprintln(s.out, strings.Join(stored, "\n"))
	}
	return nil
}
