package archive

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readZip(t testing.TB, b []byte) *Zip {
	t.Helper()
	z, err := ReadZip(context.Background(), bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func deflate9(s string) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 9)
	w.Write([]byte(s))
	w.Close()
	return b.Bytes()
}

// TestZipDifferentials shows for each way in which readers of one zip disagree that
// the content each of them would see is there, and that the difference is noted.
func TestZipDifferentials(t *testing.T) {
	const evil = "the content that only some readers see"
	tests := []struct {
		name  string
		build func() []byte
		want  map[string]string // content -> a kind that one of its members has, or of the archive; "" for any
		kind  Kind
	}{
		{"name differs", func() []byte {
			var b zipBuilder
			f := plain("safe.txt", evil)
			f.localName = "data.pkl"
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "safe.txt"}, KindName},
		{"method differs", func() []byte {
			var b zipBuilder
			f := plain("a", evil)
			f.data = deflate9(evil)
			f.localMethod, f.packed, f.localPacked, f.size = 8, len(f.data), len(f.data), len(f.data)
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "a", string(deflate9(evil)): "a"}, KindMethod},
		{"size differs", func() []byte {
			var b zipBuilder
			f := plain("a", "short"+evil)
			f.size, f.packed, f.crc = 5, 5, crc32.ChecksumIEEE([]byte("short"))
			b.add(f)
			return b.end("")
		}, map[string]string{"short": "a", "short" + evil: "a"}, KindSize},
		{"stored with two sizes", func() []byte {
			var b zipBuilder
			f := plain("a", evil)
			f.packed, f.localPacked = 5, 5
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "a"}, KindSize},
		{"encryption bit in the directory", func() []byte {
			var b zipBuilder
			f := plain("a", evil)
			f.flags = 1
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "a"}, KindFlags},
		{"encryption bit in both", func() []byte {
			var b zipBuilder
			f := plain("a", evil)
			f.flags, f.localFlags = 1, 1
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "a"}, KindEncrypted},
		{"wrong checksum", func() []byte {
			var b zipBuilder
			f := plain("a", evil)
			f.crc, f.localCRC = 1, 1
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "a"}, KindCRC},
		{"duplicate", func() []byte {
			var b zipBuilder
			b.add(plain("a", evil))
			b.add(plain("a", "harmless"))
			return b.end("")
		}, map[string]string{evil: "a", "harmless": "a"}, KindDuplicate},
		{"duplicate in another case", func() []byte {
			var b zipBuilder
			b.add(plain("archive/data.pkl", "harmless"))
			b.add(plain("archive/DATA.PKL", evil))
			return b.end("")
		}, map[string]string{evil: "archive/DATA.PKL", "harmless": "archive/data.pkl"}, KindFolded},
		{"duplicate behind NUL", func() []byte {
			var b zipBuilder
			b.add(plain("data.pkl", "harmless"))
			b.add(plain("data.pkl\x00.txt", evil))
			return b.end("")
		}, map[string]string{evil: "data.pkl\x00.txt", "harmless": "data.pkl"}, KindFolded},
		{"duplicate with a backslash", func() []byte {
			var b zipBuilder
			b.add(plain("a/b", "harmless"))
			b.add(plain(`a\b`, evil))
			return b.end("")
		}, map[string]string{evil: `a\b`, "harmless": "a/b"}, KindFolded},
		{"Unicode path", func() []byte {
			var b zipBuilder
			f := plain("safe.txt", evil)
			up := []byte("\x75\x70")
			body := binary.LittleEndian.AppendUint32([]byte{1}, crc32.ChecksumIEEE([]byte("safe.txt")))
			body = append(body, "data.pkl"...)
			up = binary.LittleEndian.AppendUint16(up, uint16(len(body)))
			f.extra = append(up, body...)
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "safe.txt"}, KindName},
		{"two entries, one header", func() []byte {
			var b zipBuilder
			b.add(plain("a", evil))
			f := plain("b", evil)
			f.noLocal, f.ownOffset = true, true
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "a"}, KindShared},
		{"local header only", func() []byte {
			var b zipBuilder
			b.add(plain("a", "harmless"))
			f := plain("data.pkl", evil)
			f.noCentral = true
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "data.pkl", "harmless": "a"}, KindLocalOnly},
		{"local header only, size behind the data", func() []byte {
			var b zipBuilder
			b.add(plain("a", "harmless"))
			f := plain("data.pkl", evil)
			f.data = deflate9(evil)
			f.localMethod, f.localFlags, f.localSize, f.localPacked, f.localCRC = 8, 8, 0, 0, 0
			f.descriptor = descriptor(f.crc, len(f.data), len(evil))
			f.noCentral = true
			b.add(f)
			b.add(plain("z", "also harmless"))
			return b.end("")
		}, map[string]string{evil: "data.pkl", "harmless": "a", "also harmless": "z"}, KindLocalOnly},
		{"hidden behind a shorter local size", func() []byte {
			var hidden zipBuilder
			hidden.add(plain("data.pkl", evil))
			in := hidden.Bytes()
			var b zipBuilder
			f := plain("a", "x"+string(in))
			f.localSize, f.localPacked = 1, 1
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "data.pkl"}, KindLocalOnly},
		{"no directory", func() []byte {
			var b zipBuilder
			b.add(plain("a", evil))
			return b.Bytes()
		}, map[string]string{evil: "a"}, KindNoDirectory},
		{"behind another file", func() []byte {
			var b zipBuilder
			b.add(plain("a", evil))
			return append([]byte(strings.Repeat("GIF89a", 3000)), b.end("")...)
		}, map[string]string{evil: "a"}, KindPrefix},
		{"behind another file, offsets adjusted", func() []byte {
			var b zipBuilder
			b.WriteString(strings.Repeat("GIF89a", 3000))
			b.add(plain("a", evil))
			return b.end("")
		}, map[string]string{evil: "a"}, KindPrefix},
		{"before another file", func() []byte {
			var b zipBuilder
			b.add(plain("a", evil))
			return append(b.end(""), strings.Repeat("x", 100000)...)
		}, map[string]string{evil: "a"}, ""},
		{"two zips in a row", func() []byte {
			var a, b zipBuilder
			a.add(plain("data.pkl", evil))
			b.add(plain("data.pkl", "harmless"))
			return append(a.end(""), b.end("")...)
		}, map[string]string{evil: "data.pkl", "harmless": "data.pkl"}, ""},
		{"end record in the comment of another", func() []byte {
			var a zipBuilder
			a.add(plain("data.pkl", evil))
			f := plain("data.pkl", "harmless")
			dir := a.dir
			a.dir = bytes.Buffer{}
			a.add(f)
			first := a.end("")
			comment := make([]byte, 0)
			start := len(first) + 22
			_ = start
			comment = append(comment, dir.Bytes()...)
			comment = append(comment, "PK\x05\x06"...)
			for _, v := range []any{uint16(0), uint16(0), uint16(1), uint16(1), uint32(dir.Len()), uint32(len(first)), uint16(0)} {
				comment, _ = binary.Append(comment, binary.LittleEndian, v)
			}
			binary.LittleEndian.PutUint16(first[len(first)-2:], uint16(len(comment)))
			return append(first, comment...)
		}, map[string]string{evil: "data.pkl", "harmless": "data.pkl"}, KindDirectories},
		{"end record counts too few", func() []byte {
			var b zipBuilder
			b.add(plain("a", "harmless"))
			b.add(plain("data.pkl", evil))
			out := b.end("")
			binary.LittleEndian.PutUint16(out[len(out)-22+10:], 1)
			binary.LittleEndian.PutUint16(out[len(out)-22+8:], 1)
			return out
		}, map[string]string{evil: "data.pkl", "harmless": "a"}, KindDirectorySize},
		{"data in a directory", func() []byte {
			var b zipBuilder
			b.add(plain("data.pkl/", evil))
			return b.end("")
		}, map[string]string{evil: "data.pkl/"}, KindDirectoryData},
		{"more after the compressed stream", func() []byte {
			var b zipBuilder
			f := plain("a", evil)
			f.data = append(deflate9(evil), "rest"...)
			f.method, f.localMethod, f.packed, f.localPacked = 8, 8, len(f.data), len(f.data)
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "a"}, KindLeftover},
		{"no local header", func() []byte {
			var b zipBuilder
			b.add(plain("a", evil))
			out := b.end("")
			copy(out, "XXXX")
			return out
		}, map[string]string{evil: "a"}, KindCentralOnly},
		{"two Zip64 fields", func() []byte {
			var b zipBuilder
			f := plain("a", evil)
			field := func(v uint64) []byte {
				return binary.LittleEndian.AppendUint64([]byte{1, 0, 8, 0}, v)
			}
			b.add(plain("z", "harmless"))
			f.ownOffset, f.offset = true, 0xffffffff
			f.extra = append(field(0), field(uint64(b.Len()))...)
			b.add(f)
			return b.end("")
		}, map[string]string{evil: "a"}, KindExtra},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			z := readZip(t, tt.build())
			kinds := map[Kind]bool{}
			for _, a := range z.Anomalies() {
				kinds[a.Kind] = true
			}
			got := map[string][]string{}
			for i, m := range z.Members() {
				content, anomalies, _ := readAll(t, z, i)
				got[string(content)] = append(got[string(content)], m.Name)
				for _, a := range anomalies {
					kinds[a.Kind] = true
				}
			}
			for content, name := range tt.want {
				if !slices.Contains(got[content], name) {
					t.Errorf("content %q of %q not seen; got %q", content, name, got)
				}
			}
			if tt.kind != "" && !kinds[tt.kind] {
				t.Errorf("kinds %v, want %s among them", kinds, tt.kind)
			}
			if len(kinds) == 0 {
				t.Error("no anomaly at all")
			}
		})
	}
}

func descriptor(crc uint32, packed, size int) []byte {
	b := []byte("PK\x07\x08")
	b = binary.LittleEndian.AppendUint32(b, crc)
	b = binary.LittleEndian.AppendUint32(b, uint32(packed))
	return binary.LittleEndian.AppendUint32(b, uint32(size))
}

// torchLike writes a zip as torch.save does: stored, a descriptor behind each
// member although the size is known, and padding in an extra field so that data
// begin at multiples of 64.
func torchLike(members map[string][]byte, order []string) []byte {
	var b zipBuilder
	for _, name := range order {
		f := plain(name, string(members[name]))
		pad := 64 - (b.Len()+30+len(name)+4)%64
		f.localExtra = append([]byte("FB"), binary.LittleEndian.AppendUint16(nil, uint16(pad))...)
		f.localExtra = append(f.localExtra, bytes.Repeat([]byte("Z"), pad)...)
		f.flags, f.localFlags = 0x808, 0x808
		f.localSize, f.localPacked, f.localCRC = 0, 0, 0
		f.descriptor = descriptor(f.crc, f.packed, f.size)
		b.add(f)
	}
	return b.end("")
}

// Zips written without lies have no anomalies, whatever is in them: a nested zip,
// signatures in the data, odd sizes.
func TestHonestZipsHaveNoAnomalies(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 40 {
		contents := map[string][]byte{}
		var order []string
		for i := range rng.IntN(12) {
			name := fmt.Sprintf("archive/data/%d", i)
			b := make([]byte, rng.IntN(3000))
			for j := range b {
				b[j] = byte(rng.IntN(256))
			}
			if rng.IntN(3) == 0 {
				b = append(b, torchLike(map[string][]byte{"in": []byte("inner")}, []string{"in"})...)
			}
			contents[name] = b
			order = append(order, name)
		}
		var std bytes.Buffer
		w := zip.NewWriter(&std)
		for i, name := range order {
			h := &zip.FileHeader{Name: name, Method: uint16(8 * (i % 2))}
			f, err := w.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			f.Write(contents[name])
		}
		w.Close()
		for kind, b := range map[string][]byte{"archive/zip": std.Bytes(), "torch": torchLike(contents, order)} {
			z := readZip(t, b)
			if len(z.Anomalies()) > 0 {
				t.Fatalf("round %d, %s: %+v", round, kind, z.Anomalies())
			}
			got := map[string][]byte{}
			for i, m := range z.Members() {
				content, anomalies, err := readAll(t, z, i)
				if err != nil || len(anomalies) > 0 {
					t.Fatalf("round %d, %s, %s: %v %+v", round, kind, m.Name, err, anomalies)
				}
				got[m.Name] = content
				if kind == "torch" && m.Offset%64 != 0 {
					t.Errorf("data at %d", m.Offset)
				}
			}
			if d := cmp.Diff(contents, got); d != "" {
				t.Fatalf("round %d, %s: %s", round, kind, d)
			}
		}
	}
}

// PyTorch writes Zip64 records into every file. The first entry of the directory may
// be as long as they are: counting back from the end record then hits the second.
func TestNamesOfAnyLength(t *testing.T) {
	for n := 1; n < 120; n++ {
		name := strings.Repeat("n", n)
		b := torchLike(map[string][]byte{name: []byte("1"), "b": []byte("2")}, []string{name, "b"})
		end := len(b) - endLen
		count, size, start := le.Uint16(b[end+10:]), le.Uint32(b[end+12:]), le.Uint32(b[end+16:])
		wide := append([]byte("PK\x06\x06"), make([]byte, end64Len-4)...)
		le.PutUint64(wide[4:], end64Len-12)
		le.PutUint64(wide[24:], uint64(count))
		le.PutUint64(wide[32:], uint64(count))
		le.PutUint64(wide[40:], uint64(size))
		le.PutUint64(wide[48:], uint64(start))
		wide = append(wide, "PK\x06\x07\x00\x00\x00\x00"...)
		wide = le.AppendUint64(wide, uint64(end))
		wide = le.AppendUint32(wide, 1)
		z := readZip(t, slices.Concat(b[:end], wide, b[end:]))
		if len(z.Anomalies()) > 0 || len(z.Members()) != 2 {
			t.Errorf("name of %d bytes: %d members, %+v", n, len(z.Members()), z.Anomalies())
		}
	}
}

func TestManyMembers(t *testing.T) {
	const n = 100_000
	var b zipBuilder
	for i := range n {
		b.add(plain(fmt.Sprintf("d/%d.txt", i), "x"))
	}
	out := b.end("") // the count wraps, as some writers let it
	z := readZip(t, out)
	if len(z.Members()) != n {
		t.Errorf("%d members", len(z.Members()))
	}
	if len(z.Anomalies()) > 0 {
		t.Errorf("%+v", z.Anomalies()[0])
	}

	var same zipBuilder
	for range n {
		same.add(plain("d", "x"))
	}
	z = readZip(t, same.end(""))
	if len(z.Members()) != n {
		t.Errorf("%d members of one name", len(z.Members()))
	}

	z, err := ReadZip(context.Background(), bytes.NewReader(out), int64(len(out)), Limits{Members: 100})
	if err != nil {
		t.Fatal(err)
	}
	if len(z.Members()) > 200 || !slices.ContainsFunc(z.Anomalies(), func(a Anomaly) bool { return a.Kind == KindTooManyMembers }) {
		t.Errorf("%d members under a limit of 100: %+v", len(z.Members()), z.Anomalies())
	}
}

func TestNotAZip(t *testing.T) {
	for _, s := range []string{"", "PK", "PK\x05\x06", "hello", strings.Repeat("PK\x03\x04", 5000), strings.Repeat("PK\x05\x06", 5000)} {
		z, err := ReadZip(context.Background(), strings.NewReader(s), int64(len(s)), Limits{})
		if err == nil && len(z.Anomalies()) == 0 {
			t.Errorf("%.20q is a zip without anomalies", s)
		}
	}
}
