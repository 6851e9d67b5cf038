package artifacttest

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/scan"
)

// file is a [scan.File] over anything.
type file struct {
	io.ReaderAt
	size int64
	ref  asset.Ref
	head []byte
}

func (f *file) Size() int64 { return f.size }

func (f *file) Ref() asset.Ref { return f.ref }
func (f *file) Head() []byte   { return f.head }

// File makes a [scan.File] of bytes.
func File(name string, content []byte) scan.File {
	return &file{bytes.NewReader(content), int64(len(content)), asset.Ref{Path: name}, content[:min(len(content), scan.HeadSize)]}
}

// Describe calls the scanner's [scan.Describer] on bytes.
func Describe(t testing.TB, s scan.Scanner, name string, content []byte) (*asset.Description, error) {
	t.Helper()
	d, ok := s.(scan.Describer)
	if !ok {
		t.Fatalf("%T describes nothing", s)
	}
	return d.Describe(context.Background(), File(name, content))
}

// DescribeReader is [Describe] for a file that is not in memory.
func DescribeReader(t testing.TB, s scan.Scanner, name string, r io.ReaderAt, size int64) (*asset.Description, error) {
	t.Helper()
	head := make([]byte, min(size, scan.HeadSize))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	return s.(scan.Describer).Describe(context.Background(), &file{r, size, asset.Ref{Path: name}, head})
}

// Truncate scans content cut at every offset. No cut may be found ok unless
// complete says that the bytes before the cut are a whole file by themselves, and
// none may panic. A cut file that the scanner no longer recognises is fine: it
// gets no verdict.
func Truncate(t *testing.T, s scan.Scanner, name string, content []byte, complete func(n int) bool) {
	t.Helper()
	TruncateAll(t, []scan.Scanner{s}, name, content, complete)
}

// TruncateAll is [Truncate] for a format that several scanners share.
func TruncateAll(t *testing.T, list []scan.Scanner, name string, content []byte, complete func(n int) bool) {
	t.Helper()
	if len(content) > 16<<10 {
		t.Fatalf("%s has %d bytes; truncation at every offset is for at most 16 KiB", name, len(content))
	}
	dir := t.TempDir()
	for n := range len(content) {
		r := scanIn(t, dir, list, name, content[:n])
		check(t, r, "cut at %d of %d", n, len(content))
		if r.Verdict == asset.OK && (complete == nil || !complete(n)) {
			t.Errorf("%s cut at %d of %d is found ok", name, n, len(content))
		}
		describe(list, name, content[:n])
	}
}

func describe(list []scan.Scanner, name string, content []byte) {
	for _, s := range list {
		if d, ok := s.(scan.Describer); ok {
			_, _ = d.Describe(context.Background(), File(name, content))
		}
	}
}

// Mutate scans content with random bytes changed, n times. Nothing may panic.
func Mutate(t *testing.T, s scan.Scanner, name string, content []byte, n int) {
	t.Helper()
	MutateAll(t, []scan.Scanner{s}, name, content, n)
}

// MutateAll is [Mutate] for a format that several scanners share.
func MutateAll(t *testing.T, list []scan.Scanner, name string, content []byte, n int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(len(content))))
	dir := t.TempDir()
	for range n {
		b := bytes.Clone(content)
		for range 1 + rng.IntN(8) {
			i := rng.IntN(len(b))
			switch rng.IntN(4) {
			case 0:
				b[i] = byte(rng.Uint32())
			case 1:
				b[i] = 0xff
			case 2:
				b[i] ^= 1 << rng.IntN(8)
			case 3:
				copy(b[i:], "\xff\xff\xff\xff\xff\xff\xff\x7f")
			}
		}
		check(t, scanIn(t, dir, list, name, b), "mutation of %d bytes", len(content))
		describe(list, name, b)
	}
}

// Fuzz is the body of a fuzz target: a scanner never panics, and never calls a
// file ok that it could not read.
func Fuzz(t *testing.T, s scan.Scanner, name string, content []byte) {
	t.Helper()
	FuzzAll(t, []scan.Scanner{s}, name, content)
}

// FuzzAll is [Fuzz] for a format that several scanners share.
func FuzzAll(t *testing.T, list []scan.Scanner, name string, content []byte) {
	t.Helper()
	check(t, ScanAll(t, list, name, content), "%d bytes", len(content))
	describe(list, name, content)
}

func check(t *testing.T, r *Result, format string, args ...any) {
	t.Helper()
	for _, e := range r.Errors {
		if strings.Contains(e.Err, "internal error") {
			t.Fatalf(format+": panic: %s", append(args, e.Err)...)
		}
	}
	if len(r.Errors) > 0 && r.Verdict == asset.OK {
		t.Errorf(format+": ok in spite of %v", append(args, r.Errors)...)
	}
}

// CheckRules asserts that the rules of a scanner are complete.
func CheckRules(t *testing.T, s scan.Scanner) {
	t.Helper()
	info := s.Info()
	if !info.Verdicts || !info.Vendored {
		t.Errorf("%s: a scanner of models gives verdicts and looks into vendored trees", info.ID)
	}
	for _, r := range info.Rules {
		if err := r.Check(); err != nil {
			t.Error(err)
		}
		if len(r.CWE) == 0 || len(r.Taxonomy) < 2 {
			t.Errorf("rule %s names no CWE, ATLAS or OWASP id", r.ID)
		}
	}
}

var _ io.ReaderAt = (*file)(nil)
