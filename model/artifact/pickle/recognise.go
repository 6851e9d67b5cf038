package pickle

import (
	"bytes"
	"context"
	"errors"
	"path"
	"strings"

	machine "github.com/merlon-security/merlon/engine/pickle"
	"github.com/merlon-security/merlon/model/artifact/pickle/policy"
)

// extensions are the names under which a file ought to be a pickle, unless its first bytes are those of another format.
var extensions = map[string]bool{
	".pkl": true, ".pickle": true, ".joblib": true, ".dill": true, ".pt": true, ".pth": true, ".ckpt": true, ".p": true, ".pk": true, ".pck": true,
	".cpkl": true, ".cloudpickle": true, ".sav": true, ".mdl": true, ".model": true,
}

// certain are the extensions that mean nothing but pickle, alone or in a container: a file that is neither is broken.
var certain = map[string]bool{
	".pkl": true, ".pickle": true, ".joblib": true, ".dill": true, ".pt": true, ".pth": true, ".cpkl": true, ".cloudpickle": true,
}

// mustBe reports whether the file has to be a pickle: by its name, unless it is text under a name that text has too (.pth files configure Python's path).
func mustBe(name string, head []byte) bool {
	ext := extension(name)
	return certain[ext] && !((ext == ".pt" || ext == ".pth") && len(head) > 0 && isText(head))
}

func isText(head []byte) bool {
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b || c == 0x7f {
			return false
		}
	}
	return true
}

func extension(name string) string { return strings.ToLower(path.Ext(name)) }

// otherFormat reports whether the first bytes are those of a container or another format that has its own scanner.
func otherFormat(head []byte) bool {
	for _, magic := range []string{"PK\x03\x04", "PK\x05\x06", "\x1f\x8b", "BZh", "\xfd7zXZ\x00", "7z\xbc\xaf\x27\x1c", "\x28\xb5\x2f\xfd", "\x04\x22\x4d\x18",
		"\x93NUMPY", "\x89HDF\r\n\x1a\n", "Rar!", "GGUF", "\x89PNG", "\xff\xd8\xff", "%PDF", "RIFF", "\x7fELF", "ZF0x", "version https://git-lfs"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	if len(head) >= 2 && head[0] == 0x78 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		return true // zlib
	}
	if len(head) >= 2 && head[0] == 0x5d && head[1] == 0 {
		return true // lzma
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return true
	}
	return len(head) >= 10 && bytes.Equal(head[1:8], make([]byte, 7)) && head[8] == '{' || len(head) >= 10 && head[8] == '{' && bytes.HasPrefix(head[2:8], make([]byte, 6)) // safetensors
}

// maxProtocol is the highest that exists.
const maxProtocol = 5

// header reports whether head begins like protocol 2 or later: PROTO, a protocol that exists, and an opcode.
func header(head []byte) bool {
	return len(head) >= 3 && head[0] == byte(machine.PROTO) && head[1] <= maxProtocol && machine.Opcode(head[2]).Known()
}

// torchMagic is the end of a pickle of the number 0x1950a86a20f9469cfc6c, with which torch.save began files before PyTorch 1.6
// (torch/serialization.py, MAGIC_NUMBER).
const torchMagic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."

// TorchLegacy reports whether a file that begins with head is in the format that torch.save wrote before PyTorch 1.6: five pickles, then the
// storages. Only PROTO and FRAME may come before the magic number.
func TorchLegacy(head []byte) bool {
	if len(head) < 3 || head[0] != byte(machine.PROTO) {
		return false
	}
	i := bytes.Index(head[:min(len(head), 11+len(torchMagic))], []byte(torchMagic))
	return i == 2 || i == 11 && head[2] == byte(machine.FRAME)
}

// mayBePickle decides by the first bytes of a file of size bytes whether it is worth interpreting as a whole. It is generous: what turns
// out to be no pickle is left alone after that. It never reads beyond head.
func mayBePickle(head []byte, size int64) bool {
	if header(head) {
		return true
	}
	if len(head) < 4 || !startsOld[head[0]] || bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return false // a zip would be PERSID first, at which every loader of plain pickles stops
	}
	m := machines.Get().(*machine.Machine)
	defer machines.Put(m)
	defer m.Tail()
	for off := int64(0); off < int64(len(head)); {
		t := trial{names: map[string]bool{}}
		res := m.Run(context.Background(), beginning(head), machine.Options{Start: off, End: size}, &t)
		if t.known || t.plausible && res.Stopped && len(res.Issues) == 0 {
			return true
		}
		cut, broken := false, false
		for _, i := range res.Issues {
			cut = cut || i.Kind == machine.IssueRead
			broken = broken || i.Kind != machine.IssueTruncated && i.Kind != machine.IssueRead
		}
		switch {
		case broken:
			return false
		case cut:
			// A clean run of opcodes up to where head ends. Whether the file goes on like that costs little to find out: what is no pickle
			// ends at the first undecodable opcode.
			return true
		case !res.Stopped:
			return false // the file ends within a stream that imports nothing
		}
		off = res.End // a loader may load the next
	}
	return int64(len(head)) < size
}

// beginning is the first bytes of a file of which the rest has not been read.
type beginning []byte

var errCut = errors.New("beyond the first bytes")

func (b beginning) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(b)) {
		return 0, errCut
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, errCut
	}
	return n, nil
}

// startsOld are the opcodes with which streams of protocols 0 and 1 begin.
var startsOld = [256]bool{
	'(': true, ']': true, '}': true, ')': true, 'c': true, 'S': true, 'V': true, 'U': true, 'T': true, 'X': true, 'I': true, 'L': true, 'F': true, 'G': true,
	'J': true, 'K': true, 'M': true, 'N': true, 'P': true, 'B': true, 'C': true, 0x88: true, 0x89: true, 0x8a: true, 0x8c: true, 0x8f: true, 0x95: true,
	0x82: true, 0x83: true, 0x84: true, 0x8b: true, 0x8d: true, 0x8e: true, 0x96: true,
}

// trial collects what the first bytes import.
type trial struct {
	machine.Ignore
	names     map[string]bool
	imports   int
	plausible bool
	known     bool
}

// Import implements [machine.Visitor].
func (t *trial) Import(m *machine.Machine, _ machine.Site, id machine.GlobalID) {
	g := m.GlobalName(id)
	if t.imports++; t.imports == 1 {
		t.plausible = true
	}
	if !identifier(g.Module) || !identifier(g.Name) {
		t.plausible = false
	}
	if t.plausible && t.imports < 64 && !t.known {
		d := policy.Look(g.Module, g.Name)
		t.known = d.Allow != nil || d.Deny != nil
	}
}

// Extension implements [machine.Visitor].
func (t *trial) Extension(*machine.Machine, machine.Site, int64) {}
