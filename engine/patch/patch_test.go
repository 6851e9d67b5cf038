package patch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestApply(t *testing.T) {
	for _, tt := range []struct {
		text  string
		edits []Edit
		want  string
		fails bool
	}{
		{"abc", nil, "abc", false},
		{"abc", []Edit{{1, 2, "X"}}, "aXc", false},
		{"abc", []Edit{{3, 3, "!"}, {0, 0, "?"}}, "?abc!", false},
		{"abc", []Edit{{0, 1, ""}, {1, 2, "X"}}, "Xc", false},
		{"abc", []Edit{{0, 2, ""}, {1, 3, ""}}, "", true},
		{"abc", []Edit{{2, 4, ""}}, "", true},
		{"abc", []Edit{{2, 1, ""}}, "", true},
		{"abc", []Edit{{-1, 1, ""}}, "", true},
	} {
		got, err := Apply(tt.text, tt.edits)
		if got != tt.want || (err != nil) != tt.fails {
			t.Errorf("%v: %q, %v; want %q", tt.edits, got, err, tt.want)
		}
	}
}

func TestMerge(t *testing.T) {
	have := []Edit{{5, 6, "x"}}
	for _, tt := range []struct {
		add  []Edit
		want []Edit
	}{
		{[]Edit{{5, 6, "x"}}, have},                             // the same
		{[]Edit{{0, 1, "y"}}, []Edit{{0, 1, "y"}, {5, 6, "x"}}}, // elsewhere
		{[]Edit{{5, 6, "y"}}, nil},
		{[]Edit{{6, 6, "y"}}, nil},
		{[]Edit{{0, 1, "y"}, {4, 7, ""}}, nil},
	} {
		got, ok := Merge(have, tt.add)
		if ok != (tt.want != nil) {
			t.Errorf("%v: %v", tt.add, ok)
		}
		if !ok {
			tt.want = have
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%v: %s", tt.add, d)
		}
	}
}

func TestMoved(t *testing.T) {
	edits := []Edit{{2, 2, "xx"}, {4, 6, "y"}}
	var got []int
	for i := range 8 {
		got = append(got, Moved(edits, i))
	}
	if d := cmp.Diff([]int{0, 1, 4, 5, 6, 6, 7, 8}, got); d != "" {
		t.Error(d)
	}
}

func TestDiff(t *testing.T) {
	got := Diff("a b.py", "1\n2\n3\n4\n5\n6\n7\n8\n9\r\n10", "1\n2\n3\n4\nfive\n6\n7\n8\n9\r\n10\n")
	want := `--- a/a b.py
+++ b/a b.py
@@ -2,9 +2,9 @@
 2
 3
 4
-5
+five
 6
 7
 8
 9` + "\r" + `
-10
\ No newline at end of file
+10
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if Diff("x", "a", "a") != "" {
		t.Error("equal texts differ")
	}
	if d := Diff("a\n\"b", "", "x"); !strings.HasPrefix(d, "--- \"a/a\\012\\\"b\"\n") {
		t.Errorf("name: %q", d)
	}
}

// TestDiffAppliesWithGit: what is shown is what git makes of it.
func TestDiffAppliesWithGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("git is not installed")
	}
	long := strings.Repeat("line\nother\n", 30)
	for _, tt := range [][2]string{
		{"a\n", "b\n"}, {"a", "b"}, {"a\n", "a"}, {"a", "a\nb\n"}, {"", "a\n"}, {"a\n", ""},
		{"a\r\nb\r\n", "a\r\nc\r\n"}, {"\tx\xff\n", "\ty\xff\n"}, {"x\n" + long + "y", "z\n" + long + "w"},
		{long, "first\n" + long}, {long, long + "last\n"}, {long, strings.Replace(long, "other\nline", "two", 3)},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "f.py"), []byte(tt[0]), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(git, "apply", "--allow-empty", "-")
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(Diff("f.py", tt[0], tt[1]))
		cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_GLOBAL=/dev/null")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%.40q to %.40q: %v: %s\n%s", tt[0], tt[1], err, out, Diff("f.py", tt[0], tt[1]))
			continue
		}
		got, err := os.ReadFile(filepath.Join(dir, "f.py"))
		if err != nil && tt[1] != "" {
			t.Error(err)
		}
		if string(got) != tt[1] {
			t.Errorf("git makes %q of %q, want %q", got, tt[0], tt[1])
		}
	}
}

// FuzzDiff: the lines of a difference are those of both texts.
func FuzzDiff(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nc\nd")
	f.Add("", "\n\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := lines(a), lines(b)
		i, j := 0, 0
		var out []string
		for _, c := range changes(x, y) {
			if c.a0 < i || c.a1 < c.a0 || c.a0-i != c.b0-j {
				t.Fatalf("block %v after %d, %d", c, i, j)
			}
			out = append(append(out, x[i:c.a0]...), y[c.b0:c.b1]...)
			i, j = c.a1, c.b1
		}
		if got := strings.Join(append(out, x[i:]...), ""); got != b {
			t.Fatalf("%q, want %q", got, b)
		}
		_ = Diff("x", a, b)
	})
}
