package scan

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
)

// Options says what to scan and how.
type Options struct {
	Roots    []string // files and folders; at least one
	Scanners []Scanner
	Limits   Limits
	// Exclude leaves out paths (as shown in reports). Optional.
	Exclude func(path string) bool
	// Progress is called from many goroutines, often; it must be quick. Optional.
	Progress func(Progress)
	// Cache keeps what is found out for the next run. It belongs to these scanners with
	// their versions and options, these limits and this build. Optional.
	Cache Cache
	// Debug puts stack traces of recovered panics into errors. Optional.
	Debug bool
}

// Progress is a state of a running scan.
type Progress struct {
	Seen, Done int64 // files on disk
	Walking    bool  // more will be seen
}

// Run scans. The error is about the request (no such path); everything that goes
// wrong with single files is in the result's coverage. When ctx ends, Run returns
// what it has, marked as interrupted.
func Run(ctx context.Context, o Options) (*Result, error) {
	e := &engine{opts: o, limits: o.Limits.withDefaults(), started: time.Now()}
	if err := e.register(o.Scanners); err != nil {
		return nil, err
	}
	roots, err := distinctRoots(o.Roots)
	if err != nil {
		return nil, err
	}
	e.roots = roots
	e.walk(ctx)
	e.finishProject(ctx)
	return e.result(ctx), nil
}

type registered struct {
	Scanner
	info  Info
	rules map[string]finding.Rule
}

// register notes what the scanners say about themselves.
func (e *engine) register(list []Scanner) error {
	interests := make([]*Interest, len(list))
	for i, s := range list {
		info := s.Info()
		rules := make(map[string]finding.Rule, len(info.Rules))
		for _, r := range info.Rules {
			rules[r.ID] = r
		}
		e.scanners = append(e.scanners, registered{Scanner: s, info: info, rules: rules})
		interests[i] = info.Interest
		if info.Vendored {
			e.vendored = true
		} else if i < maxScanners {
			e.ours.add(i)
		}
	}
	var err error
	e.table, err = newTable(interests)
	return err
}

type engine struct {
	opts     Options
	limits   Limits
	scanners []registered
	table    *table
	vendored bool // some scanner wants vendored trees
	ours     set  // scanners that do not
	roots    []string
	started  time.Time

	seen, done atomic.Int64
	walking    atomic.Bool

	mu  sync.Mutex
	res Result
}

// distinctRoots cleans the roots and drops those that lie inside another.
func distinctRoots(paths []string) ([]string, error) {
	if len(paths) == 0 {
		return nil, errors.New("nothing to scan: give at least one path")
	}
	var roots, abs []string
	for _, p := range paths {
		a, err := filepath.Abs(p)
		if err != nil {
			return nil, fmt.Errorf("path %q: %w", p, err)
		}
		if r, err := filepath.EvalSymlinks(a); err == nil {
			a = r
		}
		if slices.ContainsFunc(abs, func(b string) bool { return within(a, b) }) {
			continue
		}
		keep := roots[:0]
		var keepAbs []string
		for i, b := range abs {
			if !within(b, a) {
				keep, keepAbs = append(keep, roots[i]), append(keepAbs, b)
			}
		}
		roots, abs = append(keep, filepath.Clean(p)), append(keepAbs, a)
	}
	return roots, nil
}

// walk feeds the files to the workers.
func (e *engine) walk(ctx context.Context) {
	work := make(chan entry, 256)
	var wg sync.WaitGroup
	for range e.limits.Workers {
		wg.Go(func() {
			w := newWorker(e)
			for it := range work {
				if ctx.Err() == nil {
					w.entry(ctx, it)
				}
				e.done.Add(1)
				e.progress()
			}
		})
	}
	e.walking.Store(true)
	w := &walker{
		vendored: e.vendored,
		exclude:  e.opts.Exclude,
		emit: func(it entry) bool {
			e.seen.Add(1)
			select {
			case work <- it:
				return true
			case <-ctx.Done():
				return false
			}
		},
		skip: func(s Skip) { e.mu.Lock(); e.res.Coverage.Skipped = append(e.res.Coverage.Skipped, s); e.mu.Unlock() },
		fail: func(path string, err error) { e.fail(path, "walk", err) },
	}
	for _, r := range e.roots {
		if err := w.root(r); errors.Is(err, errStop) {
			break
		} else if err != nil {
			e.fail(slashed(r), "walk", reason(err))
		}
	}
	close(work)
	e.walking.Store(false)
	wg.Wait()
}

func (e *engine) progress() {
	if e.opts.Progress != nil {
		e.opts.Progress(Progress{Seen: e.seen.Load(), Done: e.done.Load(), Walking: e.walking.Load()})
	}
}

func (e *engine) fail(path, scanner string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.res.Coverage.Errors = append(e.res.Coverage.Errors, Error{Path: path, Scanner: scanner, Err: err.Error()})
}

// collect takes over what a task has gathered.
func (e *engine) collect(t *task) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := &e.res.Coverage
	c.FilesScanned++
	c.Bytes += t.entry.size
	c.Derived += t.derived
	c.Errors = append(c.Errors, t.errors...)
	e.res.Findings = append(e.res.Findings, t.findings...)
	e.res.Facts = append(e.res.Facts, t.facts...)
	e.res.Assets = append(e.res.Assets, t.assets...)
	e.res.Measurements = append(e.res.Measurements, t.measurements...)
}

// finishProject lets the project scanners speak, unless the scan was cut short:
// conclusions from half a project would be wrong.
func (e *engine) finishProject(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	sortFacts(e.res.Facts)
	sortAssets(e.res.Assets)
	p := &Project{Roots: e.roots, Cache: e.opts.Cache, Facts: e.res.Facts, Assets: slices.Clip(e.res.Assets)}
	for i := range e.scanners {
		r := &e.scanners[i]
		ps, ok := r.Scanner.(ProjectScanner)
		if !ok {
			continue
		}
		t := &task{engine: e}
		s := &Sink{task: t, scanner: r.info.ID, rules: r.rules, ctx: ctx}
		func() {
			defer func() {
				if p := recover(); p != nil {
					s.Fail(e.panicError(p))
				}
			}()
			if err := ps.Finish(ctx, p, s); err != nil {
				s.Fail(err)
			}
		}()
		e.collect(t)
		e.res.Coverage.FilesScanned--
	}
}

// result orders everything, so that equal inputs give equal results.
func (e *engine) result(ctx context.Context) *Result {
	r := &e.res
	r.Roots = e.roots
	r.Started = e.started
	for _, s := range e.scanners {
		r.Scanners = append(r.Scanners, s.info)
	}
	c := &r.Coverage
	c.FilesSeen = int(e.seen.Load())
	c.Interrupted = ctx.Err() != nil
	slices.SortFunc(c.Skipped, func(a, b Skip) int { return strings.Compare(a.Path+"\x00"+a.Reason, b.Path+"\x00"+b.Reason) })
	slices.SortFunc(c.Errors, func(a, b Error) int {
		return strings.Compare(a.Path+"\x00"+a.Scanner+"\x00"+a.Err, b.Path+"\x00"+b.Scanner+"\x00"+b.Err)
	})
	c.Errors = slices.Compact(c.Errors)
	sortAssets(r.Assets)
	sortFacts(r.Facts)
	slices.SortStableFunc(r.Measurements, func(a, b Measurement) int {
		return strings.Compare(a.Asset+"\x00"+a.Name, b.Asset+"\x00"+b.Name)
	})
	r.Findings = finding.Merge(r.Findings)
	finding.Complete(r.Findings, e.relative)
	r.Duration = time.Since(e.started)
	return r
}

func sortFacts(facts []asset.Fact) {
	slices.SortStableFunc(facts, func(a, b asset.Fact) int {
		return strings.Compare(a.At.String()+"\x00"+a.Kind, b.At.String()+"\x00"+b.Kind)
	})
}

func sortAssets(assets []asset.Asset) {
	slices.SortStableFunc(assets, func(a, b asset.Asset) int { return strings.Compare(a.Ref.String(), b.Ref.String()) })
}

// relative strips the root from a shown path; a root that is a file keeps its name.
func (e *engine) relative(path string) string {
	for _, r := range e.roots {
		root := slashed(r)
		if path == root {
			return filepath.Base(r)
		}
		if rel, ok := strings.CutPrefix(path, strings.TrimSuffix(root, "/")+"/"); ok {
			return rel
		}
	}
	return path
}
