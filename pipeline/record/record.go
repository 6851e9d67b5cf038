// Package record runs a step of training or evaluation and says what came of it: which
// files went in and came out, by digest, and with which code, packages, variables and
// hardware. [Run] makes the record, [Rerun] repeats one.
//
// Inputs are observed where the system allows it (see package watch), those of
// programs that the step starts included, or else declared: the record says which.
package record

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/pipeline/record/watch"
)

// Options say what to run and what to record.
type Options struct {
	Command  []string
	Dir      string   // the project, where the command runs
	Without  []string // folders that do not belong to it, such as that of the evidence. Optional
	Inputs   []string // files and folders that go in. Optional
	Outputs  []string // files and folders that come out, and that the record is about. Optional, default all that is written
	Observe  []string // more folders whose files are observed. Optional
	Declared bool     // do not observe; inputs and outputs are those declared
	Env      []string // names of variables to record as well. Optional
	// Parameters and Metrics of the step; Metrics is called after it. Optional
	Parameters map[string]any
	Metrics    func() ([]evidence.Measurement, error)

	Tool           evidence.Tool
	Helper         []string // this program and the arguments that lead to [Watched]
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Signals        <-chan os.Signal // passed on to the command. Optional
}

// Result is what a step left behind.
type Result struct {
	ExitCode int
	Run      *evidence.TrainingRun
	Subjects []evidence.Subject // the outputs that the record is about
	Notes    []string           // what a reader should know
}

// ErrNotStarted is returned by [Run] if the command could not be started.
var ErrNotStarted = errors.New("the command could not be started")

// Run runs a step. A command that fails is no error: its exit code is recorded. On an
// error after the command has ended the result holds its exit code.
func Run(ctx context.Context, o Options) (*Result, error) {
	dir, err := realPath(o.Dir)
	if err != nil {
		return nil, err
	}
	path, err := exec.LookPath(o.Command[0])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	declared, err := identify(ctx, dir, o.Inputs)
	if err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	b, err := newBook(append([]string{dir}, o.Observe...), o.Without)
	if err != nil {
		return nil, err
	}
	run := &evidence.TrainingRun{
		Tool: o.Tool, StartedAt: time.Now().UTC(), InputsFrom: "observed", Hardware: hardware(),
		Parameters: o.Parameters, Metrics: []evidence.Measurement{},
	}
	if run.Parameters == nil {
		run.Parameters = map[string]any{}
	}
	if run.Code, err = code(ctx, dir); err != nil {
		return nil, fmt.Errorf("git: %w", err)
	}
	res := &Result{Run: run}
	var hidden bool
	if run.Command, hidden = masked(o.Command); hidden {
		res.note("credentials in the command are not recorded, so it cannot be repeated; pass them in the environment")
	}
	s := &step{path, o.Command, os.Environ(), dir, o.Stdin, o.Stdout, o.Stderr, o.Signals}
	left := false
	if !o.Declared {
		res.ExitCode, left, err = s.observe(o.Helper, b)
		if errors.Is(err, watch.ErrUnsupported) {
			res.note("inputs are declared and not observed: %v", err)
			o.Declared = true
		}
	}
	if o.Declared {
		if len(o.Outputs) == 0 {
			return nil, errors.New("files are not observed: name what comes out with --output")
		}
		run.InputsFrom = "declared"
		res.ExitCode, err = s.run()
	}
	if err != nil {
		return res, err
	}
	if left {
		res.note("programs that the step left behind are not observed any more, and can open no files")
	}
	run.FinishedAt = time.Now().UTC()
	run.ExitCode = int64(res.ExitCode)
	run.ID = id(run.StartedAt)
	return res, res.collect(ctx, o, dir, b, declared)
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// collect completes a record after the end of the command.
func (r *Result) collect(ctx context.Context, o Options, dir string, b *book, declared []evidence.Resource) error {
	if b.err != nil {
		return b.err
	}
	var folders []string
	for _, d := range o.Inputs {
		if real, err := realPath(at(dir, d)); err == nil {
			folders = append(folders, real)
		}
	}
	inputs, err := b.inputs(ctx, dir, folders)
	if err != nil {
		return err
	}
	named, err := identify(ctx, dir, o.Outputs)
	if err != nil && r.ExitCode == 0 {
		return fmt.Errorf("output: %w", err)
	}
	outputs, err := b.outputs(ctx, dir)
	if err != nil {
		return fmt.Errorf("output: %w", err)
	}
	r.Run.Inputs, r.Run.Outputs = merge(declared, inputs), merge(named, outputs)
	if named == nil {
		named = outputs
	}
	for _, out := range named {
		r.Subjects = append(r.Subjects, evidence.Subject{Name: filepath.Base(filepath.FromSlash(out.Name)), Digest: out.Digest})
	}
	if n := len(b.outside); n > 0 {
		some := slices.Sorted(maps.Keys(b.outside))
		r.note("%d more files outside of the project were read and are not in the record, such as %s; --observe DIR records those below DIR", n, some[0])
	}
	r.environment(o, b)
	if o.Metrics != nil && r.ExitCode == 0 {
		if r.Run.Metrics, err = o.Metrics(); err != nil {
			return err
		}
	}
	return nil
}

func (r *Result) environment(o Options, b *book) {
	sites, version := python(o.Command, os.Getenv)
	for s := range b.sites {
		if !slices.Contains(sites, s) {
			sites = append(sites, s)
		}
	}
	if version == "" {
		for _, s := range sites { // .../lib/python3.12/site-packages
			if _, v, ok := strings.Cut(filepath.Base(filepath.Dir(s)), "python"); ok && strings.Contains(v, ".") {
				version = "CPython " + v
			}
		}
	}
	vars, notes := environment(o.Env, os.Environ())
	r.Notes = append(r.Notes, notes...)
	r.Run.Environment = evidence.Environment{OS: runtime.GOOS, Arch: runtime.GOARCH, Runtime: version, Packages: packages(sites), Variables: vars}
}

// id names a run: when it began, and something that no other has.
func id(at time.Time) string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails
	return at.Format("20060102T150405Z") + "-" + hex.EncodeToString(b)
}
