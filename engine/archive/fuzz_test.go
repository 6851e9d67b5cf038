package archive

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func seed(f *testing.F, exts ...string) {
	f.Helper()
	for _, ext := range exts {
		names, err := filepath.Glob("testdata/*" + ext)
		if err != nil {
			f.Fatal(err)
		}
		for _, n := range names {
			b, err := os.ReadFile(n)
			if err != nil {
				f.Fatal(err)
			}
			if len(b) < 40<<10 {
				f.Add(b)
			}
		}
	}
}

// drain reads every member as far as a megabyte and checks that places lie inside
// the archive.
func drain(t *testing.T, c Container, size int64) {
	for i, m := range c.Members() {
		if m.Offset > size || m.Packed < 0 || m.Offset >= 0 && m.Offset+m.Packed > size && m.Packed > 0 {
			t.Fatalf("%q lies at %d, %d bytes, in an archive of %d", m.Name, m.Offset, m.Packed, size)
		}
		if i > 50 {
			continue
		}
		s, err := c.Open(i)
		if err != nil {
			continue
		}
		n, _ := io.Copy(io.Discard, io.LimitReader(s, 1<<20))
		if in := c.Section(i); in != nil && n < 1<<20 && in.Size() != n {
			t.Fatalf("%q: section of %d bytes, content of %d", m.Name, in.Size(), n)
		}
		s.Close()
	}
}

func FuzzZip(f *testing.F) {
	seed(f, ".zip")
	var b zipBuilder
	for _, n := range []string{"a", "a", "b/", "../c"} {
		b.add(plain(n, "content "+n))
	}
	f.Add(b.end("comment"))
	f.Add(torchLike(map[string][]byte{"x/data.pkl": []byte("N."), "x/data/0": make([]byte, 100)}, []string{"x/data.pkl", "x/data/0"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		z, err := ReadZip(context.Background(), bytes.NewReader(b), int64(len(b)), Limits{Members: 1000, Window: 1 << 20, Sizing: 1 << 20})
		if err == nil {
			drain(t, z, int64(len(b)))
		}
	})
}

func FuzzTar(f *testing.F) {
	seed(f, ".tar")
	f.Add(tarOf(tarFile{name: "a", body: "content"}, tarFile{name: "p", kind: 'x', body: "11 size=20\n12 path=abc\n"}, tarFile{name: "b", body: "x"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ReadTar(context.Background(), bytes.NewReader(b), int64(len(b)), Limits{Members: 1000})
		if err == nil {
			drain(t, c, int64(len(b)))
		}
	})
}

func Fuzz7z(f *testing.F) {
	seed(f, ".7z")
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Open7z(bytes.NewReader(b), int64(len(b)), Limits{Members: 1000, Window: 1 << 20, Sizing: 1 << 20})
		if err == nil {
			drain(t, c, int64(len(b)))
		}
	})
}

func FuzzStream(f *testing.F) {
	seed(f, ".gz", ".z", ".bz2", ".xz", ".lzma", ".lz4", ".zst")
	f.Fuzz(func(t *testing.T, b []byte) {
		found, ok := Detect(b)
		for _, f := range Formats() {
			if f.Kind != One || ok && f.Name != found.Name {
				continue
			}
			s, err := OpenStream(f, bytes.NewReader(b), int64(len(b)), Limits{Window: 1 << 20})
			if err != nil {
				continue
			}
			io.Copy(io.Discard, io.LimitReader(s, 1<<20))
			s.Close()
		}
	})
}
