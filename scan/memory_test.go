package scan_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// mapCache is a cache in memory.
type mapCache struct {
	mu sync.Mutex
	m  map[[sha256.Size]byte][]byte
}

func (c *mapCache) Get(k [sha256.Size]byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.m[k]
}
func (c *mapCache) Keep([sha256.Size]byte) {}
func (c *mapCache) Put(k [sha256.Size]byte, v []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.m[k] = v
}

// words reports every line with "bad" in it, and fails on "broken".
type words struct {
	mu   sync.Mutex
	seen []string
}

func (*words) Info() scan.Info {
	return scan.Info{ID: "words", Version: "1", Rules: []finding.Rule{{ID: "code/bad", Severity: finding.High}}}
}
func (*words) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(strings.HasSuffix(fi.Ref.Name(), ".txt"))
}
func (w *words) Scan(_ context.Context, f scan.File, s *scan.Sink) error {
	w.mu.Lock()
	w.seen = append(w.seen, filepath.Base(f.Ref().Path))
	w.mu.Unlock()
	b, err := scan.Bytes(f, 1<<20)
	if err != nil {
		return err
	}
	for i, line := range strings.Split(string(b), "\n") {
		if strings.Contains(line, "bad") {
			s.Report(finding.Finding{Rule: "code/bad", Message: line, Key: line, Attrs: map[string]any{"n": i},
				Locations: []finding.Location{{Ref: f.Ref(), Line: i + 1}}})
		}
		if strings.Contains(line, "broken") {
			return fmt.Errorf("line %d is broken", i+1)
		}
	}
	return nil
}

// TestCachedScanIsTheSame: a scan with what an earlier one kept says what a scan without
// it says, whatever was changed in between, and looks at what was changed only.
func TestCachedScanIsTheSame(t *testing.T) {
	dir := t.TempDir()
	past := time.Now().Add(-time.Hour)
	write := func(name, text string) {
		t.Helper()
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(p, past, past); err != nil { // the same size and time must not be enough
			t.Fatal(err)
		}
	}
	c := &mapCache{m: map[[sha256.Size]byte][]byte{}}
	both := func(want ...string) {
		t.Helper()
		run := func(c scan.Cache) (*scan.Result, []string) {
			w := &words{}
			r, err := scan.Run(context.Background(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{w}, Limits: scan.Limits{Workers: 1}, Cache: c})
			if err != nil {
				t.Fatal(err)
			}
			return r, w.seen
		}
		cold, _ := run(nil)
		warm, seen := run(c)
		if d := cmp.Diff(cold, warm, cmpopts.IgnoreFields(scan.Result{}, "Started", "Duration")); d != "" {
			t.Error("with and without what was kept:", d)
		}
		if d := cmp.Diff(want, seen); d != "" {
			t.Error("files that were looked at:", d)
		}
	}
	write("a.txt", "good\nbad\n")
	write("b.txt", "good\n")
	write("c.txt", "bad\nbroken\n")
	write("d.bin", "bad\n")
	both("a.txt", "b.txt", "c.txt")
	both("c.txt") // what failed is tried again
	write("a.txt", "bad!\ngood")
	both("a.txt", "c.txt")
	write("a.txt", "bad!\ngooD")
	both("a.txt", "c.txt")
	if err := os.Rename(filepath.Join(dir, "b.txt"), filepath.Join(dir, "e.txt")); err != nil {
		t.Fatal(err)
	}
	both("c.txt", "e.txt")
	if err := os.Rename(filepath.Join(dir, "d.bin"), filepath.Join(dir, "b.txt")); err != nil {
		t.Fatal(err)
	}
	both("b.txt", "c.txt")
	if err := os.Remove(filepath.Join(dir, "c.txt")); err != nil {
		t.Fatal(err)
	}
	both()
	for k, v := range c.m { // entries that say something else, as a broken cache might
		c.m[k] = v[:len(v)/2]
	}
	both("a.txt", "b.txt", "e.txt")
}
