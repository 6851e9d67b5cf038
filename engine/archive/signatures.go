package archive

import (
	"sync"

	"github.com/merlon-security/merlon/scan"
)

// Signatures lists bytes of which every file that [Detect] recognises has some: a
// rough sieve, and a quick one. The list must not be changed.
func Signatures() []scan.Magic { return signatures() }

var signatures = sync.OnceValue(func() []scan.Magic {
	m := scan.At(0, string(sigLocal), string(sigEnd), "7z\xbc\xaf\x27\x1c", "\x1f\x8b", "\xfd7zXZ\x00", "\x28\xb5\x2f\xfd",
		"\x04\x22\x4d\x18", "\x02\x21\x4c\x18", "BZh", "Rar!\x1a\x07", "LZIP\x01")
	m = append(m, scan.At(1, "\x2a\x4d\x18")...) // skippable frame of zstd
	m = append(m, scan.At(13, "\x00")...)        // first byte of the data in .lzma
	m = append(m, TarSignatures()...)
	for cmf := range 256 {
		for flg := range 256 {
			if b := []byte{byte(cmf), byte(flg)}; zlibHeader(b) && flg&0x20 == 0 {
				m = append(m, scan.Magic{Bytes: string(b)})
			}
		}
	}
	return m
})

// TarSignatures is [Signatures] of tar alone: how the field of the checksum, which
// older tars are known by, can begin.
func TarSignatures() []scan.Magic {
	const octal = "\x00 \t\n\v\f\r\x1c\x1d\x1e\x1f+01234567"
	m := scan.AnyByte(148, octal)
	for c := 0x80; c < 0xc0; c++ { // base 256
		m = append(m, scan.Magic{Offset: 148, Bytes: string([]byte{byte(c)})})
	}
	return m
}
