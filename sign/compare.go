package sign

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kind says what is wrong with a file.
type Kind string

// The kinds of problem.
const (
	Changed    Kind = "changed"
	Missing    Kind = "missing"
	Extra      Kind = "not signed"
	Renamed    Kind = "renamed"
	Case       Kind = "case"
	Symlink    Kind = "symlink"
	Special    Kind = "not a file"
	Unreadable Kind = "unreadable"
	BadName    Kind = "bad name"
)

// Problem is one file that keeps a model from being what was signed, or from being
// signed.
type Problem struct {
	Kind   Kind
	Path   string // below the model; "." for a model that is one file
	Other  string // the other name, of Renamed and Case
	Detail string // Optional
}

// String is one line.
func (p Problem) String() string {
	s := fmt.Sprintf("%-10s %s", p.Kind, quote(p.Path))
	if p.Detail != "" {
		s += ": " + p.Detail
	}
	return s
}

// quote shows a name as it is, or quoted where it has anything in it that a terminal
// would not show.
func quote(name string) string {
	if q := strconv.QuoteToGraphic(name); q != `"`+name+`"` || strings.ContainsRune(name, ' ') {
		return q
	}
	return name
}

// clashes refuses a signature whose names are one file for some file systems.
func clashes(want map[string]*expected) error {
	seen := make(map[string]string, len(want))
	for name := range want {
		k := foldName(name)
		if other, ok := seen[k]; ok {
			pair := []string{name, other}
			slices.Sort(pair)
			return fmt.Errorf("it covers %q and %q, which are one file on macOS and Windows", pair[0], pair[1])
		}
		seen[k] = name
	}
	return nil
}

// compare hashes what is there and reports where it differs from what was signed.
func (t *tree) compare(ctx context.Context, m manifest, want map[string]*expected, r *Report, c Check) error {
	if what := t.misfit(want); what != "" {
		r.Problems = append(r.Problems, Problem{Kind: Changed, Path: ".", Detail: what})
		return nil
	}
	files, problems, err := t.list(ctx)
	if err != nil {
		return err
	}
	own, _ := Below(t.path, c.SignatureFile)
	for _, name := range t.skipped {
		if name != own {
			r.Ignored = append(r.Ignored, name)
		}
	}
	r.Problems = problems
	named := map[string]bool{} // files with a problem are not missing as well
	for _, p := range problems {
		named[p.Path] = true
	}
	var jobs []*job
	var extra []file
	there := make(map[string]bool, len(files))
	for _, f := range files {
		e := want[f.name]
		if e == nil && t.single != "" {
			e = want[t.name]
		}
		if e == nil {
			if m.Method == methodShards && f.size == 0 {
				r.Unsigned = append(r.Unsigned, f.name)
			} else {
				extra = append(extra, f)
			}
			continue
		}
		there[f.name] = true
		j := &job{file: f}
		if e.digest == "" {
			if end := e.parts[len(e.parts)-1].end; end != f.size {
				r.Problems = append(r.Problems, Problem{Kind: Changed, Path: f.name, Detail: fmt.Sprintf("%d bytes, %d were signed", f.size, end)})
				continue
			}
			j.ranges = shards(f.size, m.ShardSize)
		}
		jobs = append(jobs, j)
	}
	var missing []string
	for name := range want {
		if t.single == "" && !there[name] && !named[name] {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	if err := t.hash(ctx, jobs, c.Workers, c.Progress); err != nil {
		return err
	}
	for _, j := range jobs {
		e := want[j.file.name]
		if e == nil {
			e = want[t.name]
		}
		if p := j.differs(e); p != nil {
			r.Problems = append(r.Problems, *p)
			continue
		}
		r.Bytes += j.file.size
	}
	if err := t.explain(ctx, m, want, missing, extra, r, c); err != nil {
		return err
	}
	slices.SortFunc(r.Problems, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// misfit says why the model cannot be what was signed at all; "" when it can.
// model_signing calls a model of one file ".", the specification by its name.
func (t *tree) misfit(want map[string]*expected) string {
	switch {
	case t.single == "" && want["."] != nil:
		return "the signature is of a single file, and this is a folder"
	case t.single != "" && want["."] == nil && (len(want) > 1 || want[t.name] == nil):
		return "the signature is of a folder, and this is a single file"
	}
	return ""
}

// differs compares a hashed file with what was signed.
func (j *job) differs(e *expected) *Problem {
	switch {
	case j.err != nil:
		return &Problem{Kind: Unreadable, Path: j.file.name, Detail: reason(j.err)}
	case e.digest != "" && j.digest[0] != e.digest:
		return &Problem{Kind: Changed, Path: j.file.name, Detail: fmt.Sprintf("sha256 is %s, %s was signed", j.digest[0], e.digest)}
	}
	for i, p := range e.parts {
		if j.digest[i] != p.digest {
			return &Problem{Kind: Changed, Path: j.file.name, Detail: fmt.Sprintf("bytes %d to %d differ", p.start, p.end)}
		}
	}
	return nil
}

// explain tells files that moved from those that are new or gone.
func (t *tree) explain(ctx context.Context, m manifest, want map[string]*expected, missing []string, extra []file, r *Report, c Check) error {
	byFold := make(map[string]string, len(missing))
	gone := make(map[string]bool, len(missing)) // of missing, what is not explained yet
	for _, name := range missing {
		byFold[foldName(name)] = name
		gone[name] = true
	}
	var unknown []*job
	for _, f := range extra {
		if signed, ok := byFold[foldName(f.name)]; ok && gone[signed] {
			r.Problems = append(r.Problems, Problem{Kind: Case, Path: f.name, Other: signed, Detail: "signed as " + quote(signed)})
			delete(gone, signed)
			continue
		}
		j := &job{file: f}
		if m.Method == methodShards {
			j.ranges = shards(f.size, m.ShardSize)
		}
		unknown = append(unknown, j)
	}
	if len(gone) > 0 { // otherwise nothing can have been renamed, and nothing need be read
		if err := t.hash(ctx, unknown, c.Workers, c.Progress); err != nil {
			return err
		}
	}
	byContent := map[string][]string{}
	for _, name := range missing {
		if gone[name] {
			k := want[name].content()
			byContent[k] = append(byContent[k], name)
		}
	}
	for _, j := range unknown {
		p := Problem{Kind: Extra, Path: j.file.name}
		k := strings.Join(j.digest, " ")
		if names := byContent[k]; k != "" && len(names) > 0 {
			p = Problem{Kind: Renamed, Path: j.file.name, Other: names[0], Detail: "signed as " + quote(names[0])}
			delete(gone, names[0])
			byContent[k] = names[1:]
		}
		r.Problems = append(r.Problems, p)
	}
	for _, name := range missing {
		if gone[name] {
			r.Problems = append(r.Problems, Problem{Kind: Missing, Path: name})
		}
	}
	return nil
}
