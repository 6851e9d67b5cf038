package evasion

import (
	"fmt"
	"slices"
	"strings"
)

// models are the classes of NumPy, joblib and old PyTorch files.
func models() []class {
	return []class{legacyTorch(), numpyObjects(), numpyHeaders(), npz(), joblibs()}
}

func legacyTorch() class {
	return class{
		name: "torch before 1.6",
		cases: func(add func(string, string, []byte)) {
			add("object", "model.pt", torchLegacy(map[int][]byte{3: evilTorch()}, ""))
			add("protocol version", "model.pt", torchLegacy(map[int][]byte{1: evil()}, ""))
			add("system information", "model.pt", torchLegacy(map[int][]byte{2: evil()}, ""))
			add("keys of the storages", "model.pt", torchLegacy(map[int][]byte{4: evil()}, ""))
			add("instead of the magic number", "model.pt", torchLegacy(map[int][]byte{0: evil()}, ""))
			add("magic number in protocol 4", "model.pt", torchLegacy(map[int][]byte{0: []byte("\x80\x04\x95\x0d\x00\x00\x00\x00\x00\x00\x00\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."), 3: evilTorch()}, ""))
			add("object without STOP", "model.pt", torchLegacy(map[int][]byte{3: evilTorch()[:len(evilTorch())-1]}, ""))
			add("cut behind the object", "model.pt", torchLegacy(map[int][]byte{3: evilTorch(), 4: nil}, "")[:400])
			add("named .bin", "pytorch_model.bin", torchLegacy(map[int][]byte{3: evilTorch()}, ""))
		},
		twin: func() (string, []byte) { return "model.pt", torchLegacy(nil, "") },
	}
}

// npy is an .npy file with a header as numpy.save writes it.
func npy(descr, shape, data string, major int) []byte {
	h := fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': %s, }", descr, shape)
	lead := 10
	if major > 1 {
		lead = 12
	}
	h += strings.Repeat(" ", 63-(lead+len(h))%64) + "\n"
	size := le16(len(h))
	if major > 1 {
		size = le32(len(h))
	}
	return []byte("\x93NUMPY" + string([]byte{byte(major), 0}) + size + h + data)
}

// objectArray is the pickle of an array of objects that holds one item.
func objectArray(item string) string {
	return string(p2(call(g("numpy.core.multiarray", "_reconstruct"), g("numpy", "ndarray"), n(0)+"\x85", call(g("_codecs", "encode"), s2("b"), s2("latin1"))) +
		t(n(1), n(1)+"\x85", call(g("numpy", "dtype"), s2("O8"), "\x89", "\x88")+t(n(3), s2("|"), "N", "N", "N", "J\xff\xff\xff\xff", "J\xff\xff\xff\xff", n(63))+"b", "\x89", "]"+item+"a") + "b"))
}

func numpyObjects() class {
	return class{
		name: "npy of objects",
		cases: func(add func(string, string, []byte)) {
			add("bare pickle", "array.npy", npy("'|O'", "(1,)", string(evil()), 1))
			add("in the array", "array.npy", npy("'|O'", "(1,)", objectArray(system()), 1))
			add("version 2", "array.npy", npy("'|O'", "(1,)", objectArray(system()), 2))
			add("version 3", "array.npy", npy("'|O'", "(1,)", objectArray(system()), 3))
			add("object field of a structure", "array.npy", npy("[('a', '<f4'), ('b', '|O')]", "(1,)", string(evil()), 1))
			add("nested object field", "array.npy", npy("[('a', [('b', '|O', (2,))])]", "(1,)", string(evil()), 1))
			add("empty shape", "array.npy", npy("'|O'", "()", string(evil()), 1))
			add("shape of zero", "array.npy", npy("'O'", "(0,)", string(evil()), 1))
			add("named .dat", "array.dat", npy("'|O'", "(1,)", string(evil()), 1))
			add("stacked pickles", "array.npy", npy("'|O'", "(1,)", string(good())+string(evil()), 1))
			add("behind a plain array", "array.npy", append(npy("'<f4'", "(1,)", "\x00\x00\x80?", 1), npy("'|O'", "(1,)", string(evil()), 1)...))
			add("bare pickle behind a plain array", "array.npy", append(npy("'<f4'", "(1,)", "\x00\x00\x80?", 1), evil()...))
			add("object, by its long name", "array.npy", npy("'object'", "(1,)", string(evil()), 1))
			add("object in a list of types", "array.npy", npy("'f4,O'", "(1,)", string(evil()), 1))
			add("huge shape", "array.npy", npy("'|O'", "(99999999999,)", string(evil()), 1))
		},
		twin: func() (string, []byte) {
			return "array.npy", npy("'|O'", "(1,)", objectArray(s2("a string")), 1)
		},
	}
}

func numpyHeaders() class {
	return class{
		name: "npy with a header that is no literal",
		cases: func(add func(string, string, []byte)) {
			call := "__import__('os').system('" + echo + "')"
			add("call for the shape", "array.npy", npy("'|O'", call, string(evil()), 1))
			add("call for the descr", "array.npy", npy(call, "(1,)", string(evil()), 1))
			add("fourth key", "array.npy", npy("'|O', 'x': "+call, "(1,)", string(evil()), 1))
		},
		twin: func() (string, []byte) {
			return "array.npy", npy("[('x', '<f8'), ('y', '<i4', (2,))]", "(2,)", strings.Repeat("\x00", 32), 1)
		},
	}
}

func npz() class {
	a := npy("'<f4'", "(1,)", "\x00\x00\x80?", 1)
	o := npy("'|O'", "(1,)", string(evil()), 1)
	return class{
		name: "npz",
		cases: func(add func(string, string, []byte)) {
			add("stored", "arrays.npz", zipOf(stored("a.npy", a), stored("o.npy", o)))
			add("deflated", "arrays.npz", zipOf(deflated("a.npy", a), deflated("o.npy", o)))
			add("member without extension", "arrays.npz", zipOf(stored("a.npy", a), stored("o", o)))
			add("member that is a bare pickle", "arrays.npz", zipOf(stored("a.npy", a), stored("o.npy", evil())))
			add("named .bin", "arrays.bin", zipOf(stored("o.npy", o)))
			add("duplicate", "arrays.npz", zipOf(stored("a.npy", o), stored("a.npy", a)))
			add("encryption bit", "arrays.npz", func() []byte {
				f := stored("a.npy", o)
				f.flags = 1
				return zipOf(f)
			}())
		},
		twin: func() (string, []byte) {
			return "arrays.npz", zipOf(stored("a.npy", a), deflated("b.npy", npy("'<U3'", "(2,)", strings.Repeat("a\x00\x00\x00", 6), 1)))
		},
	}
}

// joblibArray is a pickle with the bytes of an array between its opcodes, as
// joblib.dump writes it, followed by something else in the same list.
func joblibArray(align bool, after string) []byte {
	head := "\x80\x04" + "](" + sg("joblib.numpy_pickle", "NumpyArrayWrapper") + ")\x81}(" +
		s("subclass") + sg("numpy", "ndarray") + s("shape") + n(4) + "\x85" + s("order") + s("C") +
		s("dtype") + call(sg("numpy", "dtype"), s("f4"), "\x89", "\x88") + t(n(3), s("<"), "N", "N", "N", "J\xff\xff\xff\xff", "J\xff\xff\xff\xff", n(0)) + "b" +
		s("allow_mmap") + "\x88"
	if align {
		head += s("numpy_array_alignment_bytes") + n(16)
	}
	head += "ub"
	pad := ""
	if align {
		k := 16 - (len(head)+1)%16
		pad = string([]byte{byte(k)}) + strings.Repeat("\xff", k)
	}
	return []byte(head + pad + string(weights) + after + "e.")
}

// zf is the compressed format of joblib before 0.10.
func zf(p []byte) []byte {
	return append([]byte(fmt.Sprintf("ZF%-19s", fmt.Sprintf("0x%x", len(p)))), zlibBytes(p)...)
}

func joblibs() class {
	return class{
		name: "joblib",
		cases: func(add func(string, string, []byte)) {
			p := joblibArray(true, system())
			add("plain", "model.joblib", p)
			add("array without padding", "model.joblib", joblibArray(false, system()))
			for _, k := range packers() {
				add(k.ext, "model.joblib", k.pack(p))
			}
			add("bz2", "model.joblib", bzip2Bytes(true))
			add("ZF", "model.joblib", zf(p))
			add("ZF of Python 2", "model.pkl.z", func() []byte {
				b := zf(evil())
				return slices.Concat(b[:21], []byte(" "), b[21:])
			}())
			add("ZF with a wrong length", "model.joblib", func() []byte {
				b := zf(evil())
				copy(b[2:], "0x1 ")
				return b
			}())
			add("array of objects", "model.joblib", []byte("\x80\x04"+sg("joblib.numpy_pickle", "NumpyArrayWrapper")+")\x81}("+
				s("subclass")+sg("numpy", "ndarray")+s("shape")+n(1)+"\x85"+s("order")+s("C")+
				s("dtype")+call(sg("numpy", "dtype"), s("O8"), "\x89", "\x88")+t(n(3), s("|"), "N", "N", "N", "J\xff\xff\xff\xff", "J\xff\xff\xff\xff", n(63))+"b"+
				s("allow_mmap")+"\x89ub"+string(evil())+"."))
			add("array wrapper with a lying shape", "model.joblib", func() []byte {
				return []byte(strings.Replace(string(p), s("shape")+n(4)+"\x85", s("shape")+n(200)+"\x85", 1))
			}())
		},
		twin: func() (string, []byte) { return "model.joblib", zlibBytes(joblibArray(true, s("end"))) },
	}
}
