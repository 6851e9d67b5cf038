// Package executable recognises programs by the structure of their headers.
//
// Two or four bytes of magic occur by chance in weights, so [Detect] asks for
// more: it reads as much of a header as makes a chance hit less likely than one
// in 2^40, and it looks only where a system would, at the start.
package executable

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
)

// Kind says which system would run the bytes.
type Kind string

// The kinds of program.
const (
	ELF      Kind = "ELF"          // System V ABI, chapter 4
	PE       Kind = "PE"           // Microsoft PE format, "MS-DOS stub" and "COFF file header"
	APE      Kind = "APE"          // actually portable executable: PE, ELF and shell script at once
	MachO    Kind = "Mach-O"       // mach-o/loader.h
	FatMach  Kind = "Mach-O (fat)" // mach-o/fat.h
	Script   Kind = "script"       // "#!", execve(2)
	Wasm     Kind = "WebAssembly"  // WebAssembly 1.0, section 5.5.16
	Dex      Kind = "Dalvik (DEX)" // Android dex-format
	Class    Kind = "Java class"   // JVM specification, 4.1
	Link     Kind = "Windows LNK"  // [MS-SHLLINK] 2.1
	DOS      Kind = "DOS batch"    // "@echo off" at the very start
	None     Kind = ""             // nothing that a system runs
	maxLine       = 256            // bytes of a shebang line that are looked at
	headLen       = maxLine + 1    // bytes that Detect needs at most, PE apart
	maxStub       = 1 << 20        // bytes of the DOS stub of a PE
	linkHead      = "L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F"
)

// Native reports whether the program is machine or byte code, as opposed to a
// script that a person can read.
func (k Kind) Native() bool { return k != None && k != Script && k != DOS }

// Beginnings are the first bytes of all that [Maybe] accepts.
func Beginnings() []string {
	return []string{"#!", "MZ", "@e", "@E", "\x7fELF", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe",
		"\xca\xfe\xba\xbe", "\xca\xfe\xba\xbf", "\x00asm", "dex\n", "L\x00\x00\x00", "jart", "APED"}
}

// Maybe reports whether the first bytes of a file are worth calling [Detect]. It
// looks at four bytes.
func Maybe(head []byte) bool {
	if len(head) < 4 {
		return len(head) >= 3 && head[0] == '#' && head[1] == '!'
	}
	switch {
	case head[0] == '#' && head[1] == '!',
		head[0] == 'M' && head[1] == 'Z',
		head[0] == '@' && (head[1]|0x20) == 'e':
		return true
	}
	switch string(head[:4]) {
	case "\x7fELF", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe",
		"\xca\xfe\xba\xbe", "\xca\xfe\xba\xbf", "\x00asm", "dex\n", "L\x00\x00\x00", "jart", "APED":
		return true
	}
	return false
}

// Detect says what kind of program begins at the start of r, which is size bytes
// long.
func Detect(r io.ReaderAt, size int64) Kind {
	buf := make([]byte, min(size, headLen))
	n, _ := r.ReadAt(buf, 0) // a failing read leaves less to recognise
	h := buf[:n]
	if !Maybe(h) {
		return None
	}
	switch {
	case isAPE(h):
		return APE
	case isELF(h):
		return ELF
	case isPE(h, r, size):
		return PE
	case isMachO(h):
		return MachO
	case isFat(h):
		return FatMach
	case isClass(h):
		return Class
	case bytes.HasPrefix(h, []byte("\x00asm\x01\x00\x00\x00")):
		return Wasm
	case isDex(h):
		return Dex
	case bytes.HasPrefix(h, []byte(linkHead)):
		return Link
	case isShebang(h):
		return Script
	case len(h) >= 9 && bytes.EqualFold(h[:9], []byte("@echo off")):
		return DOS
	}
	return None
}

// isAPE knows the three beginnings that are valid DOS headers and shell
// assignments at once (Cosmopolitan, ape/specification.md).
func isAPE(h []byte) bool {
	for _, m := range []string{"MZqFpD='", "jartsr='", "APEDBG='"} {
		if bytes.HasPrefix(h, []byte(m)) {
			return true
		}
	}
	return false
}

func isELF(h []byte) bool {
	if len(h) < 52 || string(h[:4]) != "\x7fELF" || h[6] != 1 {
		return false
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch h[5] {
	case 1:
	case 2:
		order = binary.BigEndian
	default:
		return false
	}
	kind, version := order.Uint16(h[16:]), order.Uint32(h[20:])
	return (h[4] == 1 || h[4] == 2) && kind >= 1 && (kind <= 4 || kind >= 0xfe00) && version == 1
}

func isPE(h []byte, r io.ReaderAt, size int64) bool {
	if len(h) < 64 || string(h[:2]) != "MZ" {
		return false
	}
	off := int64(binary.LittleEndian.Uint32(h[0x3c:]))
	if off < 4 || off > maxStub || off+24 > size {
		return false
	}
	var coff [24]byte
	if n, _ := r.ReadAt(coff[:], off); n < len(coff) || string(coff[:4]) != "PE\x00\x00" {
		return false
	}
	machine := binary.LittleEndian.Uint16(coff[4:])
	return slices.Contains([]uint16{0x14c, 0x8664, 0x1c0, 0x1c4, 0xaa64, 0xa641, 0x200, 0xebc, 0x5032, 0x5064, 0x6264}, machine)
}

func isMachO(h []byte) bool {
	if len(h) < 28 {
		return false
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(h[:4]) {
	case "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe":
	case "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf":
		order = binary.BigEndian
	default:
		return false
	}
	cpu, kind := order.Uint32(h[4:]), order.Uint32(h[12:])
	return knownCPU(cpu) && kind >= 1 && kind <= 12
}

func knownCPU(cpu uint32) bool {
	return slices.Contains([]uint32{7, 0x01000007, 12, 0x0100000c, 0x0200000c, 18, 0x01000012}, cpu)
}

func isFat(h []byte) bool {
	if len(h) < 12 || string(h[:3]) != "\xca\xfe\xba" || h[3] != 0xbe && h[3] != 0xbf {
		return false
	}
	n := binary.BigEndian.Uint32(h[4:])
	return n >= 1 && n <= 18 && knownCPU(binary.BigEndian.Uint32(h[8:]))
}

// isClass tells a class file from a fat Mach-O, which shares its magic: no
// universal binary has 45 architectures.
func isClass(h []byte) bool {
	if len(h) < 10 || string(h[:4]) != "\xca\xfe\xba\xbe" {
		return false
	}
	minor, major, pool := binary.BigEndian.Uint16(h[4:]), binary.BigEndian.Uint16(h[6:]), binary.BigEndian.Uint16(h[8:])
	return major >= 45 && major <= 90 && (minor == 0 || minor == 3 || minor == 0xffff) && pool > 1
}

func isDex(h []byte) bool {
	return len(h) >= 8 && string(h[:4]) == "dex\n" && h[4] == '0' && h[5] == '3' && h[6] >= '5' && h[6] <= '9' && h[7] == 0
}

// isShebang asks for an interpreter's absolute path and a line of text: "#!" alone
// begins one in 65,536 random files.
func isShebang(h []byte) bool {
	if !bytes.HasPrefix(h, []byte("#!")) {
		return false
	}
	line, _, _ := bytes.Cut(h[2:], []byte("\n"))
	line = bytes.TrimRight(line[:min(len(line), maxLine)], "\r")
	path := bytes.TrimLeft(line, " \t")
	if len(path) < 4 || path[0] != '/' {
		return false
	}
	for _, c := range line {
		if c < ' ' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}
