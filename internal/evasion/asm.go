package evasion

import (
	"encoding/binary"
	"strings"
)

// The opcodes of pickle as text that is put together. Names are those of pickletools,
// shortened.

// g is GLOBAL.
func g(module, name string) string { return "c" + module + "\n" + name + "\n" }

// s is SHORT_BINUNICODE, or BINUNICODE for long strings.
func s(v string) string {
	if len(v) < 256 {
		return "\x8c" + string([]byte{byte(len(v))}) + v
	}
	return "X" + le32(len(v)) + v
}

// s0 is UNICODE, for protocol 0.
func s0(v string) string { return "V" + v + "\n" }

// b is SHORT_BINBYTES or BINBYTES.
func b(v string) string {
	if len(v) < 256 {
		return "C" + string([]byte{byte(len(v))}) + v
	}
	return "B" + le32(len(v)) + v
}

// sg is STACK_GLOBAL.
func sg(module, name string) string { return s(module) + s(name) + "\x93" }

// t is MARK, items, TUPLE.
func t(items ...string) string { return "(" + strings.Join(items, "") + "t" }

// call is REDUCE.
func call(f string, args ...string) string { return f + t(args...) + "R" }

// n is BININT1 or BININT.
func n(v int) string {
	if v >= 0 && v < 256 {
		return "K" + string([]byte{byte(v)})
	}
	return "J" + le32(v)
}

func le16(v int) string { return string(binary.LittleEndian.AppendUint16(nil, uint16(v))) }
func le32(v int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(v))) }
func le64(v int) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(v))) }

// p0, p2 and p4 close a stream of a protocol.
func p0(body string) []byte { return []byte(body + ".") }
func p2(body string) []byte { return []byte("\x80\x02" + body + ".") }
func p4(body string) []byte { return []byte("\x80\x04" + body + ".") }

// p4f is protocol 4 with the frame that Python writes.
func p4f(body string) []byte {
	return []byte("\x80\x04\x95" + le64(len(body)+1) + body + ".")
}

// echo is the argument of every command.
const echo = "echo merlon-test"

// system calls os.system.
func system() string { return call(g("os", "system"), s(echo)) }

// evil is the plainest payload, good an object of the same shape that harms nobody.
func evil() []byte { return p2(system()) }
func good() []byte { return p4(call(g("collections", "OrderedDict"))) }
