package evasion

import (
	"bytes"
	"encoding/binary"
)

// tensorPickle is the data.pkl of a state_dict with one tensor of four floats in
// storage 0, and something else in a second entry.
func tensorPickle(other string) []byte {
	tensor := call(g("torch._utils", "_rebuild_tensor_v2"),
		t(s2("storage"), g("torch", "FloatStorage"), s2("0"), s2("cpu"), n(4))+"Q",
		n(0), n(4)+"\x85", n(1)+"\x85", "\x89", call(g("collections", "OrderedDict")))
	return p2("}(" + s2("weight") + tensor + s2("other") + other + "u")
}

// s2 is BINUNICODE, which protocol 2 writes.
func s2(v string) string { return "X" + le32(len(v)) + v }

var weights = []byte("\x00\x00\x80?\x00\x00\x00@\x00\x00@@\x00\x00\x80@")

// torchMembers are what torch.save puts into a zip.
func torchMembers(data []byte) []zipFile {
	return []zipFile{
		torchMember("model/data.pkl", data), torchMember("model/byteorder", []byte("little")),
		torchMember("model/data/0", weights), torchMember("model/version", []byte("3\n")),
	}
}

// torchMember is a member as PyTorch's writer describes it: the size follows the data.
func torchMember(name string, content []byte) zipFile {
	f := stored(name, content)
	f.flags, f.localFlags = 0x808, 0x808
	f.localSize, f.localPacked, f.localCRC = 0, 0, 0
	f.descriptor = descriptor(f.crc, f.packed, f.size)
	f.localExtra = []byte("FB\x06\x00ZZZZZZ")
	return f
}

func torchZip(data []byte) []byte { return zipOf(torchMembers(data)...) }

func evilTorch() []byte { return tensorPickle(system()) }
func goodTorch() []byte { return tensorPickle("K\x01") }

// torchLegacy is a file of torch.save before PyTorch 1.6. Each pickle can be replaced.
func torchLegacy(replace map[int][]byte, tail string) []byte {
	tensor := call(g("torch._utils", "_rebuild_tensor_v2"),
		t(s2("storage"), g("torch", "FloatStorage"), s2("94820"), s2("cpu"), n(4), "N")+"Q",
		n(0), n(4)+"\x85", n(1)+"\x85", "\x89", call(g("collections", "OrderedDict")))
	parts := [][]byte{
		[]byte("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."),
		p2("M\xe9\x03"),
		p2("}(" + s2("protocol_version") + "M\xe9\x03" + s2("little_endian") + "\x88" + s2("type_sizes") + "}(" + s2("short") + n(2) + s2("int") + n(4) + s2("long") + n(4) + "uu"),
		p2("}(" + s2("weight") + tensor + "u"),
		p2("]" + s2("94820") + "a"),
	}
	for i, p := range replace {
		parts[i] = p
	}
	out := bytes.Join(parts, nil)
	out = binary.LittleEndian.AppendUint64(out, 4)
	out = append(out, weights...)
	return append(out, tail...)
}
