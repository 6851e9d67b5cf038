package cachefile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func key(b byte) (k Key) { k[0] = b; return k }

func open(t *testing.T, dir string) *Cache {
	t.Helper()
	c, err := Open(dir, key(1))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatIsKeptComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "cache")
	c := open(t, dir)
	c.Put(key(1), []byte("one"))
	c.Put(key(2), []byte("two"))
	if err := c.Save(true); err != nil {
		t.Fatal(err)
	}
	c = open(t, dir)
	if string(c.Get(key(1))) != "one" || string(c.Get(key(2))) != "two" || c.Get(key(3)) != nil {
		t.Fatal("values did not come back")
	}
	c.Keep(key(1))
	if err := c.Save(true); err != nil {
		t.Fatal(err)
	}
	if c = open(t, dir); c.Get(key(1)) == nil || c.Get(key(2)) != nil {
		t.Error("what was not kept is still there, or what was is not")
	}
	if err := c.Save(false); err != nil {
		t.Fatal(err)
	}
	if c = open(t, dir); c.Get(key(1)) == nil {
		t.Error("a run that was stopped lost what was known")
	}
}

// TestDamagedFilesAreNotUsed: every byte that is changed, and every cut, makes a file
// that is not used.
func TestDamagedFilesAreNotUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "c")
	c := open(t, dir)
	c.Put(key(1), []byte("value"))
	if err := c.Save(true); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(c.path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, b []byte) {
		t.Helper()
		if err := os.WriteFile(c.path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if open(t, dir).Get(key(1)) != nil {
			t.Errorf("%s: the value was used", what)
		}
	}
	for i := range good {
		b := bytes.Clone(good)
		b[i] ^= 1
		try(fmt.Sprintf("byte %d", i), b)
		try(fmt.Sprintf("cut at %d", i), good[:i])
	}
}

func TestFoldersOfOthersAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are not kept on Windows")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, key(1)); err == nil || !strings.Contains(err.Error(), "0700") {
		t.Errorf("a folder that others can read: %v", err)
	}
	link := filepath.Join(t.TempDir(), "link")
	private := filepath.Join(t.TempDir(), "private")
	if err := os.Mkdir(private, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(private, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(link, key(1)); err == nil {
		t.Error("a link was followed")
	}
}

func TestTrimDropsWhatWasNotUsedForLong(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "c")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	add := func(name string, age time.Duration) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, make([]byte, 100), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(p, at, at); err != nil {
			t.Fatal(err)
		}
		return p
	}
	oldest, older, mine := add("a.cache", 3*time.Hour), add("b.cache", 2*time.Hour), add("c.cache", 4*time.Hour)
	left, running := add(".new-1", 2*time.Hour), add(".new-2", time.Minute)
	if err := trim(dir, mine, 250); err != nil {
		t.Fatal(err)
	}
	for p, want := range map[string]bool{oldest: false, older: true, mine: true, left: false, running: true} {
		if _, err := os.Stat(p); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(p), err == nil, want)
		}
	}
}

// TestConcurrentRuns: whoever reads while others write sees a whole file.
func TestConcurrentRuns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "c")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				c, err := Open(dir, key(1))
				if err != nil {
					t.Error(err)
					return
				}
				if v := c.Get(key(9)); v != nil && len(v) != 1000 {
					t.Errorf("%d bytes", len(v))
				}
				c.Put(key(9), bytes.Repeat([]byte{byte(i)}, 1000))
				if err := c.Save(true); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if left, _ := filepath.Glob(filepath.Join(dir, tempPrefix+"*")); len(left) > 0 {
		t.Errorf("files were left: %v", left)
	}
}

// FuzzParse: no file, however broken, does more than being of no use.
func FuzzParse(f *testing.F) {
	f.Add([]byte(magic))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, v := range parse(b) {
			if len(v) > len(b) {
				t.Errorf("a value of %d bytes in a file of %d", len(v), len(b))
			}
		}
	})
}
