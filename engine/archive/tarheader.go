package archive

import (
	"bytes"
	"strconv"
	"strings"
)

const blockLen = 512

// tarBlock is a header block: ustar (POSIX.1-1988), GNU or from before both.
type tarBlock []byte

func (b tarBlock) kind() byte { return b[156] }

// valid reports whether the block's checksum fits, taken over unsigned bytes or, as
// some old writers did, signed ones.
func (b tarBlock) valid() bool {
	if len(b) < blockLen {
		return false
	}
	want, ok := tarNumber(b[148:156])
	if !ok || want == 0 && bytes.Equal(b, zeros[:blockLen]) {
		return false
	}
	unsigned, signed := int64(8*' '), int64(8*' ')
	for i, c := range b {
		if i < 148 || i >= 156 {
			unsigned += int64(c)
			signed += int64(int8(c))
		}
	}
	return want == unsigned || want == signed
}

// name joins the prefix of ustar with the name, as CPython does; GNU uses the
// prefix field for times.
func (b tarBlock) name() string {
	name := cString(b[:100])
	if string(b[257:263]) == "ustar\x00" || string(b[257:263]) == "ustar0" {
		if prefix := cString(b[345:500]); prefix != "" {
			return prefix + "/" + name
		}
	}
	return name
}

func cString(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// tarNumber reads octal digits, or a base-256 number when the first byte's high
// bit is set (GNU).
func tarNumber(b []byte) (int64, bool) {
	if len(b) > 0 && b[0]&0x80 != 0 {
		if b[0]&0x40 != 0 {
			return 0, false // negative
		}
		var v int64
		for i, c := range b {
			if i == 0 {
				c &= 0x3f
			}
			if v > 1<<54 {
				return 0, false
			}
			v = v<<8 | int64(c)
		}
		return v, true
	}
	return laxInt(cString(b), 8)
}

// laxInt reads a number as Python's int(s, base) does, which tarfile uses: space
// around it, a plus sign, the prefix 0o and underscores between digits are allowed.
// Nothing at all is zero. Negative numbers are refused.
func laxInt(s string, base int64) (int64, bool) {
	s = strings.Trim(s, " \t\n\v\f\r\x1c\x1d\x1e\x1f")
	if s == "" {
		return 0, true
	}
	s = strings.TrimPrefix(s, "+")
	if base == 8 && len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'o' {
		s = strings.TrimPrefix(s[2:], "_")
	}
	var v int64
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && int64(c-'0') < base && v < 1<<58:
			v = v*base + int64(c-'0')
		case c == '_' && i > 0 && s[i-1] != '_' && i+1 < len(s):
		default:
			return 0, false
		}
	}
	return v, s != ""
}

// matchTar recognises a tar by its first header.
func matchTar(head []byte) bool {
	if len(head) < blockLen {
		return false
	}
	b := tarBlock(head[:blockLen])
	if bytes.HasPrefix(b[257:], []byte("ustar")) {
		return b.valid()
	}
	if b[0] == 0 || !b.valid() { // from before ustar: no signature, so more must fit
		return false
	}
	_, ok := tarNumber(b[124:136])
	return ok && (b.kind() == 0 || b.kind() >= '0' && b.kind() <= '9' || b.kind() >= 'A' && b.kind() <= 'Z' || b.kind() == 'x' || b.kind() == 'g')
}

// paxRecords parses the records "length key=value\n" of a pax header. ok is false
// when they do not fill b exactly.
func paxRecords(b []byte, put func(key, value string)) (ok bool) {
	for len(b) > 0 {
		sp := bytes.IndexByte(b, ' ')
		if sp < 0 || sp > 10 {
			return len(bytes.Trim(b, "\x00")) == 0
		}
		n, err := strconv.Atoi(string(b[:sp]))
		if err != nil || n < sp+3 || n > len(b) {
			return false
		}
		rec := b[sp+1 : n]
		b = b[n:]
		if rec[len(rec)-1] != '\n' {
			return false
		}
		key, value, found := strings.Cut(string(rec[:len(rec)-1]), "=")
		if !found {
			return false
		}
		put(key, value)
	}
	return true
}
