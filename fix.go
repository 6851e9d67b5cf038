package merlon

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/code/sast"
	"github.com/merlon-security/merlon/engine/patch"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text/strictyaml"
)

// FixOptions says what is mended.
type FixOptions struct {
	Rules  []string // ids of rules, or of other tools for the same. Optional, default all
	Unsafe bool     // also make changes that honest users may notice. Optional

	// Suppress marks findings that are accepted: they are not mended. Optional
	Suppress func([]finding.Record)
}

// Fixed is what [Fix] would change.
type Fixed struct {
	Files  []FixedFile
	Left   []UnfixedFinding // whose fix was tried and undone
	Unsafe int              // findings that could be mended with FixOptions.Unsafe
	Scan   *scan.Result     // what was found and looked at
	roots  []string
}

// FixedFile is a file with its findings mended.
type FixedFile = sast.Mended

// UnfixedFinding is a finding whose fix is not made, and why.
type UnfixedFinding = sast.Left

// Fix looks at the Python code below the paths and mends the findings that have a fix. It
// changes nothing on disk: [Fixed.Diff] shows what would, [Fixed.Write] does it. Every
// change is checked: the files parse, the findings are gone and no others have come.
func Fix(ctx context.Context, o Options, f FixOptions) (*Fixed, error) {
	if err := f.check(o); err != nil {
		return nil, err
	}
	x := sast.NewFixer(sast.Options{Profile: o.Profile, Knowledge: o.PythonRules})
	result, err := scan.Run(ctx, scan.Options{
		Roots: o.Paths, Scanners: []scan.Scanner{x}, Limits: o.Limits, Exclude: o.Exclude, Progress: o.Progress, Debug: o.Debug,
	})
	if err != nil {
		return nil, err
	}
	if f.Suppress != nil {
		f.Suppress(result.Findings)
	}
	out := &Fixed{Scan: result, roots: o.Paths}
	wanted := map[string]bool{}
	for _, r := range result.Findings {
		switch {
		case r.Suppressed != nil || len(r.Fixes) == 0 || !f.about(r.Rule):
		case !r.Fixes[0].Safe && !f.Unsafe:
			out.Unsafe++
		default:
			wanted[nameOf(r.Rule.ID, r.Where())] = true
		}
	}
	out.Files, out.Left, err = x.Mend(ctx, func(f finding.Finding) bool { return wanted[nameOf(f.Rule, f.Locations[0])] })
	return out, err
}

func nameOf(rule string, l finding.Location) string {
	return fmt.Sprintf("%s %s:%d:%d", rule, l.Ref, l.Line, l.Col)
}

func (f FixOptions) about(r finding.Rule) bool {
	return len(f.Rules) == 0 || slices.Contains(f.Rules, r.ID) || slices.ContainsFunc(r.Aliases, func(a string) bool { return slices.Contains(f.Rules, a) })
}

// check refuses rules that there are not.
func (f FixOptions) check(o Options) error {
	k, err := sast.Load()
	if o.PythonRules != nil {
		k, err = o.PythonRules, nil
	}
	if err != nil {
		return err
	}
	var known []string
	for _, r := range k.Rules() {
		known = append(append(known, r.ID), r.Aliases...)
	}
	for _, id := range f.Rules {
		if !slices.Contains(known, id) {
			guess := ""
			if near := strictyaml.Nearest(id, known); near != "" {
				guess = fmt.Sprintf("; did you mean %s?", near)
			}
			return fmt.Errorf("there is no rule %q for Python code%s", id, guess)
		}
	}
	return nil
}

// Diff is what would change, as git apply and patch -p1 take it.
func (f *Fixed) Diff() string {
	var b strings.Builder
	for _, x := range f.Files {
		b.WriteString(patch.Diff(x.Path, string(x.Old), string(x.New)))
	}
	return b.String()
}

// Write changes a file on disk, at once or not at all. It stays as it is if it has changed
// since it was looked at, and if it is a link or lies behind one that leads out of the
// paths.
func (f *Fixed) Write(x FixedFile) error { return patch.WriteFile(x.Path, f.roots, x.Old, x.New) }
