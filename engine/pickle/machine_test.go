package pickle

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// logger writes down what a visitor is told.
type logger struct {
	out []string
}

func (l *logger) add(at Site, format string, args ...any) {
	l.out = append(l.out, fmt.Sprintf("%v@%d ", at.Op, at.Offset)+fmt.Sprintf(format, args...))
}

func (l *logger) Import(m *Machine, at Site, id GlobalID) { l.add(at, "import %v", m.GlobalName(id)) }
func (l *logger) Unresolved(m *Machine, at Site, a, b Value) {
	l.add(at, "unresolved %s %s", m.Render(a, 80), m.Render(b, 80))
}
func (l *logger) Call(m *Machine, at Site, c Call) { l.add(at, "call %s", m.RenderCall(c, 200)) }
func (l *logger) Build(m *Machine, at Site, target, state Value) {
	l.add(at, "build %s %s", m.Render(target, 80), m.Render(state, 80))
}
func (l *logger) Mutate(m *Machine, at Site, target Value, items []Value, more bool) {
	l.add(at, "mutate %s %d %v", m.Render(target, 80), len(items), more)
}
func (l *logger) Persistent(m *Machine, at Site, id Value) Value {
	l.add(at, "persistent %s", m.Render(id, 80))
	return 0
}
func (l *logger) Extension(_ *Machine, at Site, code int64) { l.add(at, "extension %d", code) }
func (l *logger) Ref(m *Machine, at Site, v Value)          { l.add(at, "ref %s", m.Render(v, 80)) }
func (l *logger) Nested(_ *Machine, at Site, c Candidate) {
	l.add(at, "nested %v at %d, %d bytes", c.Encoding, c.Offset, c.Length)
}

func run(t *testing.T, data string) (*logger, Result) {
	t.Helper()
	l := &logger{}
	res := new(Machine).Run(context.Background(), strings.NewReader(data), Options{End: int64(len(data)), Nested: true}, l)
	return l, res
}

func TestEvents(t *testing.T) {
	for _, tc := range []struct {
		name, data string
		want       []string
		issues     []IssueKind
	}{
		{"reduce", "cos\nsystem\n(S'x'\ntR.", []string{"GLOBAL@0 import os.system", `REDUCE@18 call os.system("x")`}, nil},
		{"inst", "(S'x'\nios\nsystem\n.", []string{"INST@6 import os.system", `INST@6 call os.system("x")`}, nil},
		{"obj", "(cos\nsystem\nK\x01o.", []string{"GLOBAL@1 import os.system", "OBJ@14 call os.system(1)"}, nil},
		{"newobj_ex", "ca\nB\n)}X\x01\x00\x00\x00kK\x01s\x92.", []string{"GLOBAL@0 import a.B", `NEWOBJ_EX@16 call a.B(**{"k": 1})`}, nil},
		{"stack_global", "\x80\x04\x8c\x02os\x8c\x06system\x93.", []string{"STACK_GLOBAL@14 import os.system", "STOP@15 ref os.system"}, nil},
		{"build", "ca\nB\n)\x81}b.", []string{"GLOBAL@0 import a.B", "NEWOBJ@6 call a.B()", "BUILD@8 build a.B() {}"}, nil},
		{"mutate", "ca\nB\n)\x81K\x01a(K\x01K\x02u(N\x90.", []string{"GLOBAL@0 import a.B", "NEWOBJ@6 call a.B()", "APPEND@9 mutate a.B() 1 false",
			"SETITEMS@15 mutate a.B() 2 false", "ADDITEMS@18 mutate a.B() 1 false"}, nil},
		{"ref in a list", "]ca\nB\na.", []string{"GLOBAL@1 import a.B", "APPEND@6 ref a.B"}, nil},
		{"ref in a nested tuple", "ca\nB\n\x85\x85.", []string{"GLOBAL@0 import a.B", "TUPLE1@6 ref a.B"}, nil},
		{"no ref as argument", "cf\ng\nca\nB\n\x85R.", []string{"GLOBAL@0 import f.g", "GLOBAL@5 import a.B", "REDUCE@11 call f.g(a.B)"}, nil},
		{"persistent", "Pid\n0K\x07Q.", []string{`PERSID@0 persistent "id"`, "BINPERSID@7 persistent 7"}, nil},
		{"extension", "\x82\x05.", []string{"EXT1@0 extension 5"}, nil},
		{"registered extension", "ccopyreg\nadd_extension\n(X\x02\x00\x00\x00osX\x06\x00\x00\x00systemK\x05tR\x82\x05.", []string{"GLOBAL@0 import copyreg.add_extension",
			`REDUCE@45 call copyreg.add_extension("os", "system", 5)`, "EXT1@46 import os.system", "STOP@48 ref os.system"}, nil},
		{"memoize counts filled slots", "Nr\x05\x00\x00\x000X\x02\x00\x00\x00os\x94h\x01.", nil, nil},
		{"unresolved", "\x80\x04cf\ng\n)R\x8c\x01x\x93.", []string{"GLOBAL@2 import f.g", "REDUCE@8 call f.g()", `STACK_GLOBAL@12 unresolved f.g() "x"`}, nil},
		{"stack_global of numbers", "\x80\x04K\x01K\x02\x93.", []string{"STACK_GLOBAL@6 unresolved 1 2"}, []IssueKind{IssueType}},
		{"underflow goes on", "0cos\nsystem\n)R.", []string{"GLOBAL@1 import os.system", "REDUCE@13 call os.system()"}, []IssueKind{IssueUnderflow}},
		{"fence", "N(0.", nil, nil},
		{"fence holds", "N(\x850.", nil, []IssueKind{IssueUnderflow, IssueUnderflow}},
		{"no mark", "t.", nil, []IssueKind{IssueNoMark}},
		{"memo missing", "h\x05.", nil, []IssueKind{IssueMemo}},
		{"bad opcode", "N\xff", nil, []IssueKind{IssueBadOpcode}},
		{"truncated", "N", nil, []IssueKind{IssueTruncated}},
		{"truncated argument", "J\x01", nil, []IssueKind{IssueTruncated}},
		{"huge length", "\x8e\xff\xff\xff\xff\xff\xff\xff\x7f", nil, []IssueKind{IssueTruncated}},
		{"negative length", "T\xff\xff\xff\xffN.", nil, []IssueKind{IssueArgument}},
		{"unknown protocol", "\x80\x09N.", nil, []IssueKind{IssueArgument}},
		{"nested", "B\x0a\x00\x00\x00\x80\x02cos\nx\n..0N.", []string{"BINBYTES@0 nested plain at 5, 10 bytes"}, nil},
		{"nested base64", "X\x10\x00\x00\x00gAJjb3MKc3lzdGVt0N.", []string{"BINUNICODE@0 nested base64 at 5, 16 bytes"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l, res := run(t, tc.data)
			if d := cmp.Diff(tc.want, l.out); d != "" {
				t.Errorf("events (-want +got):\n%s", d)
			}
			var kinds []IssueKind
			for _, i := range res.Issues {
				kinds = append(kinds, i.Kind)
			}
			if d := cmp.Diff(tc.issues, kinds); d != "" {
				t.Errorf("issues (-want +got):\n%s", d)
			}
		})
	}
}

// Names that calls compute are folded.
func TestFold(t *testing.T) {
	getattr := "cbuiltins\ngetattr\n"
	str := func(s string) string { return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s }
	for _, tc := range []struct{ name, expr string }{
		{"join", getattr + str("") + str("join") + "\x86R](" + str("sys") + str("tem") + "e\x85R"},
		{"str.join", "cbuiltins\nstr.join\n" + str("") + "(" + str("sys") + str("tem") + "t\x86R"},
		{"concat", "coperator\nadd\n" + str("sys") + str("tem") + "\x86R"},
		{"decode", "c_codecs\ndecode\nC\x06system" + str("utf-8") + "\x86R"},
		{"rot13", "ccodecs\ndecode\n" + str("flfgrz") + str("rot13") + "\x86R"},
		{"base64", "cbase64\nb64decode\n" + str("c3lzdGVt") + "\x85R"},
		{"hex", "cbinascii\nunhexlify\n" + str("73797374656d") + "\x85R"},
		{"bytes of ints", "cbuiltins\nbytes\n](KsKyKsKtKeKme\x85R"},
		{"replace", "cbuiltins\nstr.replace\n" + str("sXtem") + str("X") + str("ys") + "\x87R"},
		{"methodcaller", "coperator\nmethodcaller\n" + str("lower") + "\x85R" + str("SYSTEM") + "\x85R"},
		{"partial", "cfunctools\npartial\ncoperator\nadd\n" + str("sys") + "\x86R" + str("tem") + "\x85R"},
		{"reversed", "cbuiltins\nstr.join\n" + str("") + "cbuiltins\nreversed\n" + str("metsys") + "\x85R\x86R"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l, _ := run(t, "\x80\x04"+str("os")+tc.expr+"\x93.")
			if !strings.Contains(strings.Join(l.out, "\n"), "import os.system") {
				t.Errorf("not folded to os.system: %q", l.out)
			}
		})
	}
}

// resolver resolves the result of every call.
type resolver struct {
	Ignore
	paths []string
}

func (r *resolver) Call(m *Machine, _ Site, c Call) {
	if p, ok := m.Resolve(c.Result); ok {
		r.paths = append(r.paths, p.String())
	}
}

func TestResolve(t *testing.T) {
	str := func(s string) string { return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s }
	for _, tc := range []struct{ expr, want string }{
		{"cbuiltins\ngetattr\ncos\npath\n" + str("join") + "\x86R", "os.path.join"},
		{"cbuiltins\n__import__\n" + str("os.path") + "\x85R", "os"},
		{"cimportlib\nimport_module\n" + str("os.path") + "\x85R", "os.path"},
		{"cpkgutil\nresolve_name\n" + str("os:system") + "\x85R", "os.system"},
		{"coperator\nattrgetter\n" + str("a.b") + "\x85Rcm\nx\n\x85R", "m.x.a.b"},
		{"coperator\nitemgetter\n" + str("os") + "\x85Rcsys\nmodules\n\x85R", "os"},
		{"coperator\ngetitem\ncm\n__dict__\n" + str("f") + "\x86R", "m.f"},
		{"coperator\nmethodcaller\n" + str("f") + "\x85Rcm\nx\n\x85R", "m.x.f()"},
		{"cfunctools\npartial\ncm\nf\nK\x01\x86R", "m.f"},
		{"cm\nC\n)R", "m.C()"},
	} {
		r := &resolver{}
		new(Machine).Run(context.Background(), strings.NewReader(tc.expr+"."), Options{End: int64(len(tc.expr) + 1)}, r)
		if len(r.paths) == 0 || r.paths[len(r.paths)-1] != tc.want {
			t.Errorf("%q resolves to %v, want %s", tc.expr, r.paths, tc.want)
		}
	}
}

// Readers without a peek method drop the rest of a frame that an opcode crosses; the other view is available too.
func TestSplice(t *testing.T) {
	data := "\x80\x04\x95\x06\x00\x00\x00\x00\x00\x00\x00cxxos\nsystem\n."
	frame := strings.Index(data, "os\n") - 11
	data = data[:3] + string([]byte{byte(frame)}) + data[4:]
	l, res := run(t, data)
	if !strings.Contains(strings.Join(l.out, "\n"), "import xxos.system") || res.Splice.To == 0 {
		t.Fatalf("%q %+v", l.out, res)
	}
	r, size := res.Splice.Reader(strings.NewReader(data), int64(len(data)))
	l2 := &logger{}
	new(Machine).Run(context.Background(), r, Options{End: size}, l2)
	if !strings.Contains(strings.Join(l2.out, "\n"), "import os.system") {
		t.Errorf("the other view: %q", l2.out)
	}
}

// Long containers and deep stacks lose contents, never the knowledge of what they are.
func TestForgotten(t *testing.T) {
	data := "\x80\x04]\x94ca\nB\n)\x81\x94" + strings.Repeat("N\x85\x940", 1_200_000) + "K\x05Nsh\x00K\x01a0."
	l, res := run(t, data)
	if len(res.Issues) > 0 {
		t.Fatal(res.Issues)
	}
	want := []string{"GLOBAL@4 import a.B", "NEWOBJ@10 call a.B()"}
	for _, e := range l.out {
		if strings.Contains(e, "ref") {
			t.Errorf("a container of data counts as a global: %s", e)
		}
	}
	if d := cmp.Diff(want, l.out[:2]); d != "" {
		t.Error(d)
	}
	if last := l.out[len(l.out)-1]; !strings.Contains(last, "mutate a.B") {
		t.Errorf("the object is not known any more: %s", last)
	}
}

// What waits on the stack for its BUILD keeps its contents, however much comes in between; a change by way of the memo does not go unnoticed.
func TestStackIsKept(t *testing.T) {
	pad := strings.Repeat("]0", 1_500_000)
	for _, tc := range []struct{ name, data, want string }{
		{"contents", "ca\nB\n)\x81}(X\x01\x00\x00\x00kK\x01u" + pad + "b.", `build a.B() {"k": 1}`},
		{"added late", "ca\nB\n)\x81}" + pad + "(X\x01\x00\x00\x00kK\x01u" + pad + "b.", `build a.B() {"k": 1}`},
		{"tuple", "ca\nB\n)\x81X\x01\x00\x00\x00kK\x01\x86" + pad + "b.", `build a.B() ("k", 1)`},
		{"changed by the memo", "ca\nB\n)\x81}\x94(X\x01\x00\x00\x00kK\x01u" + pad + "h\x00(X\x01\x00\x00\x00jK\x01u0b.", `build a.B() {"k": 1, ...}`},
		{"changed by the memo, soon", "ca\nB\n)\x81}\x94(X\x01\x00\x00\x00kK\x01u" + pad[:1<<19] + "h\x00(X\x01\x00\x00\x00jK\x01u0b.", `build a.B() {"k": 1, ...}`},
		{"changed by the memo, at once", "ca\nB\n)\x81}\x94(X\x01\x00\x00\x00kK\x01uh\x00(X\x01\x00\x00\x00jK\x01u0b.", `build a.B() {"k": 1, "j": 1}`},
	} {
		l, _ := run(t, "\x80\x04"+tc.data)
		if last := l.out[len(l.out)-1]; !strings.Contains(last, tc.want) {
			t.Errorf("%s: %s, want %s", tc.name, last, tc.want)
		}
	}
}

// Every bomb ends in linear time and bounded memory, with an issue where exactness is lost.
func TestBombs(t *testing.T) {
	const n = 3 << 20
	sparse := new(bytes.Buffer)
	sparse.WriteString("N")
	for i := range n / 5 {
		sparse.WriteByte('r')
		_ = binary.Write(sparse, binary.LittleEndian, uint32(i*7919))
	}
	names := new(bytes.Buffer)
	for i := range n / 16 {
		fmt.Fprintf(names, "cmod%d\nname\n0", i)
	}
	for _, tc := range []struct {
		name, data string
		limit      bool
	}{
		{"marks", strings.Repeat("(", n) + "N.", true},
		{"values", strings.Repeat("N", n) + ".", false},
		{"memo", strings.Repeat("N\x94", n) + ".", false},
		{"memo index", "Nr\xff\xff\xff\xff.", true},
		{"sparse memo", sparse.String() + ".", true},
		{"doubling", "N" + strings.Repeat("2\x86", n) + ".", true},
		{"lists", strings.Repeat("]\x94", n) + ".", false},
		{"distinct names", names.String() + "N.", true},
		{"calls of calls", "ca\nb\n" + strings.Repeat(")R", n) + ".", false},
		{"underflows", strings.Repeat("0", n) + "N.", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := new(Machine)
			res := m.Run(context.Background(), strings.NewReader(tc.data), Options{End: int64(len(tc.data))}, Ignore{})
			if !res.Stopped {
				t.Errorf("STOP not reached: %v", res.Issues)
			}
			if _, limited := res.Limited(); limited != tc.limit {
				t.Errorf("limited %v, want %v: %v", limited, tc.limit, res.Issues)
			}
			if size := m.footprint(); size > 50<<20 {
				t.Errorf("the machine holds %d MB", size>>20)
			}
		})
	}
}

// footprint is the memory of the bounded parts.
func (m *Machine) footprint() int {
	chunks := len(m.memo.spare)
	for _, c := range m.memo.table {
		if c != nil && c != recycled {
			chunks++
		}
	}
	return 8*(cap(m.st)+cap(m.marks)+len(m.cells.words)+len(m.records.words)+cap(m.first)+chunks*memoChunkLen) + m.globals.bytes + len(m.buf)
}

// A machine gives the same answer when it is used again.
func TestReuse(t *testing.T) {
	m := new(Machine)
	want, _ := run(t, string(dense(20000)))
	for range 3 {
		_ = m.Run(context.Background(), strings.NewReader("\x80\x04X\x02\x00\x00\x00os\x94(N\x93"), Options{End: 12}, Ignore{})
		l := &logger{}
		data := dense(20000)
		m.Run(context.Background(), bytes.NewReader(data), Options{End: int64(len(data)), Nested: true}, l)
		if d := cmp.Diff(want.out, l.out); d != "" {
			t.Fatal(d)
		}
		m.Tail()
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, errors.New("disk on fire") }

func TestReadErrorAndCancel(t *testing.T) {
	res := new(Machine).Run(context.Background(), failing{}, Options{End: 100}, Ignore{})
	if len(res.Issues) == 0 || res.Issues[len(res.Issues)-1].Kind != IssueRead {
		t.Errorf("read error: %v", res.Issues)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	res = new(Machine).Run(ctx, strings.NewReader("N."), Options{End: 2}, Ignore{})
	if len(res.Issues) != 1 || res.Issues[0].Kind != IssueCancelled {
		t.Errorf("cancelled: %v", res.Issues)
	}
}

// The window's position never shows: a reader that gives one byte at a time, and data longer than the window, change nothing.
func TestWindow(t *testing.T) {
	data := string(dense(3 << 20))
	l1, r1 := run(t, data)
	l2 := &logger{}
	r2 := new(Machine).Run(context.Background(), io.NewSectionReader(strings.NewReader("xx"+data), 2, int64(len(data))), Options{End: int64(len(data)), Nested: true}, l2)
	if d := cmp.Diff(l1.out, l2.out); d != "" {
		t.Error(d)
	}
	if r1.Ops != r2.Ops || r1.End != r2.End {
		t.Errorf("%+v %+v", r1, r2)
	}
}
