package evasion

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// streams are the classes of other containers.
func streams() []class {
	return []class{compressed(), cutStreams(), concatenated(), tars(), tarTricks(), sevens()}
}

func gzipBytes(p []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(p)
	w.Close()
	return b.Bytes()
}

func zlibBytes(p []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write(p)
	w.Close()
	return b.Bytes()
}

func zstdBytes(p []byte) []byte {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // the options are valid
	}
	return w.EncodeAll(p, nil)
}

func lz4Bytes(p []byte) []byte {
	var b bytes.Buffer
	w := lz4.NewWriter(&b)
	w.Write(p)
	w.Close()
	return b.Bytes()
}

// lz4Raw is a block of literals only.
func lz4Raw(p []byte) []byte {
	return append([]byte{0xf0, byte(len(p) - 15)}, p...)
}

func xzBytes(p []byte) []byte {
	var b bytes.Buffer
	w, err := xz.NewWriter(&b)
	if err != nil {
		panic(err) // the defaults are valid
	}
	w.Write(p)
	w.Close()
	return b.Bytes()
}

func lzmaBytes(p []byte) []byte {
	var b bytes.Buffer
	w, err := lzma.NewWriter(&b)
	if err != nil {
		panic(err) // the defaults are valid
	}
	w.Write(p)
	w.Close()
	return b.Bytes()
}

// zipLZMA is the data of zip's method 14.
func zipLZMA(p []byte) []byte {
	var b bytes.Buffer
	w, err := lzma.WriterConfig{SizeInHeader: true, Size: int64(len(p))}.NewWriter(&b)
	if err != nil {
		panic(err) // the size is known
	}
	w.Write(p)
	w.Close()
	raw := b.Bytes()
	return slices.Concat([]byte{9, 20, 5, 0}, raw[:5], raw[13:])
}

// bzip2Bytes is evil or good as Python's bz2 writes it; Go has no writer.
func bzip2Bytes(harmful bool) []byte {
	text := bzip2Good
	if harmful {
		text = bzip2Evil
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err) // constants
	}
	return b
}

// packers are the compressed formats.
func packers() []struct {
	ext  string
	pack func([]byte) []byte
} {
	return []struct {
		ext  string
		pack func([]byte) []byte
	}{{".gz", gzipBytes}, {".z", zlibBytes}, {".zst", zstdBytes}, {".lz4", lz4Bytes}, {".xz", xzBytes}, {".lzma", lzmaBytes}}
}

func compressed() class {
	return class{
		name: "compressed pickle",
		cases: func(add func(string, string, []byte)) {
			for _, p := range packers() {
				add(p.ext, "model.pkl"+p.ext, p.pack(evil()))
				add(p.ext+" without its extension", "model.pkl", p.pack(evil()))
			}
			add(".bz2", "model.pkl.bz2", bzip2Bytes(true))
			add("lzma with an odd dictionary size", "model.joblib", func() []byte {
				b := lzmaBytes(evil())
				copy(b[1:], "\x00\x01\x80\x00")
				return b
			}())
			add("zlib after 2,000 empty blocks", "model.joblib", func() []byte {
				b := zlibBytes(evil())
				return slices.Concat(b[:2], bytes.Repeat([]byte("\x00\x00\x00\xff\xff"), 2000), b[2:])
			}())
			add("zlib of a small window", "model.joblib", append([]byte("\x48\xc7"), zlibBytes(evil())[2:]...))
			add("lz4, legacy frame", "model.pkl.lz4", append([]byte("\x02\x21\x4c\x18"+le32(len(lz4Raw(evil())))), lz4Raw(evil())...))
			add("gz in xz in gz", "model.bin", gzipBytes(xzBytes(gzipBytes(evil()))))
		},
		twin: func() (string, []byte) { return "model.pkl", gzipBytes(xzBytes(zstdBytes(good()))) },
	}
}

// cutStreams are damaged behind the payload: loaders that stream have run it by then.
func cutStreams() class {
	long := append(evil(), bytes.Repeat([]byte("some content behind the pickle "), 20000)...)
	for i := range long[len(evil()):] {
		long[len(evil())+i] ^= byte(i * i >> 7)
	}
	return class{
		name: "compressed and damaged behind the payload",
		cases: func(add func(string, string, []byte)) {
			for _, p := range packers() {
				b := p.pack(long)
				add(p.ext+" cut", "model.pkl"+p.ext, b[:len(b)*3/4])
			}
			add("zlib that becomes an invalid block", "model.pkl.z", func() []byte {
				b := []byte("\x78\x9c\x00" + le16(len(evil())) + le16(^len(evil())))
				return slices.Concat(b, evil(), bytes.Repeat([]byte("\xff"), 40))
			}())
			add("lzma with garbage behind the payload", "model.joblib", func() []byte {
				b := lzmaBytes(evil())
				for i := len(b) - 8; i < len(b); i++ {
					b[i] ^= 0x55
				}
				return b
			}())
			b := gzipBytes(evil())
			b[len(b)-6] ^= 1
			add("gz with a wrong checksum", "model.pkl.gz", b)
			b = zlibBytes(evil())
			b[len(b)-1] ^= 1
			add("zlib with a wrong checksum", "model.pkl.z", b)
			add("gz with a header that Go refuses", "model.pkl.gz", func() []byte {
				b := gzipBytes(evil())
				name := bytes.Repeat([]byte("n"), 5000)
				b[3] = 8
				return slices.Concat(b[:10], name, []byte{0}, b[10:])
			}())
		},
		twin: func() (string, []byte) { return "model.pkl.gz", gzipBytes(good()) },
	}
}

func concatenated() class {
	return class{
		name: "several compressed streams in a row",
		cases: func(add func(string, string, []byte)) {
			add("gzip", "model.pkl.gz", append(gzipBytes(good()), gzipBytes(evil())...))
			add("gzip after zeros", "model.pkl.gz", slices.Concat(gzipBytes(good()), make([]byte, 100), gzipBytes(evil())))
			add("zlib", "model.pkl.z", append(zlibBytes(good()), zlibBytes(evil())...))
			add("xz", "model.pkl.xz", append(xzBytes(good()), xzBytes(evil())...))
			add("zstd", "model.pkl.zst", append(zstdBytes(good()), zstdBytes(evil())...))
			add("zstd after a skippable frame", "model.pkl.zst", slices.Concat([]byte("\x50\x2a\x4d\x18\x04\x00\x00\x00skip"), zstdBytes(evil())))
			add("lz4", "model.pkl.lz4", append(lz4Bytes(good()), lz4Bytes(evil())...))
			add("pickle split over two gzip members", "model.pkl.gz", append(gzipBytes(evil()[:10]), gzipBytes(evil()[10:])...))
			add("bare pickle behind gzip", "model.pkl.gz", append(gzipBytes(good()), evil()...))
		},
		twin: func() (string, []byte) { return "model.pkl.gz", append(gzipBytes(good()), gzipBytes(good())...) },
	}
}

// tarFile is one header with what follows it.
type tarFile struct {
	name string
	kind byte
	size string // as written; empty for the body's length in octal
	bad  bool   // wrong checksum
	sum  string // format of the checksum; empty for what everybody writes
	body []byte
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
	b[156] = '0'
	if f.kind != 0 {
		b[156] = f.kind
	}
	copy(b[257:], "ustar\x0000")
	copy(b[148:], "        ")
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	if f.bad {
		sum++
	}
	format := "%06o\x00 "
	if f.sum != "" {
		format = f.sum
	}
	copy(b[148:], fmt.Sprintf(format, sum))
	b = append(b, f.body...)
	return append(b, make([]byte, -len(f.body)&511)...)
}

func tarOf(files ...tarFile) []byte {
	var out []byte
	for _, f := range files {
		out = append(out, tarEntry(f)...)
	}
	return append(out, make([]byte, 1024)...)
}

func tars() class {
	return class{
		name: "tar",
		cases: func(add func(string, string, []byte)) {
			t := tarOf(tarFile{name: "readme", body: []byte("hello")}, tarFile{name: "data.pkl", body: evil()})
			add("plain", "model.tar", t)
			add("without its extension", "model.bin", t)
			for _, p := range packers() {
				add(p.ext, "model.tar"+p.ext, p.pack(t))
			}
			add("torch of 2016", "model.pt", tarOf(tarFile{name: "storages", body: p2("K\x00")}, tarFile{name: "tensors", body: p2("K\x00")}, tarFile{name: "pickle", body: evilTorch()}))
			add("torch of 2016, in the storages", "model.pt", tarOf(tarFile{name: "storages", body: evil()}, tarFile{name: "tensors", body: p2("K\x00")}, tarFile{name: "pickle", body: p2("N")}))
			add("tar that begins like a zip", "model.tar", tarOf(tarFile{name: "PK\x03\x04", body: evil()}))
			add("tar that begins like a pickle", "model.pkl", tarOf(tarFile{name: "\x80\x02N.", body: evil()}))
			add("tar in tar", "model.tar", tarOf(tarFile{name: "in.tar", body: t}))
		},
		twin: func() (string, []byte) {
			return "model.tar.gz", gzipBytes(tarOf(tarFile{name: "readme", body: []byte("hello")}, tarFile{name: "data.pkl", body: good()}))
		},
	}
}

func tarTricks() class {
	in := tarEntry(tarFile{name: "data.pkl", body: evil()})
	a := tarFile{name: "a", body: []byte("x")}
	return class{
		name: "tar: members that some readers miss",
		cases: func(add func(string, string, []byte)) {
			add("behind the end marker", "model.tar", append(tarOf(a), tarOf(tarFile{name: "data.pkl", body: evil()})...))
			add("behind a damaged header", "model.tar", slices.Concat(tarEntry(a), tarEntry(tarFile{name: "q", bad: true}), in, make([]byte, 1024)))
			add("pax size swallows a header", "model.tar", tarOf(tarFile{kind: 'x', body: []byte(fmt.Sprintf("%d size=%d\n", 12, len(in)))[:12]}, tarFile{name: "a", size: "00000000000", body: in}))
			add("behind a link with a size", "model.tar", tarOf(tarFile{name: "l", kind: '2', body: in}))
			add("base-256 size", "model.tar", tarOf(tarFile{name: "data.pkl", body: evil(), size: "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + string(rune(len(evil())))}))
			add("checksum with a prefix", "model.tar", tarOf(tarFile{name: "data.pkl", body: evil(), sum: "0o%o\x00"}))
			add("checksum with a sign", "model.tar", tarOf(tarFile{name: "data.pkl", body: evil(), sum: "+%o\x00\t"}))
			add("size with an underscore", "model.tar", tarOf(tarFile{name: "data.pkl", body: evil(), size: fmt.Sprintf("0_%o\x00", len(evil()))}))
			add("vendor type", "model.tar", tarOf(tarFile{name: "data.pkl", kind: 'Z', body: evil()}))
			add("contiguous type", "model.tar", tarOf(tarFile{name: "data.pkl", kind: '7', body: evil()}))
			add("two of one name", "model.tar", tarOf(tarFile{name: "data.pkl", body: evil()}, tarFile{name: "data.pkl", body: good()}))
			add("traversal", "model.tar", tarOf(tarFile{name: "../../data.pkl", body: evil()}))
			add("no end marker", "model.tar", in)
			add("cut in the member", "model.tar", in[:512+len(evil())])
		},
		twin: func() (string, []byte) {
			return "model.tar", tarOf(a, tarFile{name: "data.pkl", body: good()})
		},
	}
}

// sevenOf writes a 7z with one member; packed holds the data behind the coder.
func sevenOf(name string, content, packed []byte, coder string) []byte {
	var h bytes.Buffer
	num := func(v int) { // two bytes hold what is needed here
		h.Write([]byte{0x80 | byte(v>>8), byte(v)})
	}
	h.WriteString("\x01\x04\x06\x00\x01\x09")
	num(len(packed))
	h.WriteString("\x00\x07\x0b\x01\x00\x01" + coder + "\x0c")
	num(len(content))
	h.WriteString("\x0a\x01")
	put(&h, crc32.ChecksumIEEE(content))
	h.WriteString("\x00\x00\x05\x01\x11")
	u := utf16.Encode([]rune(name + "\x00"))
	num(1 + 2*len(u))
	h.WriteByte(0)
	put(&h, u)
	h.WriteString("\x00\x00")
	var start bytes.Buffer
	put(&start, uint64(len(packed)), uint64(h.Len()), crc32.ChecksumIEEE(h.Bytes()))
	out := append([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(start.Bytes()))...)
	return slices.Concat(out, start.Bytes(), packed, h.Bytes())
}

func sevenLZMA(name string, content []byte) []byte {
	z := zipLZMA(content)
	return sevenOf(name, content, z[9:], "\x23\x03\x01\x01\x05"+string(z[4:9]))
}

func sevens() class {
	return class{
		name: "7z",
		cases: func(add func(string, string, []byte)) {
			add("copied", "model.7z", sevenOf("data.pkl", evil(), evil(), "\x01\x00"))
			add("LZMA", "model.7z", sevenLZMA("data.pkl", evil()))
			add("LZMA, named .pt", "model.pt", sevenLZMA("data.pkl", evil()))
			add("torch file in 7z", "model.pt", sevenLZMA("model.pt", torchZip(evilTorch())))
			add("deflate", "model.7z", sevenOf("data.pkl", evil(), deflateBytes(evil()), "\x03\x04\x01\x08"))
			add("wrong checksum", "model.7z", func() []byte {
				b := sevenOf("data.pkl", evil(), evil(), "\x01\x00")
				i := bytes.LastIndex(b, binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(evil())))
				b[i] ^= 1
				return b
			}())
			add("more behind", "model.7z", append(sevenLZMA("data.pkl", evil()), "more"...))
		},
		twin: func() (string, []byte) { return "model.7z", sevenLZMA("data.pkl", good()) },
	}
}
