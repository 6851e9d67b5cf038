package archive

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOracle compares with CPython's zipfile, tarfile, gzip, bz2, lzma and zlib on
// thousands of damaged archives: whatever content they get out of a file, before an
// error or without one, must be the beginning of something that is found here.
func TestOracle(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "" {
			t.Skip("needs python3")
		}
		t.Fatal("needs python3")
	}
	dir := t.TempDir()
	files := damaged(t)
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var stderr bytes.Buffer
	cmd := exec.Command(python, "testdata/oracle.py", dir)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	read := 0
	for lines.Scan() {
		var l struct {
			File    string
			Content [][]byte
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		ours := contents(l.File, files[l.File])
		for _, c := range l.Content {
			if len(c) == 0 {
				continue
			}
			read++
			if !slices.ContainsFunc(ours, func(o []byte) bool { return begins(o, c) }) {
				keep := filepath.Join(os.TempDir(), "oracle-"+l.File)
				_ = os.WriteFile(keep, files[l.File], 0o600)
				t.Errorf("%s: Python reads %d bytes %.40q that are not found here (%d contents; kept as %s)", l.File, len(c), c, len(ours), keep)
			}
		}
	}
	if read < len(files) {
		t.Errorf("Python read only %d contents out of %d files", read, len(files))
	}
	t.Logf("%d files, %d contents", len(files), read)
}

// begins reports whether ours begins with theirs. In a stream that is cut, Go's inflate
// may miss the last two symbols: it never takes fewer bits than the end of a block has.
func begins(ours, theirs []byte) bool {
	return bytes.HasPrefix(ours, theirs) || len(ours) < len(theirs) && len(ours) >= len(theirs)-2 && bytes.HasPrefix(theirs, ours)
}

// contents is everything found in a file, as its extension says, since Python was
// told the same.
func contents(name string, b []byte) (out [][]byte) {
	keep := func(r io.Reader) {
		c, _ := io.ReadAll(io.LimitReader(r, 1<<22))
		out = append(out, c)
	}
	var c Container
	var err error
	switch filepath.Ext(name) {
	case ".zip":
		c, err = ReadZip(context.Background(), bytes.NewReader(b), int64(len(b)), Limits{})
	case ".tar":
		c, err = ReadTar(context.Background(), bytes.NewReader(b), int64(len(b)), Limits{})
	default:
		format := map[string]string{".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".lzma": "lzma", ".z": "zlib"}[filepath.Ext(name)]
		f, _ := ByName(format)
		if s, err := OpenStream(f, bytes.NewReader(b), int64(len(b)), Limits{}); err == nil {
			keep(s)
		}
		return out
	}
	if err != nil {
		return nil
	}
	for i := range c.Members() {
		if s, err := c.Open(i); err == nil {
			keep(s)
		}
	}
	return out
}

// damaged makes archives and changes a few of their bytes.
func damaged(t *testing.T) map[string][]byte {
	rng := rand.New(rand.NewPCG(5, 6))
	text := []byte(strings.Repeat("some text that compresses, ", 20))
	noise := make([]byte, 300)
	for i := range noise {
		noise[i] = byte(rng.IntN(256))
	}
	var seeds []string
	out := map[string][]byte{}
	add := func(name string, b []byte) {
		out[name] = b
		seeds = append(seeds, name)
	}
	var w zipBuilder
	w.add(plain("stored.txt", string(text)))
	f := plain("deflated.txt", string(text))
	f.data = deflate9(string(text))
	f.method, f.localMethod, f.packed, f.localPacked = 8, 8, len(f.data), len(f.data)
	w.add(f)
	w.add(plain("noise.bin", string(noise)))
	f.name, f.localName = "streamed.txt", "streamed.txt"
	f.flags, f.localFlags, f.localSize, f.localPacked, f.localCRC = 8, 8, 0, 0, 0
	f.descriptor = descriptor(f.crc, f.packed, f.size)
	w.add(f)
	one := w.end("a comment")
	add("a.zip", one)
	add("two.zip", slices.Concat(one, torchLike(map[string][]byte{"x": text}, []string{"x"})))
	add("prefix.zip", slices.Concat(noise, one))
	add("a.tar", tarOf(tarFile{name: "a", body: string(text)}, tarFile{kind: 'x', body: pax("path=long", fmt.Sprintf("size=%d", len(noise)))},
		tarFile{name: "b", body: string(noise)}, tarFile{kind: 'L', name: "././@LongLink", body: strings.Repeat("n", 200) + "\x00"}, tarFile{name: "c", body: string(text)},
		tarFile{name: "l", kind: '2', link: "a"}, tarFile{name: "d", body: "last"}))
	add("odd.tar", tarOf(tarFile{name: "a", body: string(text), size: fmt.Sprintf(" 0o%o\x00", len(text)), sum: "0o%o\x00"},
		tarFile{name: "b", body: string(noise), size: "+0000000454\x00", sum: "+%o \x00"}, tarFile{kind: 'x', body: pax("size=0_3 ")}, tarFile{name: "c", body: "123"}))
	for _, name := range []string{"gzip.gz", "zlib.z", "bzip2.bz2", "xz.xz", "xz-crc32.xz", "xz-filters.xz", "lzma.lzma"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		add(name, b)
	}
	for i := range 3000 {
		name := seeds[i%len(seeds)]
		b := slices.Clone(out[name])
		structural := i%2 == 0 && strings.HasSuffix(name, ".zip")
		for range 1 + rng.IntN(3) {
			at := rng.IntN(len(b))
			if structural { // near a signature, where it matters
				if k := bytes.Index(b[at:], []byte("PK")); k >= 0 {
					at = min(at+k+rng.IntN(46), len(b)-1)
				}
			}
			switch rng.IntN(4) {
			case 0:
				b[at] = byte(rng.IntN(256))
			case 1:
				b[at] ^= 1 << rng.IntN(8)
			case 2:
				b[at] = 0
			default:
				switch rng.IntN(6) {
				case 0:
					b = b[:at+1]
				case 1:
					b = slices.Insert(b, at, noise[:rng.IntN(40)]...)
				default:
					b[at] = 0xff
				}
			}
		}
		out[fmt.Sprintf("%d-%s", i, name)] = b
	}
	return out
}
