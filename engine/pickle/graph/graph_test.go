package graph

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/pickle"
)

// show writes a value in the manner of Python.
func show(v *Value) string {
	list := func(items []*Value) string {
		var out []string
		for _, x := range items {
			out = append(out, show(x))
		}
		return strings.Join(out, ", ")
	}
	switch v.Kind {
	case Int:
		return fmt.Sprint(v.Num)
	case Str:
		return fmt.Sprintf("%q", v.Text)
	case Bytes:
		return fmt.Sprintf("b%d@%d", v.Num, v.At)
	case Tuple:
		return "(" + list(v.Items) + ")"
	case List:
		return "[" + list(v.Items) + "]"
	case Dict:
		return "{" + list(v.Items) + "}"
	case Global:
		return v.Text
	case Persistent:
		return "persistent(" + list(v.Args) + ")"
	case Object:
		s := v.Text + "(" + list(v.Args) + ")"
		if v.State != nil {
			s += " state " + show(v.State)
		}
		if len(v.Items) > 0 {
			s += " items " + list(v.Items)
		}
		if len(v.Pairs) > 0 {
			s += " pairs " + list(v.Pairs)
		}
		return s
	}
	return "?"
}

// TestRead has pickles as CPython's pickle module and pickletools write them.
func TestRead(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"numbers", "\x80\x04(K\x05M\x01\x02J\xff\xff\xff\xff\x8a\x01\xfeI7\nI01\nL-9L\nG?\xf8\x00\x00\x00\x00\x00\x00F1.5\nN\x88\x89t.", "(5, 513, -1, -2, 7, 1, -9, ?, ?, ?, 1, 0)"},
		{"a long number", "\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", "?"},
		{"texts", "(\x8c\x01aX\x01\x00\x00\x00bVc\\u00e9\nS'd'\nU\x01eT\x01\x00\x00\x00f\x8d\x01\x00\x00\x00\x00\x00\x00\x00gt.", `("a", "b", "cé", "d", "e", "f", "g")`},
		{"bytes", "(C\x02xyB\x01\x00\x00\x00z\x8e\x00\x00\x00\x00\x00\x00\x00\x00\x96\x01\x00\x00\x00\x00\x00\x00\x00wt.", "(b2@3, b1@10, b0@20, b1@29)"},
		{"containers", "](K\x01\x85e}(K\x01K\x02u\x8f(K\x03\x90(K\x04\x91(K\x05l(K\x06K\x07d\x87\x87.", "({1, 2}, [3], ([4], [5], {6, 7}))"},
		{"one by one", "]K\x01a}K\x01K\x02s\x86.", "([1], {1, 2})"},
		{"global", "ccollections\nOrderedDict\n.", "collections.OrderedDict"},
		{"stack global", "\x8c\x01a\x8c\x01b\x93.", "a.b"},
		{"reduce", "ca\nf\n(K\x01tR.", "a.f(1)"},
		{"new and state", "ca\nC\n)\x81}\x8c\x01xK\x01sb.", `a.C() state {"x", 1}`},
		{"new with keywords", "ca\nC\n(K\x01t}\x92.", "a.C(1)"},
		{"obj", "(ca\nD\nK\x02o.", "a.D(2)"},
		{"inst", "(K\x03ia\nE\n.", "a.E(3)"},
		{"reconstructor", "ccopyreg\n_reconstructor\n(ca\nC\nc__builtin__\nobject\nNtR.", "a.C(__builtin__.object, ?)"},
		{"subclasses", "ca\nL\n)\x81(K\x01K\x02eca\nM\n)\x81(K\x01K\x02u\x86.", "(a.L() items 1, 2, a.M() pairs 1, 2)"},
		{"persistent", "(U\x01aQPb\nt.", `(persistent("a"), persistent("b"))`},
		{"memo", "]q\x00r\x01\x00\x00\x00p2\n0h\x00j\x01\x00\x00\x00g2\n\x94\x87.", "([], [], [])"},
		{"numbers after numbers of one's own", "]p5\n}\x94h\x05h\x01\x87.", "({}, [], {})"},
		{"stack", "K\x01K\x0202(K\x031\x86.", "(1, 1)"},
		{"pop of a mark", "K\x01(0.", "1"},
		{"extension", "\x82\x05.", "?"},
		{"frame and buffers", "\x80\x05\x95\x02\x00\x00\x00\x00\x00\x00\x00\x97\x98.", "?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Read(strings.NewReader(tt.in), Options{End: int64(len(tt.in))})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, show(r.Root)); d != "" {
				t.Error(d)
			}
			if r.End != int64(len(tt.in)) {
				t.Errorf("ends at %d of %d", r.End, len(tt.in))
			}
			for n := range len(tt.in) {
				if _, err := Read(strings.NewReader(tt.in[:n]), Options{End: int64(n)}); !errors.Is(err, ErrPickle) {
					t.Errorf("cut at %d: %v", n, err)
				}
			}
		})
	}
}

// TestBounds: what is too much is dropped, and the rest is read to its end.
func TestBounds(t *testing.T) {
	for name, in := range map[string]string{
		"values": "]" + strings.Repeat("(K\x01K\x01e", maxValues/2+10) + ".",
		"items":  "](" + strings.Repeat("N", maxStack-10) + "e(" + strings.Repeat("N", maxStack-10) + "e(" + strings.Repeat("N", maxStack-10) + "e.",
		"texts":  "]" + strings.Repeat("X\x00\x10\x00\x00"+strings.Repeat("x", 4096)+"a", maxTexts/4096+10) + ".",
		"memo":   "N" + strings.Repeat("\x94", maxMemo+10) + "j\x05\x00\x10\x00\x86.",
	} {
		r, err := Read(strings.NewReader(in), Options{End: int64(len(in))})
		if err != nil || !r.Dropped || r.End != int64(len(in)) {
			t.Errorf("%s: %v, dropped %v, end %d of %d", name, err, r.Dropped, r.End, len(in))
		}
	}
	for name, in := range map[string]string{"stack": strings.Repeat("N", maxStack+1), "marks": strings.Repeat("(", maxStack+1), "line": "c" + strings.Repeat("x", 5<<20)} {
		if _, err := Read(strings.NewReader(in), Options{End: int64(len(in))}); !errors.Is(err, ErrPickle) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// imports gathers what the machine that judges pickles sees.
type imports struct {
	pickle.Ignore
	names map[string]bool
}

func (x *imports) Import(m *pickle.Machine, _ pickle.Site, id pickle.GlobalID) {
	g := m.GlobalName(id)
	x.names[g.Module+"."+g.Name] = true
}

// TestMachine compares the imports of real pickles with those of the interpreter that judges them.
func TestMachine(t *testing.T) {
	files, _ := filepath.Glob("../../../model/artifact/testdata/real/*.pkl")
	if len(files) < 30 {
		t.Fatalf("%d files", len(files))
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Read(bytes.NewReader(b), Options{End: int64(len(b))})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var m pickle.Machine
		seen := imports{names: map[string]bool{}}
		res := m.Run(t.Context(), bytes.NewReader(b), pickle.Options{End: int64(len(b))}, &seen)
		want := []string{}
		for n := range seen.names {
			want = append(want, n)
		}
		slices.Sort(want)
		slices.Sort(r.Imports)
		if d := cmp.Diff(want, r.Imports); d != "" || res.End != r.End {
			t.Errorf("%s: end %d, want %d; (-machine +graph): %s", name, r.End, res.End, d)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("\x80\x04](K\x01\x85e}(K\x01K\x02u\x86\x94ca\nf\n(h\x00tR."))
	f.Add([]byte("(ca\nD\nK\x02o(K\x03ia\nE\n}b\x87."))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Read(bytes.NewReader(b), Options{End: int64(len(b))})
		if r.End < 0 || r.End > int64(len(b)) || err == nil && r.Root == nil {
			t.Errorf("end %d, root %v", r.End, r.Root)
		}
	})
}
