package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tarFile is one header with what follows it; size -1 takes the body's.
type tarFile struct {
	name, link, body string
	kind             byte
	size             string // as written; empty for the body's length in octal
	badSum           bool
	sum              string // format of the checksum; empty for what everybody writes
	with             func(header []byte)
}

func tarOf(files ...tarFile) []byte {
	var out []byte
	for _, f := range files {
		out = append(out, tarEntry(f)...)
	}
	return append(out, make([]byte, 1024)...)
}

func tarEntry(f tarFile) []byte {
	b := make([]byte, 512)
	copy(b, f.name)
	copy(b[100:], "0000644\x000000000\x000000000\x00")
	if f.size == "" {
		f.size = fmt.Sprintf("%011o", len(f.body))
	}
	copy(b[124:136], f.size)
	copy(b[136:], "00000000000\x00")
	if f.kind == 0 {
		f.kind = '0'
	}
	b[156] = f.kind
	copy(b[157:], f.link)
	copy(b[257:], "ustar\x0000")
	if f.with != nil {
		f.with(b)
	}
	copy(b[148:], "        ")
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	if f.badSum {
		sum++
	}
	if f.sum == "" {
		f.sum = "%06o\x00 "
	}
	copy(b[148:], fmt.Sprintf(f.sum, sum))
	b = append(b, f.body...)
	return append(b, make([]byte, -len(f.body)&511)...)
}

func pax(records ...string) string {
	var b strings.Builder
	for _, r := range records {
		n := len(r) + 3
		for len(fmt.Sprintf("%d %s\n", n, r)) != n {
			n++
		}
		fmt.Fprintf(&b, "%d %s\n", n, r)
	}
	return b.String()
}

func TestTarDifferentials(t *testing.T) {
	const evil = "what only some readers see"
	hidden := string(tarEntry(tarFile{name: "hidden.pkl", body: evil}))
	tests := []struct {
		name string
		tar  []byte
		want []string // name=content
		kind Kind
	}{
		{"after the end marker", append(tarOf(tarFile{name: "a", body: "x"}), tarOf(tarFile{name: "b", body: evil})...),
			[]string{"a=x", "b=" + evil}, KindAfterEnd},
		{"damaged header between", append(append(tarEntry(tarFile{name: "a", body: "x"}), tarEntry(tarFile{name: "q", badSum: true})...), tarOf(tarFile{name: "b", body: evil})...),
			[]string{"a=x", "b=" + evil}, KindHeader},
		{"pax size hides headers", tarOf(tarFile{kind: 'x', body: pax(fmt.Sprintf("size=%d", len(hidden)))}, tarFile{name: "a", size: "00000000000", body: hidden}),
			[]string{"a=" + hidden, "hidden.pkl=" + evil}, KindSize},
		{"content behind a link", tarOf(tarFile{name: "l", kind: '2', link: "x", body: hidden}),
			[]string{"l=" + hidden, "hidden.pkl=" + evil}, KindSize},
		{"base-256 size", tarOf(tarFile{name: "a", body: evil, size: "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + string(rune(len(evil)))}),
			[]string{"a=" + evil}, ""},
		{"sparse, pax 1.0", tarOf(tarFile{kind: 'x', body: pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=s", "GNU.sparse.realsize=10")},
			tarFile{name: "GNUSparseFile.0/s", body: "2\n0\n2\n7\n3\n" + strings.Repeat("\x00", 502) + "abcde"}),
			[]string{"s=ab\x00\x00\x00\x00\x00cde"}, ""},
		{"sparse, pax 0.1", tarOf(tarFile{kind: 'x', body: pax("GNU.sparse.map=1,2,5,1", "GNU.sparse.size=6")}, tarFile{name: "s", body: "abc"}),
			[]string{"s=\x00ab\x00\x00c"}, ""},
		{"sparse, GNU", tarOf(tarFile{name: "s", kind: 'S', body: "abc", with: func(b []byte) {
			copy(b[386:], "00000000001\x0000000000002\x00")
			copy(b[410:], "00000000005\x0000000000001\x00")
			copy(b[483:], "00000000006\x00")
			copy(b[257:], "ustar  \x00")
		}}), []string{"s=\x00ab\x00\x00c"}, ""},
		{"sparse map out of range", tarOf(tarFile{kind: 'x', body: pax("GNU.sparse.map=1,2,5,100", "GNU.sparse.size=600")}, tarFile{name: "s", body: "abc"}),
			[]string{"s=abc"}, KindHeader},
		{"size that overflows", tarOf(tarFile{kind: 'x', body: pax("size=9223372036854775807")}, tarFile{name: "s", body: "abc"}),
			[]string{"s=abc"}, KindHeader},
		{"numbers that only Python reads", tarOf(tarFile{name: "a", body: evil, size: fmt.Sprintf(" 0o_%o\x00", len(evil)), sum: "+0o%o\x00"},
			tarFile{kind: 'x', body: pax("size= +0_3 ")}, tarFile{name: "b", body: "123", sum: "1_%[1]o"[2:] + "\x00\t"}), []string{"a=" + evil, "b=123"}, ""},
		{"truncated", tarEntry(tarFile{name: "a", size: "00000010000", body: evil})[:512+len(evil)],
			[]string{"a=" + evil}, KindTruncated},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ReadTar(context.Background(), bytes.NewReader(tt.tar), int64(len(tt.tar)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			kinds := map[Kind]bool{}
			for _, a := range c.Anomalies() {
				kinds[a.Kind] = true
			}
			for i, m := range c.Members() {
				content, anomalies, _ := readAll(t, c, i)
				got = append(got, m.Name+"="+string(content))
				for _, a := range anomalies {
					kinds[a.Kind] = true
				}
			}
			for _, w := range tt.want {
				if !slices.Contains(got, w) {
					t.Errorf("%q not seen; got %q", w, got)
				}
			}
			if tt.kind != "" && !kinds[tt.kind] || tt.kind == "" && len(kinds) > 0 {
				t.Errorf("kinds %v, want %q", kinds, tt.kind)
			}
		})
	}
}

func TestTarNamesAndLinks(t *testing.T) {
	b := tarOf(
		tarFile{kind: 'x', body: pax("path=pax-name", "linkpath=pax-link")}, tarFile{name: "short", kind: '1', link: "l"},
		tarFile{kind: 'L', name: "././@LongLink", body: strings.Repeat("n", 300) + "\x00"}, tarFile{name: "short", body: "x"},
		tarFile{kind: 'g', body: pax("path=global")}, tarFile{name: "short", body: "y"},
		tarFile{name: "dev", kind: '3'},
	)
	c, err := ReadTar(context.Background(), bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range c.Members() {
		got = append(got, fmt.Sprintf("%s|%s|%v|%v", cut(m.Name), m.Link, m.Symlink, m.Special))
	}
	want := []string{"pax-name|pax-link|false|false", cut(strings.Repeat("n", 300)) + "||false|false", "global||false|false", "global||false|true"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A dictionary or a header that claims gigabytes costs no memory.
func TestHugeClaims(t *testing.T) {
	xz := "\xfd7zXZ\x00\x00\x00\xff\x12\xd9\x41\x02\x00\x21\x01\x28\x00\x00\x00\x00\x00\x00\x00"
	lzma := "\x5d\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00"
	for name, s := range map[string]string{"xz": xz, "lzma": lzma} {
		f, ok := Detect([]byte(s))
		if !ok || f.Name != name {
			for _, g := range Formats() {
				if g.Name == name {
					f = g
				}
			}
		}
		st, err := OpenStream(f, strings.NewReader(s), int64(len(s)), Limits{})
		if err == nil {
			_, err = io.ReadAll(st)
		}
		var e *Error
		if !errors.As(err, &e) || e.Reason != Limit {
			t.Errorf("%s: %v, want a limit", name, err)
		}
	}
}
