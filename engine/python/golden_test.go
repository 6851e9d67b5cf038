package python_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/engine/python/astdump"
)

// The dumps in testdata/golden were made by CPython 3.14.8 with
// bench/python/oracle.py --full.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.py")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(name, ".py") + ".ast")
			if err != nil {
				t.Fatal(err)
			}
			tree := python.Parse(src)
			for _, e := range tree.Errors() {
				t.Error(e)
			}
			if got := astdump.Dump(tree); !bytes.Equal(got, want) {
				t.Errorf("tree (-CPython +ours):\n%s", cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))
			}
		})
	}
}

// newCPython finds an interpreter whose trees are those of 3.14 for the standard
// library, and where that library is.
func newCPython(t *testing.T) (program, library string) {
	const ask = "import sys, os; print(os.path.dirname(os.__file__)) if sys.version_info >= (3, 13) else sys.exit(1)"
	candidates := []string{"python3.14", "python3.13", "python3"}
	if home, err := os.UserHomeDir(); err == nil {
		more, _ := filepath.Glob(filepath.Join(home, ".pyenv/versions/3.1[3-9].*/bin/python3"))
		candidates = append(candidates, more...)
	}
	for _, c := range candidates {
		out, err := exec.CommandContext(t.Context(), c, "-c", ask).Output()
		if err == nil {
			return c, strings.TrimSpace(string(out))
		}
	}
	return "", ""
}

// A sample of the standard library of the CPython that is there has the same trees,
// where it is 3.13 or newer; the golden trees above need none. make test-peers compares
// everything with the newest CPython.
func TestStandardLibrary(t *testing.T) {
	program, library := newCPython(t)
	if program == "" {
		t.Log("no CPython 3.13 or newer here: only the golden trees were compared")
		return
	}
	sample := []string{"asyncio", "collections", "email", "importlib", "json", "unittest", "xml", "dom", "etree"}
	var list []string
	err := filepath.WalkDir(library, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != library && !slices.Contains(sample, d.Name()) {
			return fs.SkipDir
		}
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(name, ".py") {
			list = append(list, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "../../bench/python/oracle.py")
	cmd.Stdin = strings.NewReader(strings.Join(list, "\n"))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		theirs, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tree := python.Parse(src)
		switch sum := sha256.Sum256(astdump.Dump(tree)); {
		case strings.HasPrefix(theirs, "error "):
			if tree.ErrorCount() == 0 {
				t.Errorf("%s: CPython says %s", name, theirs)
			}
		case tree.ErrorCount() > 0:
			t.Errorf("%s: %v", name, tree.Errors()[0])
		case hex.EncodeToString(sum[:]) != theirs:
			t.Errorf("%s: another tree than CPython's", name)
		}
	}
	t.Logf("%d files with %s", len(list), program)
}
