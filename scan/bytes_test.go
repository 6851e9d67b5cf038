package scan

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/safeio"
)

// readers returns scanners that read the whole of every file and give it to f.
func readers(n int, limit int64, f func(File, []byte, error)) []Scanner {
	list := make([]Scanner, n)
	for i := range list {
		list[i] = &words{scan: func(_ context.Context, x File, s *Sink) error {
			b, err := Bytes(x, limit)
			f(x, b, err)
			return nil
		}}
	}
	return list
}

func TestBytesAreReadOnceForAllScanners(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("0123456789", HeadSize)
	write(t, dir, map[string]string{"empty": "", "short": "some text", "long": long})
	seen := map[string][][]byte{}
	run(t, Options{Roots: []string{dir}, Limits: Limits{Workers: 1}, Scanners: readers(3, 1<<20, func(f File, b []byte, err error) {
		if err != nil {
			t.Error(err)
		}
		name := filepath.Base(f.Ref().Path)
		seen[name] = append(seen[name], b)
	})})
	for name, want := range map[string]string{"empty": "", "short": "some text", "long": long} {
		if len(seen[name]) != 3 {
			t.Fatalf("%s was read %d times, want 3", name, len(seen[name]))
		}
		for _, b := range seen[name] {
			if string(b) != want {
				t.Errorf("%s: %d bytes, want %d", name, len(b), len(want))
			}
			if len(b) > 0 && &b[0] != &seen[name][0][0] {
				t.Errorf("%s: every scanner has a copy of its own", name)
			}
		}
	}
}

// counted counts the reads of a content.
type counted struct {
	*bytes.Reader
	reads atomic.Int64
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	c.reads.Add(1)
	return c.Reader.ReadAt(p, off)
}

func TestBytesOfDerivedFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a": "x"})
	body := &counted{Reader: bytes.NewReader(bytes.Repeat([]byte("y"), 2*HeadSize))}
	got := 0
	list := readers(4, 1<<20, func(f File, b []byte, err error) {
		if len(f.Ref().Inner) > 0 && err == nil && len(b) == 2*HeadSize {
			got++
		}
	})
	list = append(list, &words{scan: func(_ context.Context, f File, s *Sink) error {
		if len(f.Ref().Inner) > 0 {
			return nil
		}
		return s.Derive(Derived{Ref: f.Ref().Join(asset.Step{Kind: asset.Member, Name: "m"}), Body: body})
	}})
	run(t, Options{Roots: []string{dir}, Scanners: list})
	if n := body.reads.Load(); got != 4 || n != 2 { // the head, the whole
		t.Errorf("%d scanners read the file, in %d reads, want 4 in 2", got, n)
	}
}

func TestBytesOfLongFiles(t *testing.T) {
	dir := t.TempDir()
	p := filepath.Join(dir, "long")
	if err := os.WriteFile(p, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(p, maxShared+1); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	run(t, Options{Roots: []string{dir}, Scanners: readers(1, maxShared+1, func(_ File, b []byte, err error) {
		if err != nil {
			t.Error(err)
		}
		sizes = append(sizes, len(b))
	})})
	if len(sizes) != 1 || sizes[0] != maxShared+1 {
		t.Errorf("sizes = %v", sizes)
	}
	run(t, Options{Roots: []string{dir}, Scanners: readers(1, 100, func(_ File, b []byte, err error) {
		if !errors.Is(err, safeio.ErrTooLarge) {
			t.Errorf("error = %v, want one that wraps ErrTooLarge", err)
		}
	})})
	// A file of a caller's own is read as it is.
	b, err := Bytes(own{io.NewSectionReader(strings.NewReader("abc"), 0, 3)}, 10)
	if err != nil || string(b) != "abc" {
		t.Errorf("own file: %q, %v", b, err)
	}
}

type own struct{ *io.SectionReader }

func (own) Ref() asset.Ref { return asset.Ref{} }
func (own) Head() []byte   { return nil }
