package patch

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestWriteFile(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	put := func(path, text string, mode os.FileMode) string {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(path string) string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	file := put(filepath.Join(dir, "a.py"), "old", 0o750)
	if err := WriteFile(file, []string{dir}, []byte("old"), []byte("new")); err != nil || read(file) != "new" {
		t.Errorf("%v, %q", err, read(file))
	}
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o750 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := WriteFile(file, []string{dir}, []byte("old"), []byte("newer")); !errors.Is(err, ErrChanged) || read(file) != "new" {
		t.Errorf("changed file: %v, %q", err, read(file))
	}
	if err := WriteFile(file, []string{outside}, []byte("new"), []byte("newer")); err == nil || read(file) != "new" {
		t.Errorf("file outside of the root: %v, %q", err, read(file))
	}
	if err := WriteFile(filepath.Join(dir, "none.py"), []string{dir}, nil, []byte("new")); err == nil {
		t.Error("a file was made")
	}
	victim := put(filepath.Join(outside, "v.py"), "old", 0o600)
	link, folder := filepath.Join(dir, "l.py"), filepath.Join(dir, "f")
	if err := errors.Join(os.Symlink(victim, link), os.Symlink(outside, folder)); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{link, filepath.Join(folder, "v.py")} {
		if err := WriteFile(path, []string{dir}, []byte("old"), []byte("new")); err == nil || read(victim) != "old" {
			t.Errorf("%s: %v, %q", path, err, read(victim))
		}
	}
}
