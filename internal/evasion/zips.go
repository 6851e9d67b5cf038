package evasion

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
)

// zips are the classes of zip containers; the payload is the data.pkl of a torch file
// or a bare pickle.
func zips() []class {
	return []class{torchPayload(), names(), methods(), encryption(), checksums(), duplicateMembers(), directories(), hiddenMembers(), polyglots(), memberNames(), methodsOdd(), zipInZip()}
}

func goodZip() (string, []byte) { return "model.pt", torchZip(goodTorch()) }

// change returns the members of a torch file after one was changed.
func change(data []byte, f func(*zipFile)) []byte {
	m := torchMembers(data)
	f(&m[0])
	return zipOf(m...)
}

func torchPayload() class {
	return class{
		name: "torch zip",
		cases: func(add func(string, string, []byte)) {
			add("data.pkl", "model.pt", torchZip(evilTorch()))
			add("named .bin", "pytorch_model.bin", torchZip(evilTorch()))
			add("named .safetensors", "model.safetensors", torchZip(evilTorch()))
			add("named .txt", "notes.txt", torchZip(evilTorch()))
			m := torchMembers(goodTorch())
			add("second pickle", "model.pt", zipOf(append(m, torchMember("model/extra.pkl", evil()))...))
			add("pickle among the storages", "model.pt", zipOf(append(m, torchMember("model/data/1", evil()))...))
			add("pickle for a storage", "model.pt", zipOf(m[0], m[1], torchMember("model/data/0", evil()), m[3]))
			add("second data.pkl below another folder", "model.pt", zipOf(append([]zipFile{torchMember("a/data.pkl", evilTorch())}, m...)...))
			add("stacked in data.pkl", "model.pt", torchZip(append(goodTorch(), evil()...)))
			add("TorchScript with an evil constants.pkl", "model.pt", zipOf(append(m, torchMember("model/constants.pkl", evil()))...))
			add("deflated", "model.pt", zipOf(deflated("model/data.pkl", evilTorch()), m[2], m[3]))
			add("protocol 4", "model.pt", torchZip(p4(system())))
		},
		twin: goodZip,
	}
}

func names() class {
	return class{
		name: "zip: the views name a member differently",
		cases: func(add func(string, string, []byte)) {
			add("harmless name in the local header", "model.pt", change(evilTorch(), func(f *zipFile) { f.localName = "model/notes.md" }))
			add("harmless name in the directory", "model.pt", change(evilTorch(), func(f *zipFile) { f.name = "model/notes.md" }))
			add("local name of another length", "model.pt", change(evilTorch(), func(f *zipFile) { f.localName = "x" }))
			add("Unicode path extra field", "model.pt", change(evilTorch(), func(f *zipFile) {
				f.name, f.localName = "model/notes.md", "model/notes.md"
				body := append(binary.LittleEndian.AppendUint32([]byte{1}, crc32.ChecksumIEEE([]byte(f.name))), "model/data.pkl"...)
				f.extra = append(binary.LittleEndian.AppendUint16([]byte("\x75\x70"), uint16(len(body))), body...)
			}))
			add("empty local name", "model.pt", change(evilTorch(), func(f *zipFile) { f.localName = "" }))
		},
		twin: goodZip,
	}
}

func methods() class {
	return class{
		name: "zip: the views give other data",
		cases: func(add func(string, string, []byte)) {
			plain := func(f *zipFile) *zipFile {
				*f = stored(f.name, f.data)
				return f
			}
			add("stored in the directory, deflate in the header", "model.pt", change(evilTorch(), func(f *zipFile) { plain(f).localMethod = 8 }))
			add("deflate in the directory, stored in the header", "model.pt", change(evilTorch(), func(f *zipFile) { plain(f).method = 8 }))
			add("deflated, header says stored", "model.pt", change(evilTorch(), func(f *zipFile) {
				*f = deflated(f.name, f.data)
				f.localMethod = 0
			}))
			add("unknown method in the header", "model.pt", change(evilTorch(), func(f *zipFile) { plain(f).localMethod = 77 }))
			add("short size in the directory", "model.pt", change(append(goodTorch(), evil()...), func(f *zipFile) {
				n := len(goodTorch())
				plain(f)
				f.size, f.packed, f.crc = n, n, crc32.ChecksumIEEE(f.data[:n])
			}))
			add("short size in the header", "model.pt", change(evilTorch(), func(f *zipFile) { plain(f).localSize, f.localPacked = 2, 2 }))
			add("size 0 in the header", "model.pt", change(evilTorch(), func(f *zipFile) { plain(f).localSize, f.localPacked = 0, 0 }))
			add("uncompressed size 1", "model.pt", change(evilTorch(), func(f *zipFile) { plain(f).size = 1 }))
			add("descriptor that lies", "model.pt", change(evilTorch(), func(f *zipFile) { f.descriptor = descriptor(1, 2, 3) }))
			add("descriptor bit in one view", "model.pt", change(evilTorch(), func(f *zipFile) { f.flags = 0x800 }))
			add("more behind the deflate stream", "model.pt", change(evilTorch(), func(f *zipFile) {
				*f = deflated(f.name, f.data)
				f.data = append(f.data, good()...)
				f.packed, f.localPacked = len(f.data), len(f.data)
			}))
		},
		twin: goodZip,
	}
}

func encryption() class {
	return class{
		name: "zip: encryption bit",
		cases: func(add func(string, string, []byte)) {
			for _, x := range []struct {
				name           string
				central, local uint16
			}{{"in the directory", 1, 0}, {"in the header", 0, 1}, {"in both", 1, 1}, {"strong encryption", 0x41, 0}, {"masked header", 0x2000, 0x2000}} {
				add(x.name, "model.pt", change(evilTorch(), func(f *zipFile) {
					*f = stored(f.name, f.data)
					f.flags, f.localFlags = x.central, x.local
				}))
			}
			add("deflated, in the directory", "model.pt", change(evilTorch(), func(f *zipFile) {
				*f = deflated(f.name, f.data)
				f.flags = 1
			}))
			add("every member", "model.pt", func() []byte {
				m := torchMembers(evilTorch())
				for i := range m {
					m[i].flags |= 1
				}
				return zipOf(m...)
			}())
		},
		twin: goodZip,
	}
}

func checksums() class {
	return class{
		name: "zip: wrong checksum",
		cases: func(add func(string, string, []byte)) {
			add("in both views", "model.pt", change(evilTorch(), func(f *zipFile) { *f = stored(f.name, f.data); f.crc, f.localCRC = 1, 1 }))
			add("in the directory", "model.pt", change(evilTorch(), func(f *zipFile) { *f = stored(f.name, f.data); f.crc = 1 }))
			add("zero", "model.pt", change(evilTorch(), func(f *zipFile) { *f = stored(f.name, f.data); f.crc, f.localCRC = 0, 0 }))
			add("deflated", "model.pt", change(evilTorch(), func(f *zipFile) { *f = deflated(f.name, f.data); f.crc, f.localCRC = 1, 1 }))
		},
		twin: goodZip,
	}
}

func duplicateMembers() class {
	pair := func(first, second string, evilFirst bool) []byte {
		a, b := evilTorch(), goodTorch()
		if !evilFirst {
			a, b = b, a
		}
		m := torchMembers(nil)
		return zipOf(torchMember(first, a), m[1], m[2], m[3], torchMember(second, b))
	}
	return class{
		name: "zip: two members of one name",
		cases: func(add func(string, string, []byte)) {
			add("harmful one first", "model.pt", pair("model/data.pkl", "model/data.pkl", true))
			add("harmful one last", "model.pt", pair("model/data.pkl", "model/data.pkl", false))
			add("upper case", "model.pt", pair("model/DATA.PKL", "model/data.pkl", true))
			add("NUL", "model.pt", pair("model/data.pkl\x00.md", "model/data.pkl", true))
			add("backslash", "model.pt", pair(`model\data.pkl`, "model/data.pkl", true))
			add("dot", "model.pt", pair("model/./data.pkl", "model/data.pkl", true))
			add("double slash", "model.pt", pair("model//data.pkl", "model/data.pkl", true))
			add("full-width letters", "model.pt", pair("model/ｄata.pkl", "model/data.pkl", true))
			add("a hundred", "model.pt", zipOf(append(slices.Repeat([]zipFile{torchMember("model/data.pkl", goodTorch())}, 100), torchMembers(evilTorch())...)...))
		},
		twin: goodZip,
	}
}

func directories() class {
	first := func() (zipWriter, []zipFile) { return zipWriter{}, torchMembers(evilTorch()) }
	return class{
		name: "zip: directories that contradict each other",
		cases: func(add func(string, string, []byte)) {
			add("two zips, harmful first", "model.pt", append(torchZip(evilTorch()), torchZip(goodTorch())...))
			add("two zips, harmful last", "model.pt", append(torchZip(goodTorch()), torchZip(evilTorch())...))
			add("end record counts too few", "model.pt", func() []byte {
				w, m := first()
				for _, f := range append(torchMembers(goodTorch()), m[0]) {
					w.add(f)
				}
				return w.endAt(w.Len(), w.count-1, "")
			}())
			add("end record in the comment", "model.pt", func() []byte {
				w, m := first()
				for _, f := range m {
					w.add(f)
				}
				hidden := w.dir
				w.dir = bytes.Buffer{}
				count := w.count
				w.count = 0
				for _, f := range torchMembers(goodTorch()) {
					w.add(f)
				}
				var c bytes.Buffer
				c.Write(hidden.Bytes())
				c.WriteString("PK\x05\x06")
				start := w.Len() + w.dir.Len() + 22
				put(&c, uint16(0), uint16(0), uint16(count), uint16(count), uint32(hidden.Len()), uint32(start), uint16(0))
				return w.endAt(w.Len(), w.count, c.String())
			}())
			add("directory offset zero", "model.pt", func() []byte {
				w, m := first()
				for _, f := range m {
					w.add(f)
				}
				return w.endAt(0, w.count, "")
			}())
			add("multi-disk", "model.pt", func() []byte {
				b := torchZip(evilTorch())
				b[len(b)-18] = 9
				return b
			}())
			add("Zip64 record that says otherwise", "model.pt", func() []byte {
				w, m := first()
				for _, f := range m {
					w.add(f)
				}
				hidden, count := bytes.Clone(w.dir.Bytes()), w.count
				w.dir.Reset()
				w.count = 0
				for _, f := range torchMembers(goodTorch()) {
					w.add(f)
				}
				start := w.Len()
				size := w.dir.Len()
				w.Write(w.dir.Bytes())
				wide := w.Len()
				w.Write(hidden)
				rec := w.Len()
				w.WriteString("PK\x06\x06")
				put(&w.Buffer, uint64(44), uint16(45), uint16(45), uint32(0), uint32(0), uint64(count), uint64(count), uint64(len(hidden)), uint64(wide))
				w.WriteString("PK\x06\x07")
				put(&w.Buffer, uint32(0), uint64(rec), uint32(1))
				w.WriteString("PK\x05\x06")
				put(&w.Buffer, uint16(0), uint16(0), uint16(w.count), uint16(w.count), uint32(size), uint32(start), uint16(0))
				return bytes.Clone(w.Bytes())
			}())
		},
		twin: goodZip,
	}
}

func hiddenMembers() class {
	return class{
		name: "zip: members that one view does not know",
		cases: func(add func(string, string, []byte)) {
			local := stored("model/data.pkl", evilTorch())
			local.noCentral = true
			add("local header only, first", "model.pt", zipOf(append([]zipFile{local}, torchMembers(goodTorch())...)...))
			add("local header only, last", "model.pt", zipOf(append(torchMembers(goodTorch()), local)...))
			streamed := deflated("model/data.pkl", evilTorch())
			streamed.localFlags, streamed.localSize, streamed.localPacked, streamed.localCRC = 8, 0, 0, 0
			streamed.descriptor = descriptor(streamed.crc, streamed.packed, streamed.size)
			streamed.noCentral = true
			add("local header only, size behind the data", "model.pt", zipOf(append([]zipFile{streamed}, torchMembers(goodTorch())...)...))
			add("no directory at all", "model.pt", func() []byte {
				var w zipWriter
				for _, f := range torchMembers(evilTorch()) {
					w.add(f)
				}
				return w.Bytes()
			}())
			add("behind a shorter local size", "model.pt", func() []byte {
				var in zipWriter
				in.add(stored("model/data.pkl", evilTorch()))
				f := stored("model/readme", append([]byte("x"), in.Bytes()...))
				f.localSize, f.localPacked = 1, 1
				return zipOf(append(torchMembers(goodTorch()), f)...)
			}())
			add("two entries, one header", "model.pt", func() []byte {
				m := torchMembers(evilTorch())
				again := m[0]
				again.name, again.noLocal, again.ownOffset = "model/other.pkl", true, true
				return zipOf(append(m, again)...)
			}())
			add("no local header", "model.pt", func() []byte {
				b := zipOf(stored("model/data.pkl", evilTorch()), stored("model/version", []byte("3")))
				copy(b, "XXXX")
				return b
			}())
			for _, x := range []struct {
				name string
				mode uint32
			}{{"a pipe", 0x1000}, {"a device", 0x2000}, {"a folder", 0x4000}, {"a link", 0xa000}} {
				add("pickle that is said to be "+x.name, "model.zip", func() []byte {
					f := stored("data.pkl", evil())
					f.mode = x.mode
					return zipOf(f)
				}())
			}
			add("overlapping members", "model.pt", func() []byte {
				inner := zipOf(stored("model/data.pkl", evilTorch()))
				m := stored("model/blob", inner)
				over := stored("model/data.pkl", evilTorch())
				over.noLocal, over.ownOffset, over.offset = true, true, 30+len("model/blob")
				return zipOf(m, over)
			}())
		},
		twin: goodZip,
	}
}

func polyglots() class {
	return class{
		name: "zip: part of another file",
		cases: func(add func(string, string, []byte)) {
			z := torchZip(evilTorch())
			add("behind a GIF", "image.gif", append([]byte("GIF89a"+strings.Repeat("\x00", 2000)), z...))
			add("behind a text", "notes.txt", append([]byte("just some notes\n"), z...))
			add("behind safetensors", "model.safetensors", append([]byte(le64(2)+"{}"), z...))
			add("behind a harmless pickle", "model.pkl", append(good(), z...))
			add("harmful pickle before a harmless zip", "model.pkl", append(evil(), torchZip(goodTorch())...))
			add("data behind the zip", "model.pt", append(z, strings.Repeat("more", 1000)...))
			add("100 kB behind the zip", "model.pt", append(z, make([]byte, 100_000)...))
			add("npy and zip", "array.npy", append(npy("'<f4'", "(2,)", "\x00\x00\x80?\x00\x00\x00@", 1), z...))
		},
		twin: goodZip,
	}
}

func memberNames() class {
	return class{
		name: "zip: where the pickle is and what it is called",
		cases: func(add func(string, string, []byte)) {
			for _, name := range []string{"data.txt", "weights/0", "README.md", ".hidden", "a.py", "x.json", "data.pkl/", "no extension", "../data.pkl", "/data.pkl", "C:\\data.pkl", "data.pkl\x00.txt", strings.Repeat("d/", 200) + "data.pkl", "dätä.pkl", "\xff\xfe.pkl", "DATA.PKL"} {
				add(strings.ToValidUTF8(strings.Map(func(r rune) rune { return max(r, ' ') }, name[:min(len(name), 30)]), "?"), "archive.zip", zipOf(stored("readme.txt", []byte("hello")), stored(name, evil())))
			}
		},
		twin: func() (string, []byte) {
			return "archive.zip", zipOf(stored("readme.txt", []byte("hello")), stored("data.txt", good()))
		},
	}
}

func methodsOdd() class {
	return class{
		name: "zip: compression methods",
		cases: func(add func(string, string, []byte)) {
			add("deflate", "model.zip", zipOf(deflated("data.pkl", evil())))
			add("zstd", "model.zip", zipOf(packedAs("data.pkl", evil(), zstdBytes(evil()), 93)))
			add("lzma", "model.zip", zipOf(packedAs("data.pkl", evil(), zipLZMA(evil()), 14)))
			add("xz", "model.zip", zipOf(packedAs("data.pkl", evil(), xzBytes(evil()), 95)))
			add("bzip2", "model.zip", zipOf(packedAs("data.pkl", evil(), bzip2Bytes(true), 12)))
			add("deflate64", "model.zip", zipOf(packedAs("data.pkl", evil(), deflateBytes(evil()), 9)))
		},
		twin: func() (string, []byte) {
			return "model.zip", zipOf(deflated("a.pkl", good()), packedAs("b.pkl", good(), zstdBytes(good()), 93), packedAs("c.pkl", good(), zipLZMA(good()), 14),
				packedAs("d.pkl", good(), xzBytes(good()), 95), packedAs("e.pkl", good(), bzip2Bytes(false), 12), packedAs("f.pkl", good(), deflateBytes(good()), 9))
		},
	}
}

func zipInZip() class {
	return class{
		name: "zip in zip",
		cases: func(add func(string, string, []byte)) {
			z := zipOf(stored("data.pkl", evil()))
			add("stored", "model.zip", zipOf(stored("inner.zip", z)))
			add("deflated", "model.zip", zipOf(deflated("inner.zip", z)))
			add("named .txt", "model.zip", zipOf(deflated("inner.txt", z)))
			add("as a storage of a torch file", "model.pt", zipOf(append(torchMembers(goodTorch()), torchMember("model/data/1", z))...))
			deep := z
			for range 8 {
				deep = zipOf(stored("in.zip", deep))
			}
			add("ten levels", "model.zip", deep)
			add("in a tar in a zip", "model.zip", zipOf(stored("t.tar", tarOf(tarFile{name: "z.zip", body: z}))))
		},
		twin: func() (string, []byte) {
			return "model.zip", zipOf(stored("inner.zip", zipOf(stored("data.pkl", good()))))
		},
	}
}
