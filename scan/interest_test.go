package scan

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
)

func TestInterestFits(t *testing.T) {
	long := strings.Repeat("x", HeadSize)
	for _, tt := range []struct {
		name string
		in   Interest
		file string
		hint string
		head string
		want bool
	}{
		{name: "name", in: Interest{Names: []string{"config.json"}}, file: "a/b/Config.JSON", want: true},
		{name: "only whole names", in: Interest{Names: []string{"config.json"}}, file: "my_config.json"},
		{name: "name behind a backslash", in: Interest{Names: []string{"config.json"}}, file: `a\config.json`, want: true},
		{name: "suffix", in: Interest{Suffixes: []string{".gguf"}}, file: "a/M.GGUF", want: true},
		{name: "suffix that EqualFold accepts", in: Interest{Suffixes: []string{".keras", ".onnx"}}, file: "m.\u212aera\u017f", want: true},
		{name: "name that is only a suffix", in: Interest{Suffixes: []string{".gguf"}}, file: ".gguf", want: true},
		{name: "long suffix", in: Interest{Suffixes: []string{".bin.index.json"}}, file: "m.bin.index.json", want: true},
		{name: "no suffix in the middle", in: Interest{Suffixes: []string{".bin"}}, file: "m.bin.index"},
		{name: "folders do not count", in: Interest{Suffixes: []string{".bin"}}, file: "a.bin/readme"},
		{name: "hint", in: Interest{Hints: []string{"pickle"}}, file: "x", hint: "pickle", want: true},
		{name: "other hint", in: Interest{Hints: []string{"pickle"}}, file: "x", hint: "text"},
		{name: "magic", in: Interest{Magics: At(0, "GGUF")}, file: "x", head: "GGUF and more", want: true},
		{name: "magic cut off", in: Interest{Magics: At(0, "GGUF")}, file: "x", head: "GGU"},
		{name: "one of several magics", in: Interest{Magics: At(0, "GG", "GU", "A")}, file: "x", head: "GU", want: true},
		{name: "magic inside", in: Interest{Magics: At(4, "TFL3")}, file: "x", head: "....TFL3", want: true},
		{name: "magic elsewhere", in: Interest{Magics: At(4, "TFL3")}, file: "x", head: "TFL3"},
		{name: "magic at the end of the head", in: Interest{Magics: At(HeadSize-1, "x")}, file: "x", head: long, want: true},
		{name: "any byte", in: Interest{Magics: AnyByte(1, "abc")}, file: "x", head: "zc", want: true},
		{name: "no such byte", in: Interest{Magics: AnyByte(1, "abc")}, file: "x", head: "zd"},
		{name: "empty file", in: Interest{Magics: AnyByte(0, "a"), Text: true}, file: "x"},
		{name: "text", in: Interest{Text: true}, file: "x", head: "caf\xc3\xa9 or caf\xe9", want: true},
		{name: "text in UTF-16", in: Interest{Text: true}, file: "x", head: "\xff\xfea\x00", want: true},
		{name: "binary", in: Interest{Text: true}, file: "x", head: "a\x00b"},
		{name: "nothing", file: "x", head: "x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.in.Fits(FileInfo{Ref: asset.Ref{Path: tt.file}, Hint: tt.hint, Size: int64(len(tt.head)), Head: []byte(tt.head)})
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("fits = %v, want %v", got, tt.want)
			}
		})
	}
}

// asked notes what it is asked about, and wants all of it.
type asked struct {
	id   string
	in   *Interest
	need Need
	ours bool

	mu    sync.Mutex
	about []string
}

func (a *asked) Info() Info {
	return Info{ID: a.id, Version: "1", Interest: a.in, Vendored: !a.ours}
}

func (a *asked) Wants(fi FileInfo) Need {
	a.mu.Lock()
	defer a.mu.Unlock()
	head := "-"
	if fi.Head != nil {
		head = fmt.Sprint(len(fi.Head))
	}
	a.about = append(a.about, fi.Ref.String()[strings.LastIndexByte(fi.Ref.String(), '/')+1:]+" "+head)
	if fi.Head == nil {
		return a.need
	}
	return Yes
}

func (a *asked) Scan(_ context.Context, f File, s *Sink) error {
	s.Fact(asset.Fact{Kind: a.id, At: f.Ref()})
	return nil
}

func TestScannersAreAskedAboutCandidatesOnly(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"1.log": "nothing", "2.gguf": "x", "3": "GGUF", "4": "P" + strings.Repeat("-", 2*HeadSize) + "END.", "5": "",
		"node_modules/6.gguf": "x",
	})
	byTail := &asked{id: "tail", in: &Interest{Tails: []string{"END"}}}
	gguf := &asked{id: "gguf", in: &Interest{Suffixes: []string{".gguf"}, Magics: At(0, "GGUF")}}
	ours := &asked{id: "ours", in: &Interest{Suffixes: []string{".gguf"}}, ours: true}
	silent := &asked{id: "silent", need: Head, ours: true}
	list := []Scanner{gguf, byTail, silent, ours}
	var none []*asked
	for i := range 200 {
		a := &asked{id: fmt.Sprint("none", i), in: &Interest{Suffixes: []string{fmt.Sprintf(".none%d", i)}, Magics: At(i, fmt.Sprint("none", i))}}
		none, list = append(none, a), append(list, a)
	}
	r := run(t, Options{Roots: []string{dir}, Scanners: list, Limits: Limits{Workers: 1}})
	for _, tt := range []struct {
		scanner *asked
		want    []string
	}{
		{gguf, []string{"2.gguf 1", "3 4", "6.gguf 1"}},
		{ours, []string{"2.gguf 1"}},
		{byTail, []string{fmt.Sprint("4 ", HeadSize)}},
		{silent, []string{"1.log -", "1.log 7", "2.gguf -", "2.gguf 1", "3 -", "3 4", "4 -", fmt.Sprint("4 ", HeadSize), "5 -", "5 0"}},
	} {
		if d := cmp.Diff(tt.want, tt.scanner.about); d != "" {
			t.Errorf("%s was asked about (-want +got)\n%s", tt.scanner.id, d)
		}
	}
	for _, a := range none {
		if len(a.about) > 0 {
			t.Errorf("%s was asked about %v", a.id, a.about)
		}
	}
	var kinds []string
	for _, f := range r.Facts {
		if strings.HasSuffix(f.At.Path, "/2.gguf") {
			kinds = append(kinds, f.Kind)
		}
	}
	if d := cmp.Diff([]string{"gguf", "ours", "silent"}, kinds); d != "" {
		t.Errorf("who saw 2.gguf (-want +got)\n%s", d)
	}
}

func TestBadInterests(t *testing.T) {
	run := func(in *Interest) error {
		_, err := Run(t.Context(), Options{Roots: []string{t.TempDir()}, Scanners: []Scanner{&asked{id: "a", in: in}}})
		return err
	}
	for _, in := range []*Interest{{Magics: At(HeadSize, "x")}, {Magics: At(HeadSize-1, "xy")}, {Magics: At(-1, "x")}, {Magics: At(0, "")}} {
		if run(in) == nil {
			t.Errorf("%+v: no error", in)
		}
	}
	many := make([]Scanner, maxScanners+1)
	for i := range many {
		many[i] = &asked{id: fmt.Sprint(i)}
	}
	if _, err := Run(t.Context(), Options{Roots: []string{t.TempDir()}, Scanners: many}); err == nil {
		t.Error("too many scanners: no error")
	}
	if err := run(&Interest{}); err != nil {
		t.Error(err)
	}
}

func TestFileThatNobodyCanWantIsNotOpened(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"pointer.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"})
	r := run(t, Options{Roots: []string{dir}, Scanners: []Scanner{&asked{id: "a", in: &Interest{Suffixes: []string{".json"}}}}})
	if r.Coverage.Incomplete() {
		t.Error(errors.New(r.Coverage.Errors[0].Err))
	}
}
