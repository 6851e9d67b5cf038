package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/pipeline/record"
	"github.com/merlon-security/merlon/safeio"
	"github.com/spf13/cobra"
)

type reproduceFlags struct {
	keys    []string
	dir     string
	inPlace bool
	format  string
}

func newReproduce(s streams) *cobra.Command {
	var f reproduceFlags
	cmd := &cobra.Command{
		Use:   "reproduce RECORD",
		Short: "repeat a recorded run, and compare what comes out",
		Long: `reproduce runs the command of a record again (run-*.json, or the signed training-*.dsse.json)
and compares the digests of what it writes with those of the record.

It runs in a temporary folder that holds only the inputs of the record, which have to
have the digests of the record, so it also shows whether the record names them all.
With --in-place it runs in --dir, over what is there. The command is the one in the
record: repeat only runs of people that you trust, and check who signed with --key.

What the command prints goes to stderr.

Exit code: 0 everything came out the same, 1 something differs, 2 usage, 3 it could not
be repeated, 4 no trusted key signed the record.`,
		Example: `  merlon reproduce evidence/run-20261121T120000Z-1a2b3c4d.json`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return f.run(s, args[0]) },
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.keys, "key", nil, "public key that must have signed the record: PEM `FILE`, or vault://MOUNT/keys/NAME; may be given many times")
	fl.StringVar(&f.dir, "dir", ".", "the project, where the inputs are, `DIR`")
	fl.BoolVar(&f.inPlace, "in-place", false, "run in --dir and write over what is there")
	fl.StringVar(&f.format, "format", "text", "format on stdout: text, json")
	return cmd
}

func (f reproduceFlags) run(s streams, file string) error {
	if f.format != "text" && f.format != "json" {
		return usageErrorf("unknown format %q (one of text, json)", f.format)
	}
	ctx := context.Background()
	run, err := readRun(ctx, file, f.keys)
	if err != nil {
		return err
	}
	signals, stop := stepSignals()
	defer stop()
	rep, err := record.Rerun(ctx, record.RerunOptions{
		Run: run, Dir: f.dir, InPlace: f.inPlace, Stdin: s.in, Stdout: s.err, Stderr: s.err, Signals: signals,
	})
	if err != nil {
		return err
	}
	same := int64(rep.ExitCode) == run.ExitCode
	for _, c := range rep.Outputs {
		same = same && c.Same()
	}
	if f.format == "json" {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		err = e.Encode(map[string]any{"run": run.ID, "same": same, "exit_code": rep.ExitCode, "outputs": rep.Outputs, "differs": list(rep.Differs)})
	} else {
		writeRepetition(s, run, rep)
	}
	if err == nil && !same {
		err = errGateFailed
	}
	return err
}

func list(l []string) []string { return append([]string{}, l...) }

func writeRepetition(s streams, run *evidence.TrainingRun, rep *record.Repetition) {
	fmt.Fprintf(s.out, "run %s\n", quoteLine(run.ID))
	for _, d := range rep.Differs {
		fmt.Fprintln(s.out, "  note       ", d)
	}
	if int64(rep.ExitCode) != run.ExitCode {
		fmt.Fprintf(s.out, "  differs     exit code %d, was %d\n", rep.ExitCode, run.ExitCode)
	}
	for _, c := range rep.Outputs {
		switch {
		case c.Same():
			fmt.Fprintf(s.out, "  same        %s\n", quoteLine(c.Name))
		case c.Got == "":
			fmt.Fprintf(s.out, "  missing     %s\n", quoteLine(c.Name))
		default:
			fmt.Fprintf(s.out, "  differs     %s (%.12s, was %.12s)\n", quoteLine(c.Name), c.Got, c.Want)
		}
	}
}

// readRun reads a record: plain, or signed.
func readRun(ctx context.Context, file string, keys []string) (*evidence.TrainingRun, error) {
	b, err := safeio.ReadFile(file, evidence.MaxStored)
	if errors.Is(err, os.ErrNotExist) {
		return nil, usageErrorf("%s does not exist", file)
	}
	if err != nil {
		return nil, err
	}
	var st evidence.Statement
	if bytes.Contains(b, []byte(`"payloadType"`)) {
		e, err := evidence.ParseEnvelope(b)
		if err == nil && keys != nil {
			var trust []evidence.Verifier
			if trust, err = trusted(ctx, keys); err != nil {
				return nil, err
			}
			st, _, err = e.Verify(trust...)
		} else if err == nil {
			st, err = evidence.Parse(e.Payload)
		}
		if err != nil {
			return nil, invalidErrorf("%s: %w", file, err)
		}
	} else {
		if keys != nil {
			return nil, invalidErrorf("%s is not signed; name the training-*.dsse.json in a folder of evidence", file)
		}
		st = evidence.Statement{Type: evidence.StatementType, PredicateType: evidence.TrainingType, Predicate: b}
	}
	p, err := st.Decode()
	if err != nil {
		return nil, invalidErrorf("%s: %w", file, err)
	}
	run, ok := p.(*evidence.TrainingRun)
	if !ok {
		return nil, invalidErrorf("%s is about a %s and no run", file, st.Kind().Title())
	}
	return run, nil
}
