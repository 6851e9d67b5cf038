package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/internal/config"
	"github.com/merlon-security/merlon/text"
	"github.com/spf13/cobra"
)

// fixFlags are the flags of merlon fix.
type fixFlags struct {
	scanFlags
	write, diff, unsafe bool
	rule                []string
}

func newFix(s streams) *cobra.Command {
	var f fixFlags
	cmd := &cobra.Command{
		Use:   "fix [PATH...]",
		Short: "mend what a scan of Python code finds, where that is mechanical",
		Long: `fix looks at the Python code below the given paths (default: the current folder)
and mends the findings that have a fix: torch.load gets weights_only=True, yaml.load
becomes yaml.safe_load, verify=False goes. It shows the difference; --write makes it.

For honest input a mended program does what it did. Changes that honest users may
notice, such as 127.0.0.1 in place of 0.0.0.0, are made with --unsafe only.

Every change is checked before it is shown: the file parses, the finding is gone and no
other one has come. What is ignored in the code or in merlon.yaml is left alone, and so
are notebooks.

Exit code: 0 done, 2 usage or configuration, 3 something could not be looked at, or a
file could not be written.`,
		Example: `  merlon fix
  merlon fix src/ --write
  merlon fix --rule code/torch-load-default | git apply`,
		RunE: func(_ *cobra.Command, args []string) error { return f.run(s, args) },
	}
	fl := cmd.Flags()
	fl.BoolVar(&f.write, "write", false, "change the files")
	fl.BoolVar(&f.diff, "diff", false, "show the difference (default without --write)")
	fl.BoolVar(&f.unsafe, "unsafe", false, "also make changes that honest users may notice")
	fl.StringArrayVar(&f.rule, "rule", nil, "mend findings of this `RULE` only; may be given many times")
	fl.StringArrayVar(&f.exclude, "exclude", nil, "leave out paths that match `GLOB`; may be given many times")
	fl.StringVar(&f.baseline, "baseline", "", "leave alone what is in the JSON report `FILE` of an earlier scan")
	fl.StringVar(&f.config, "config", "", "configuration `FILE` (default: "+config.FileName+" in the current folder)")
	fl.StringVar(&f.profile, "profile", "", "rules for Python code: "+strings.Join(merlon.PythonProfiles(), ", ")+" (default default)")
	fl.StringArrayVar(&f.rules, "rules", nil, "also use the models and rules for Python code in the folder `DIR`; may be given many times")
	fl.BoolVar(&f.allowIncomplete, "allow-incomplete", false, "exit with 0 instead of 3 when something could not be looked at")
	_ = cmd.RegisterFlagCompletionFunc("profile", cobra.FixedCompletions(merlon.PythonProfiles(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (f fixFlags) run(s streams, paths []string) error {
	ctx, stop := interruptible()
	defer stop()
	if len(paths) == 0 {
		paths = []string{"."}
	}
	for _, p := range paths {
		if _, err := os.Stat(p); missing(err) {
			return usageErrorf("path %q does not exist", p)
		}
	}
	now := time.Now()
	cfg, err := config.Load(f.config, now)
	if err != nil {
		return &codeError{exitUsage, err}
	}
	base, err := loadBaseline(f.baseline)
	if err != nil {
		return err
	}
	options := merlon.Options{Paths: paths, Exclude: excluder(append(cfg.Scan.Exclude, f.exclude...))}
	options.Limits.Workers = cfg.Scan.Workers
	if err := f.python(s, cfg, &options); err != nil {
		return err
	}
	bar := startProgress(s.err)
	options.Progress = bar.update
	fixed, err := merlon.Fix(ctx, options, merlon.FixOptions{Rules: f.rule, Unsafe: f.unsafe, Suppress: func(found []finding.Record) {
		base.apply(found)
		cfg.Apply(found, now)
	}})
	bar.stop()
	switch {
	case ctx.Err() != nil:
		return errors.New("stopped before the end; nothing was changed")
	case err != nil:
		return usageErrorf("%w", err)
	}
	for _, e := range fixed.Scan.Coverage.Errors {
		warn(s.err, "%s: %s", e.Path, e.Err)
	}
	if f.diff || !f.write {
		f.show(s, fixed.Diff())
	}
	var errs []error
	mended, files := 0, 0
	for _, x := range fixed.Files {
		if f.write {
			if err := fixed.Write(x); err != nil {
				errs = append(errs, err)
				continue
			}
		}
		mended, files = mended+len(x.Findings), files+1
		for _, m := range x.Findings {
			fmt.Fprintln(s.err, text.Visible(fmt.Sprintf("%s:%d: %s: %s", m.Locations[0].Ref, m.Locations[0].Line, m.Rule, m.Fixes[0].Title)))
		}
	}
	f.summary(s, fixed, mended, files)
	switch {
	case len(errs) > 0:
		return errors.Join(errs...)
	case fixed.Scan.Coverage.Incomplete() && !f.allowIncomplete:
		return errIncomplete
	}
	return nil
}

// show prints a difference: to a program as it is, to a person without what a terminal
// would take for commands.
func (f fixFlags) show(s streams, diff string) {
	if isTerminal(s.out) {
		var lines []string
		for l := range strings.SplitSeq(diff, "\n") {
			fields := strings.Split(l, "\t")
			for i := range fields {
				fields[i] = text.Visible(fields[i])
			}
			lines = append(lines, strings.Join(fields, "\t"))
		}
		diff = strings.Join(lines, "\n")
	}
	fmt.Fprint(s.out, diff)
}

func (f fixFlags) summary(s streams, fixed *merlon.Fixed, mended, files int) {
	for _, l := range fixed.Left {
		warn(s.err, "%s:%d: %s is not mended: %s", l.Locations[0].Ref, l.Locations[0].Line, l.Rule, l.Reason)
	}
	switch {
	case mended == 0 && len(fixed.Files) == 0:
		fmt.Fprintln(s.err, "nothing to mend")
	case f.write:
		fmt.Fprintf(s.err, "%s mended in %s\n", plural(mended, "finding"), plural(files, "file"))
	default:
		fmt.Fprintf(s.err, "%s in %s can be mended: --write does it\n", plural(mended, "finding"), plural(files, "file"))
	}
	if fixed.Unsafe > 0 {
		fmt.Fprintf(s.err, "%s more with --unsafe\n", plural(fixed.Unsafe, "finding"))
	}
}
