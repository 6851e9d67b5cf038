//go:build unix

package safeio

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mappable is a file on disk; during runs after each mapping.
type mappable struct {
	*os.File
	size   int64
	during func()
}

func (m mappable) Size() int64 { return m.size }

func (m mappable) Map(off int64, n int) ([]byte, func(), error) {
	b, release, err := MapFile(m.File, off, n)
	if m.during != nil {
		m.during()
	}
	return b, release, err
}

func openMappable(t *testing.T, content []byte) mappable {
	t.Helper()
	p := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(p, content, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(p, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return mappable{File: f, size: int64(len(content))}
}

func TestMappedDigestsEqualThoseOfReading(t *testing.T) {
	content := pattern(2*mapWindow + 12345)
	n := int64(len(content))
	ranges := []Range{{0, 10}, {10, 0}, {100, mapWindow}, {mapWindow + 200, hashBlock + 1}, {n - 5, 5}}
	m := openMappable(t, content)
	all, parts, err := DigestRanges(t.Context(), m, true, ranges)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	if all.SHA256 != hex.EncodeToString(sum[:]) {
		t.Error("digest of the whole differs")
	}
	_, want, err := DigestRanges(t.Context(), struct{ Content }{m}, false, ranges)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, parts); d != "" {
		t.Errorf("(-read +mapped)\n%s", d)
	}
}

func TestMappedFileThatShrinksIsAnError(t *testing.T) {
	m := openMappable(t, pattern(2*mapWindow))
	m.during = func() {
		if err := m.Truncate(100); err != nil {
			t.Error(err)
		}
	}
	if _, err := SHA256(t.Context(), m); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error = %v", err)
	}
}

func TestFileThatCannotBeMappedIsRead(t *testing.T) {
	content := pattern(mapAbove + 1)
	m := openMappable(t, content)
	sum := sha256.Sum256(content)
	got, err := SHA256(t.Context(), unmappable{m})
	if err != nil || got != hex.EncodeToString(sum[:]) {
		t.Errorf("%s, %v", got, err)
	}
}

type unmappable struct{ mappable }

func (unmappable) Map(int64, int) ([]byte, func(), error) { return nil, nil, errors.ErrUnsupported }
