package sast

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/merlon-security/merlon/scan"
)

// mapCache is a cache in memory. What a run did not use or find out is forgotten.
type mapCache struct {
	mu       sync.Mutex
	old, now map[[sha256.Size]byte][]byte
	kept     int
}

func (c *mapCache) Get(k [sha256.Size]byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.old[k]
}

func (c *mapCache) Keep(k [sha256.Size]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now[k] = c.old[k]
	c.kept++
}

func (c *mapCache) Put(k [sha256.Size]byte, v []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now[k] = v
}

func (c *mapCache) next() { c.old, c.now, c.kept = c.now, map[[sha256.Size]byte][]byte{}, 0 }

// fine takes a program apart into many small groups.
var fine = bounds{whole: 1, min: 1, max: 3000, base: 1 << 40, perByte: 1}

func scanWith(t *testing.T, dir string, b bounds, c scan.Cache) *scan.Result {
	t.Helper()
	sc := NewWith(Options{}).(*scanner)
	sc.bounds = b
	r, err := scan.Run(context.Background(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{sc}, Cache: c})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestCachedAnalysisIsTheSame: after any edits, an analysis with what the one before has
// kept finds exactly what an analysis from nothing finds, taken apart or as a whole.
func TestCachedAnalysisIsTheSame(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for _, d := range fixtures(t) {
		if strings.Contains(d, "profile-") {
			continue
		}
		for name, text := range texts(t, d) {
			p := filepath.Join(dir, filepath.Base(d), name)
			if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			files = append(files, p)
		}
	}
	slices.Sort(files)
	r := rand.New(rand.NewPCG(1, 2))
	steps := 20
	if testing.Short() {
		steps = 8
	}
	for name, b := range map[string]bounds{"groups": fine, "too much in common": {whole: 1, min: 1, max: 6000, base: 2000, perByte: 10}, "whole": usual} {
		c := &mapCache{old: map[[sha256.Size]byte][]byte{}, now: map[[sha256.Size]byte][]byte{}}
		n := steps
		if name != "groups" {
			n = steps / 5
		}
		for i := range n {
			what := edit(t, r, &files)
			cold, warm := scanWith(t, dir, b, nil), scanWith(t, dir, b, c)
			if d := cmp.Diff(cold, warm, cmpopts.IgnoreFields(scan.Result{}, "Started", "Duration")); d != "" {
				t.Fatalf("%s, step %d: %s: %s", name, i, what, d)
			}
			if i > 0 && name == "groups" && c.kept == 0 {
				t.Errorf("step %d: %s: nothing was kept", i, what)
			}
			c.next()
		}
	}
}

// edit changes one file, or adds, removes or renames one.
func edit(t *testing.T, r *rand.Rand, files *[]string) string {
	t.Helper()
	i := r.IntN(len(*files))
	p := (*files)[i]
	b, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(b, []byte("\n"))
	at := r.IntN(len(lines))
	other, err := os.ReadFile((*files)[r.IntN(len(*files))])
	if err != nil {
		t.Fatal(err)
	}
	theirs := bytes.SplitAfter(other, []byte("\n"))
	what := ""
	switch r.IntN(8) {
	case 0:
		what, lines = "a line less", slices.Delete(lines, at, at+1)
	case 1:
		what, lines = "a line twice", slices.Insert(lines, at, lines[at])
	case 2:
		what, lines = "a line more", slices.Insert(lines, at, []byte("\n"))
	case 3:
		what, lines = "a line of another file", slices.Insert(lines, at, theirs[r.IntN(len(theirs))])
	case 4:
		what, lines = "a function more", append(lines, []byte(fmt.Sprintf("\ndef added_%d(x):\n    import os\n    os.system(x)\n    return x\n", r.IntN(9))))
	case 5:
		what, lines = "the text of another file", theirs
	case 6:
		if err := os.Rename(p, p+"_.py"); err != nil {
			t.Fatal(err)
		}
		(*files)[i] = p + "_.py"
		return "another name of " + p
	case 7:
		p = filepath.Join(filepath.Dir(p), fmt.Sprintf("new_%d.py", r.IntN(1000)))
		if !slices.Contains(*files, p) {
			*files = append(*files, p)
		}
		what, lines = "another file", theirs
	}
	if err := os.WriteFile(p, bytes.Join(lines, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	return what + " in " + p
}

// TestGroupsFindWhatTheWholeFinds: taking a program apart loses little; what it loses is
// data that one part leaves in a place of another, where a third picks it up.
func TestGroupsFindWhatTheWholeFinds(t *testing.T) {
	for _, dir := range fixtures(t) {
		if strings.Contains(dir, "profile-") || strings.HasSuffix(dir, "open-route") {
			continue
		}
		t.Run(strings.TrimPrefix(dir, "testdata/"), func(t *testing.T) {
			t.Parallel()
			found := func(b bounds) []string {
				var out []string
				for _, f := range scanWith(t, dir, b, nil).Findings {
					out = append(out, fmt.Sprintf("%s:%d %s", f.Locations[0].Ref, f.Locations[0].Line, f.Rule.ID))
				}
				slices.Sort(out)
				return out
			}
			if d := cmp.Diff(found(usual), found(bounds{whole: 1, min: 1, max: 1, base: 1 << 40, perByte: 1})); d != "" {
				t.Error(d)
			}
		})
	}
}
