package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/pipeline/record"
	"github.com/merlon-security/merlon/safeio"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

type runFlags struct {
	out      string
	inputs   []string
	outputs  []string
	observe  []string
	declared bool
	env      []string
	params   []string
	metrics  string
	key      keyFlags
}

// watchedStep is the hidden verb by which merlon becomes the command that it observes.
const watchedStep = "watched-step"

func newRun(s streams) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run --out DIR [flags] -- CMD...",
		Short: "run a step of training or evaluation, and record what it read and wrote",
		Long: `run runs CMD and records what came of it: files that went in and came out, by digest,
the commit that is checked out, installed packages, hardware, duration, exit code. With
--key the record is signed evidence about what CMD wrote, in DIR.

On Linux the files that CMD and all programs that it starts open below the current
folder (and --observe) are observed. Elsewhere, and with --declared, inputs and outputs
are those named with --input and --output; the record says which of the two it is.
Files in .git, caches of Python and virtual environments do not count.

Of the environment only variables are recorded that results are known to depend on,
and those named with --env; values that look like credentials never are.

Exit code: that of CMD; 128 and its number when a signal ended it. When CMD succeeded
and the record could not be made: 2 usage, 3 a file could not be read or written.`,
		Example: `  merlon run --out evidence --key ci.key -- python train.py
  merlon run --out evidence --key ci.key --input /data/loans --output model.joblib -- make train`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return f.run(s, args) },
	}
	fl := cmd.Flags()
	fl.SetInterspersed(false)
	fl.StringVar(&f.out, "out", "", "folder for the record, a folder of evidence `DIR`")
	fl.StringArrayVar(&f.inputs, "input", nil, "file or folder `PATH` that goes in; may be given many times")
	fl.StringArrayVar(&f.outputs, "output", nil, "file or folder `PATH` that comes out, and that the record is about; may be given many times (default: all files written)")
	fl.StringArrayVar(&f.observe, "observe", nil, "observe files below `DIR` too; may be given many times")
	fl.BoolVar(&f.declared, "declared", false, "observe nothing: inputs and outputs are those named")
	fl.StringArrayVar(&f.env, "env", nil, "record the variable `NAME` too; may be given many times")
	fl.StringArrayVar(&f.params, "param", nil, "a parameter `NAME=VALUE` of the step, for the record only; may be given many times")
	fl.StringVar(&f.metrics, "metrics", "", "JSON `FILE` that CMD writes: numbers by name, or a list of measurements")
	f.key.register(cmd)
	return cmd
}

func newWatchedStep() *cobra.Command {
	return &cobra.Command{
		Use: watchedStep, Hidden: true, DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error { return record.Watched(args) },
	}
}

func (f runFlags) run(s streams, command []string) error {
	if f.out == "" {
		return usageErrorf("--out is missing: name a folder for the record")
	}
	params, err := parameters(f.params)
	if err != nil {
		return err
	}
	ctx := context.Background()
	o := record.Options{
		Command: command, Dir: ".", Without: []string{f.out}, Inputs: f.inputs, Outputs: f.outputs, Observe: f.observe,
		Declared: f.declared, Env: f.env, Parameters: params, Tool: evidence.Tool{Name: "merlon", Version: merlon.Version()},
		Stdin: s.in, Stdout: s.out, Stderr: s.err,
	}
	for _, p := range append(append([]string{}, f.inputs...), f.observe...) {
		if err := exists(p); err != nil {
			return err
		}
	}
	if f.metrics != "" {
		o.Metrics = func() ([]evidence.Measurement, error) { return readMetrics(f.metrics) }
	}
	if f.key.key != "" { // a wrong key is found before an hour of training
		if _, err := f.key.signer(ctx); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	o.Helper = []string{self, os.Args[0], watchedStep}
	signals, stop := stepSignals()
	defer stop()
	o.Signals = signals
	res, err := record.Run(ctx, o)
	switch {
	case errors.Is(err, record.ErrNotStarted):
		return usageErrorf("%w", err)
	case err == nil:
		err = f.keep(ctx, s, res)
	}
	if res != nil && res.ExitCode != 0 {
		if err == nil {
			err = errors.New("")
		}
		return &codeError{res.ExitCode, err}
	}
	return err
}

// stepSignals are the signals that the command gets. Those of the keyboard it gets from
// the terminal, when there is one, together with merlon.
func stepSignals() (<-chan os.Signal, func()) {
	all, pass := make(chan os.Signal, 8), make(chan os.Signal, 8)
	signal.Notify(all, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	keyboard := term.IsTerminal(int(os.Stdin.Fd()))
	go func() {
		for sig := range all {
			if !keyboard || sig != os.Interrupt && sig != syscall.SIGQUIT {
				pass <- sig
			}
		}
	}()
	return pass, func() { signal.Stop(all); close(all) }
}

// keep writes the record: as it is, and signed where there is a key and something that
// it is about.
func (f runFlags) keep(ctx context.Context, s streams, res *record.Result) error {
	for _, n := range res.Notes {
		fmt.Fprintln(s.err, "merlon: note:", n)
	}
	file := filepath.Join(f.out, "run-"+res.Run.ID+".json")
	err := safeio.WriteFile(file, 0o644, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(res.Run)
	})
	if err != nil {
		return err
	}
	signed := ""
	switch {
	case f.key.key == "":
		signed = ", not signed (--key)"
	case len(res.Subjects) == 0:
		signed = ", not signed, because nothing was written that it could be about"
	default:
		if err := f.sign(ctx, res); err != nil {
			return err
		}
		signed = ", signed"
	}
	fmt.Fprintf(s.err, "merlon: %s %s, %s: %s%s\n", plural(len(res.Run.Inputs), "input"), res.Run.InputsFrom, plural(len(res.Run.Outputs), "output"), file, signed)
	return nil
}

func (f runFlags) sign(ctx context.Context, res *record.Result) error {
	signer, err := f.key.signer(ctx)
	if err != nil {
		return err
	}
	statements, err := res.Statements()
	if err != nil {
		return err
	}
	for _, st := range statements {
		e, err := evidence.Sign(ctx, st, signer)
		if err != nil {
			return err
		}
		if _, err := (evidence.Folder{Dir: f.out}).Add(e); err != nil {
			return err
		}
	}
	return nil
}

// parameters reads NAME=VALUE; a value that is a number, true or false in JSON is one.
func parameters(list []string) (map[string]any, error) {
	out := map[string]any{}
	for _, p := range list {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return nil, usageErrorf("--param %q: write NAME=VALUE", p)
		}
		var v any
		if json.Unmarshal([]byte(value), &v) != nil {
			v = value
		}
		switch v.(type) {
		case float64, bool, string:
		default:
			v = value
		}
		out[name] = v
	}
	return out, nil
}

const maxMetrics = 1 << 20 // bytes

func readMetrics(file string) ([]evidence.Measurement, error) {
	b, err := safeio.ReadFile(file, maxMetrics)
	if err != nil {
		return nil, fmt.Errorf("--metrics: %w", err)
	}
	list := []evidence.Measurement{}
	if json.Unmarshal(b, &list) == nil {
		return list, nil
	}
	var numbers map[string]float64
	if err := json.Unmarshal(b, &numbers); err != nil {
		return nil, usageErrorf("--metrics: %s: neither numbers by name nor a list of measurements: %w", file, err)
	}
	for name, v := range numbers {
		list = append(list, evidence.Measurement{Name: name, Value: v})
	}
	slices.SortFunc(list, func(a, b evidence.Measurement) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}
