package safeio

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func pattern(n int) []byte {
	b := make([]byte, n)
	r := rand.NewPCG(1, uint64(n))
	for i := range b {
		b[i] = byte(r.Uint64())
	}
	return b
}

func TestSpoolGivesBackWhatItWasGiven(t *testing.T) {
	const memory = 1000
	for _, size := range []int{0, 1, 999, 1000, 1001, 5000, 300_000} {
		for _, limit := range []int64{0, 1, 999, 1000, 1001, 5000, 1 << 20} {
			want := pattern(size)
			s, err := NewSpool(iotest.OneByteReader(bytes.NewReader(want)), memory, limit)
			if tooLarge := int64(size) > limit; errors.Is(err, ErrTooLarge) != tooLarge || !tooLarge && err != nil {
				t.Errorf("size %d, limit %d: error = %v", size, limit, err)
			}
			want = want[:min(int64(size), limit)]
			got, err := io.ReadAll(io.NewSectionReader(s, 0, s.Size()))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("size %d, limit %d: %d bytes came back (%v), want %d", size, limit, len(got), err, len(want))
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestSpoolKeepsWhatCameBeforeAnError(t *testing.T) {
	boom := errors.New("boom")
	for _, size := range []int{0, 10, 1000, 5000} {
		s, err := NewSpool(io.MultiReader(bytes.NewReader(pattern(size)), iotest.ErrReader(boom)), 1000, 1<<20)
		if !errors.Is(err, boom) || s.Size() != int64(size) {
			t.Errorf("size %d: %d bytes, error %v", size, s.Size(), err)
		}
		_ = s.Close()
	}
}

func TestSHA256(t *testing.T) {
	for _, size := range []int{0, 1, hashBlock - 1, hashBlock, hashBlock + 1, 5*hashBlock + 7} {
		b := pattern(size)
		sum := sha256.Sum256(b)
		got, err := SHA256(t.Context(), bytes.NewReader(b))
		if err != nil || got != hex.EncodeToString(sum[:]) {
			t.Errorf("size %d: %s, %v", size, got, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := SHA256(ctx, bytes.NewReader(pattern(4*hashBlock))); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want canceled", err)
	}
}

// shrunk claims more than it has, as a file that was truncated meanwhile does.
type shrunk struct{ *bytes.Reader }

func (s shrunk) Size() int64 { return s.Reader.Size() + hashBlock }

func TestSHA256OfAShrunkFileIsAnError(t *testing.T) {
	if _, err := SHA256(t.Context(), shrunk{bytes.NewReader(pattern(2 * hashBlock))}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error = %v", err)
	}
}

func TestWriteFileIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	p := filepath.Join(dir, "out")
	put := func(s string, err error) error {
		return WriteFile(p, 0o644, func(w io.Writer) error {
			if _, e := io.WriteString(w, s); e != nil {
				return e
			}
			return err
		})
	}
	if err := put("first", nil); err != nil {
		t.Fatal(err)
	}
	if err := put("second", errors.New("boom")); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("error = %v", err)
	}
	if b, _ := os.ReadFile(p); string(b) != "first" {
		t.Errorf("file holds %q after a failed write", b)
	}
	if err := put("third", nil); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(p); string(b) != "third" {
		t.Errorf("file holds %q", b)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("temporary files are left: %v", left)
	}
	if err := WriteFile(os.DevNull, 0o644, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err }); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatal("the null device was replaced by a file")
	}
}

func TestReadFileRefusesWhatIsNoSmallFile(t *testing.T) {
	dir := t.TempDir()
	p := filepath.Join(dir, "f")
	if err := os.WriteFile(p, pattern(100), 0o644); err != nil {
		t.Fatal(err)
	}
	if b, err := ReadFile(p, 100); err != nil || len(b) != 100 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if _, err := ReadFile(p, 99); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error = %v", err)
	}
	for _, bad := range []string{dir, os.DevNull, filepath.Join(dir, "none")} {
		if _, err := ReadFile(bad, 100); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
