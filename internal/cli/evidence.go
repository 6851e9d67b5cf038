package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/merlon-security/merlon/evidence"
	"github.com/spf13/cobra"
)

func newEvidence(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "evidence",
		Short: "look at signed evidence",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newEvidenceList(s), newEvidenceVerify(s), newEvidenceAdd(s))
	return cmd
}

type evidenceList struct {
	dir    string
	keys   []string
	ignore []string
	format string
}

func newEvidenceList(s streams) *cobra.Command {
	var f evidenceList
	cmd := &cobra.Command{
		Use:   "list PATH",
		Short: "list the evidence about a model, and check every signature",
		Long: `list computes the digest of PATH (or takes sha256:HEX) and reads what a folder of
evidence holds about it. What one of the keys signed is evidence; what nobody signed
that is trusted, or what was changed, is listed as refused.

Exit code: 0, also where there is no evidence; 2 usage; 3 the folder could not be read;
4 something in the folder is refused.`,
		Example: `  merlon evidence list ./my-model --evidence evidence --key ci.pub --key owner.pub`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return f.run(ctx, s, args[0])
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.dir, "evidence", "", "folder of evidence `DIR`")
	fl.StringArrayVar(&f.keys, "key", nil, "public key to trust: PEM `FILE`, or vault://MOUNT/keys/NAME; may be given many times")
	fl.StringArrayVar(&f.ignore, "ignore", nil, "a file or folder that is not part of the model, `PATH` below it; may be given many times")
	fl.StringVar(&f.format, "format", "text", "format on stdout: text, json")
	return cmd
}

// trusted reads the keys that evidence must be signed by.
func trusted(ctx context.Context, keys []string) ([]evidence.Verifier, error) {
	var out []evidence.Verifier
	for _, ref := range keys {
		k, err := publicKey(ctx, ref)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

func (f evidenceList) run(ctx context.Context, s streams, path string) error {
	switch {
	case f.format != "text" && f.format != "json":
		return usageErrorf("unknown format %q (one of text, json)", f.format)
	case f.dir == "":
		return usageErrorf("--evidence is missing: name the folder")
	case len(f.keys) == 0:
		return usageErrorf("--key is missing: name the public keys to trust")
	}
	keys, err := trusted(ctx, f.keys)
	if err != nil {
		return err
	}
	subject, err := subjectOf(ctx, path, f.dir, f.ignore)
	if err != nil {
		return err
	}
	records, problems, err := (evidence.Folder{Dir: f.dir}).Read(subject, keys...)
	if errors.Is(err, fs.ErrNotExist) {
		return usageErrorf("--evidence: %s does not exist", f.dir)
	}
	if err != nil {
		return err
	}
	if f.format == "json" {
		err = writeEvidenceJSON(s.out, subject, records, problems)
	} else {
		err = writeEvidenceText(s.out, path, subject, records, problems)
	}
	if err == nil && len(problems) > 0 {
		err = &codeError{exitInvalid, errors.New("")}
	}
	return err
}

func writeEvidenceText(out io.Writer, path string, subject evidence.Subject, records []evidence.Record, problems []evidence.Problem) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "%s\nsha256:%s\n", path, subject.Digest["sha256"])
	for _, r := range records {
		fmt.Fprintf(w, "  %-10s %s  %s\n", r.Kind, r.When.UTC().Format(time.RFC3339), gist(r.Predicate))
		fmt.Fprintf(w, "             by %s\n", strings.Join(r.Signers, ", "))
	}
	for _, p := range problems {
		fmt.Fprintf(w, "  REFUSED    %s: %s\n", p.File, p.Err)
	}
	if len(records)+len(problems) == 0 {
		fmt.Fprintln(w, "  no evidence")
	}
	return w.Flush()
}

// gist is the one thing to know about a predicate.
func gist(p evidence.Predicate) string {
	switch p := p.(type) {
	case *evidence.ScanResult:
		s := plural(len(p.Findings), "finding")
		if p.Asset.Verdict != "" {
			s = p.Asset.Verdict + ", " + s
		}
		if !p.Coverage.Complete {
			s += ", not complete"
		}
		return s
	case *evidence.TestResult:
		return quoteLine(p.Name) + " " + p.Outcome
	case *evidence.TrainingRun:
		return fmt.Sprintf("run %s, exit code %d", quoteLine(p.ID), p.ExitCode)
	case *evidence.DatasetProfile:
		return fmt.Sprintf("%s, %s", quoteLine(p.Name), plural(int(p.Rows), "row"))
	case *evidence.ModelCard:
		return quoteLine(p.Name)
	case *evidence.Approval:
		return p.Decision + " by " + quoteLine(p.Approver)
	case *evidence.Exception:
		return quoteLine(p.Rule) + " until " + p.ExpiresAt.UTC().Format(time.DateOnly)
	case *evidence.Summary:
		return p.Result
	case *evidence.Deployment:
		return p.Action + " to " + quoteLine(p.Environment)
	case *evidence.Incident:
		return p.Status + ": " + quoteLine(p.Title)
	case *evidence.BillOfMaterials:
		return plural(p.Components, "component")
	case *evidence.BuildProvenance:
		return "built by " + quoteLine(p.Run.Builder.ID)
	}
	return ""
}

// quoteLine shows text of others on a terminal: what does not print is escaped.
func quoteLine(s string) string {
	q := fmt.Sprintf("%.80q", s)
	if q == `"`+s+`"` {
		return s
	}
	return q
}

type evidenceItem struct {
	Kind      string          `json:"kind"`
	Type      string          `json:"type"`
	Time      string          `json:"time"`
	Signers   []string        `json:"signers"`
	File      string          `json:"file"`
	Digest    string          `json:"digest"`
	Predicate json.RawMessage `json:"predicate"`
}

func writeEvidenceJSON(w io.Writer, subject evidence.Subject, records []evidence.Record, problems []evidence.Problem) error {
	type refused struct {
		File  string `json:"file"`
		Error string `json:"error"`
	}
	doc := struct {
		Subject  string         `json:"subject"`
		Evidence []evidenceItem `json:"evidence"`
		Refused  []refused      `json:"refused"`
	}{"sha256:" + subject.Digest["sha256"], []evidenceItem{}, []refused{}}
	for _, r := range records {
		doc.Evidence = append(doc.Evidence, evidenceItem{
			Kind: string(r.Kind), Type: r.Statement.PredicateType, Time: r.When.UTC().Format(time.RFC3339), Signers: r.Signers,
			File: r.File, Digest: "sha256:" + r.Digest, Predicate: r.Statement.Predicate,
		})
	}
	for _, p := range problems {
		doc.Refused = append(doc.Refused, refused{p.File, p.Err.Error()})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}
