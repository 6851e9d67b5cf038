package sast

import (
	"fmt"
	"hash/fnv"
	"path"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// bounds decide how a program is taken apart. Sizes are bytes of source.
type bounds struct {
	whole    int // up to here it is analysed as a whole
	min, max int // of a group
	// What groups may use of each other, as [pyflow.Analysis.Foreign] counts it: base and
	// one for each perByte bytes. A program whose parts use more is analysed as a whole.
	base, perByte int
}

// usual are the bounds of every run. A group of transformers costs about one unit for
// each 15 bytes, and what it uses of others half as much.
var usual = bounds{whole: 4 << 20, min: 512 << 10, max: 1536 << 10, base: 200_000, perByte: 5}

// split makes groups of files that are analysed on their own, each with what it uses of
// the others. Where one ends is decided by names more than by sizes: an edit of one file
// leaves nearly all groups as they were.
func (b bounds) split(files []*source) [][]*source {
	total := 0
	for _, f := range files {
		total += f.size
	}
	if total <= b.whole {
		return [][]*source{files}
	}
	var groups [][]*source
	first, size := 0, 0
	for i, f := range files {
		size += f.size
		if i == len(files)-1 || size >= b.max || size >= b.min && ends(f.ref.String(), files[i+1].ref.String()) {
			groups = append(groups, files[first:i+1])
			first, size = i+1, 0
		}
	}
	return groups
}

// ends reports whether a group may end between two files: between some folders.
func ends(before, after string) bool {
	dir := path.Dir(after)
	if path.Dir(before) == dir {
		return false
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(dir))
	return h.Sum32()%4 == 0
}

// run is the analysis of one program.
type run struct {
	*scanner
	*Knowledge
	files   []*source
	tests   map[*source]bool // files of test code
	program *pyflow.Program
	cache   scan.Cache // nil: nothing is kept
	bounds  bounds

	pathsOnce, rulesOnce sync.Once
	pathsSum             string
	plain                bool // the names of the files can be kept
	byRef                map[string]*source
	ruleByID             map[string]finding.Rule
}

// result is what is known of a group.
type result struct {
	found   []judged
	asks    []string // see inference
	exposed bool
	foreign int  // what it uses of other groups
	over    bool // more than may be used: nothing else is known
	err     error
}

// analyse looks at files together.
func (sc *scanner) analyse(k *Knowledge, files []*source, roots []string, cache scan.Cache) (*reporter, error) {
	x := &run{scanner: sc, Knowledge: k, files: files, tests: map[*source]bool{}, program: &pyflow.Program{}, cache: cache, bounds: sc.bounds}
	if x.bounds == (bounds{}) {
		x.bounds = usual
	}
	for _, f := range files {
		x.tests[f] = isTest(filepath.ToSlash(f.ref.Path), roots)
		x.program.Add(moduleName(f.ref), f.parsed, f)
	}
	groups := x.bounds.split(files)
	results, ok := x.all(groups)
	if !ok {
		groups = [][]*source{files}
		results, _ = x.all(groups)
	}
	return x.merge(groups, results)
}

// all analyses groups, several at a time. It reports false where they use too much of
// each other, which depends on what is in them and not on how fast they were.
func (x *run) all(groups [][]*source) ([]result, bool) {
	out := make([]result, len(groups))
	// What the groups up to each may use of others.
	allowed := make([]int, len(groups))
	size := 0
	for i, own := range groups {
		for _, f := range own {
			size += f.size
		}
		allowed[i] = x.bounds.base + size/x.bounds.perByte
	}
	var mu sync.Mutex
	var next atomic.Int64
	var tooMuch bool
	done, foreign := 0, 0 // groups from the first on, and what they used
	ready := make([]bool, len(groups))
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(groups)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				mu.Lock()
				stop := tooMuch || i >= len(groups)
				mu.Unlock()
				if stop {
					return
				}
				limit := allowed[i]
				if len(groups) == 1 {
					limit = 0
				}
				r := x.one(groups[i], limit)
				mu.Lock()
				out[i], ready[i] = r, true
				for done < len(groups) && ready[done] {
					foreign += out[done].foreign
					tooMuch = tooMuch || len(groups) > 1 && (out[done].over || foreign > allowed[done])
					done++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return out, !tooMuch
}

// one finds out what is known of a group, from an earlier run if nothing it depends on
// has changed.
func (x *run) one(own []*source, limit int) result {
	if x.cache == nil {
		r, _ := x.look(own, limit)
		return r
	}
	key := x.key(own, limit)
	if r, ok := x.recall(key, limit); ok {
		return r
	}
	r, uses := x.look(own, limit)
	if r.err == nil {
		x.remember(own, key, r, uses)
	}
	return r
}

// look analyses a group. A panic is an error of the whole program, as it is for a scanner
// that works alone.
func (x *run) look(own []*source, limit int) (out result, uses pyflow.Uses) {
	defer func() {
		if p := recover(); p != nil {
			out.err = fmt.Errorf("internal error (please report it): %v", p)
		}
	}()
	for _, f := range own {
		f.parsed()
	}
	r := x.reporter()
	if x.profile == "bandit" {
		for _, f := range own {
			r.asBandit(f)
		}
		return result{found: r.out}, uses
	}
	a := x.program.Analysis(x.spec, r)
	a.Limit(limit)
	ids := make([]any, len(own))
	for i, f := range own {
		ids[i] = f
	}
	a.Run(ids...)
	out = result{foreign: a.Foreign(), over: a.Over()}
	if !out.over {
		for _, f := range own {
			r.shapes(f)
		}
		out.found, out.asks, out.exposed = r.out, r.inference.names(), r.inference.exposed
	}
	return out, a.Uses()
}

func (x *run) reporter() *reporter {
	return &reporter{profile: x.profile, spec: x.spec, rules: x.rules, seen: map[string]bool{}, tests: x.tests}
}

// merge puts together what the groups say, in their order.
func (x *run) merge(groups [][]*source, results []result) (*reporter, error) {
	r := x.reporter()
	for _, g := range results {
		if g.err != nil {
			return nil, g.err
		}
		for _, f := range g.found {
			// What a group uses of another is looked at with both.
			if id := f.id(); !r.seen[id] {
				r.seen[id] = true
				r.out = append(r.out, f)
			}
		}
		for _, name := range g.asks {
			r.inference.ask(name)
		}
		r.inference.exposed = r.inference.exposed || g.exposed
	}
	if x.profile != "bandit" {
		r.routes(x.files)
	}
	return r, nil
}

// parsed is the tree of a file.
func (f *source) parsed() *python.Tree {
	f.once.Do(func() {
		if f.tree != nil {
			return
		}
		b, err := f.read(MaxFile)
		if err != nil {
			f.failed, b = err, nil
		}
		f.parse(b)
	})
	return f.tree
}
