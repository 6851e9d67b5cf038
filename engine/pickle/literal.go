package pickle

import (
	"encoding/binary"
	"strconv"
	"unicode/utf8"
)

// literals reads string literals back from the data.
type literals struct {
	scratch []byte
	reads   int // reads outside the window
	// cache of short literals outside the window, direct-mapped by offset.
	cache []cachedText
}

type cachedText struct {
	off  int64
	text string
	set  bool
}

const (
	maxReads   = 1 << 20
	maxCached  = 64
	cacheSlots = 1024
)

func (l *literals) reset() {
	l.reads = 0
	clear(l.cache)
	l.cache = l.cache[:0]
	l.scratch = l.scratch[:0]
}

// Span gives where the raw bytes of a str, bytes or bytearray literal lie in the data: after length or quote, not decoded. ok is false for
// other values, and for text literals (protocol 0) of more than 32 KB.
func (m *Machine) Span(v Value) (off, n int64, op Opcode, ok bool) {
	switch v.Kind() {
	case KindStr, KindBytes, KindByteArray:
	default:
		return 0, 0, 0, false
	}
	at := v.Offset()
	var b [9]byte
	got := m.peek(b[:], at)
	if got < 1 {
		return 0, 0, 0, false
	}
	le := binary.LittleEndian
	op = Opcode(b[0])
	switch op {
	case SHORTBINUNICODE, SHORTBINBYTES, SHORTBINSTRING:
		return at + 2, int64(b[1]), op, got >= 2
	case BINUNICODE, BINBYTES, BINSTRING:
		return at + 5, int64(le.Uint32(b[1:])), op, got >= 5
	case BINUNICODE8, BINBYTES8, BYTEARRAY8:
		return at + 9, int64(le.Uint64(b[1:])), op, got >= 9
	case STRING, UNICODE, PERSID:
		n, ok := m.lineLen(at + 1)
		if op == STRING {
			return at + 2, n - 2, op, ok && n >= 2
		}
		return at + 1, n, op, ok
	}
	return 0, 0, 0, false
}

// lineLen is the number of bytes from off to the next newline.
func (m *Machine) lineLen(off int64) (int64, bool) {
	var b [256]byte
	for done := 0; done <= maxLine; {
		got := m.peek(b[:], off+int64(done))
		for i, c := range b[:got] {
			if c == '\n' {
				return int64(done + i), true
			}
		}
		if got < len(b) {
			break
		}
		done += got
	}
	return 0, false
}

// peek reads at an offset before or after the current position; the number of reads outside the window is bounded.
func (m *Machine) peek(b []byte, off int64) int {
	if d := off - m.base; d < 0 || d+int64(len(b)) > int64(len(m.win)) {
		if m.lits.reads >= maxReads {
			m.issue(IssueManyReads, "")
			return 0
		}
		m.lits.reads++
	}
	return m.readAt(b, off)
}

// Raw gives up to limit raw bytes of a literal, and its full length.
func (m *Machine) Raw(v Value, limit int) (b []byte, n int64, ok bool) {
	off, n, _, ok := m.Span(v)
	if !ok {
		return nil, 0, false
	}
	b = make([]byte, min(n, int64(limit)))
	b = b[:m.peek(b, off)]
	return b, n, true
}

// Text gives the content of a str or bytes value of at most limit bytes: a literal, decoded as its opcode demands, or the result of a
// call that the machine can fold. Bytes are given as they are; surrogates are encoded like any other code point. ok is false for other values and longer ones.
func (m *Machine) Text(v Value, limit int) (s string, ok bool) {
	if v.Kind() == KindObject {
		m.ask()
	}
	return m.text(v, limit)
}

func (m *Machine) text(v Value, limit int) (s string, ok bool) {
	switch v.Kind() {
	case KindStr, KindBytes, KindByteArray:
		return m.literalText(v, limit)
	case KindObject:
		return m.fold(v, limit, 0)
	}
	return "", false
}

func (m *Machine) literalText(v Value, limit int) (string, bool) {
	at := v.Offset()
	inside := at >= m.base && at < m.base+int64(len(m.win))
	if !inside && len(m.lits.cache) > 0 {
		if slot := &m.lits.cache[at%cacheSlots]; slot.set && slot.off == at {
			return slot.text, len(slot.text) <= limit
		}
	}
	off, n, op, ok := m.Span(v)
	if !ok || n > int64(limit) && op != STRING && op != UNICODE || n > 4*int64(limit)+16 {
		return "", false
	}
	if cap(m.lits.scratch) < int(n) {
		m.lits.scratch = make([]byte, n+64)
	}
	b := m.lits.scratch[:n]
	if m.peek(b, off) < int(n) {
		return "", false
	}
	var s string
	switch op {
	case STRING:
		s, ok = unescapeString(b)
	case UNICODE:
		s, ok = unescapeUnicode(b)
	default:
		s = string(b)
	}
	if !ok || len(s) > limit {
		return "", false
	}
	if !inside && len(s) <= maxCached {
		if len(m.lits.cache) == 0 {
			if cap(m.lits.cache) < cacheSlots {
				m.lits.cache = make([]cachedText, cacheSlots)
			}
			m.lits.cache = m.lits.cache[:cacheSlots]
		}
		m.lits.cache[at%cacheSlots] = cachedText{at, s, true}
	}
	return s, true
}

// unescapeString decodes the body of a STRING literal like PyBytes_DecodeEscape.
func unescapeString(b []byte) (string, bool) {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			out = append(out, b[i])
			continue
		}
		i++
		if i >= len(b) {
			return "", false // trailing backslash
		}
		switch c := b[i]; c {
		case '\n':
		case '\\', '\'', '"':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 't':
			out = append(out, '\t')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 'v':
			out = append(out, '\v')
		case 'a':
			out = append(out, '\a')
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n := 0
			j := i
			for ; j < len(b) && j < i+3 && b[j] >= '0' && b[j] <= '7'; j++ {
				n = n<<3 | int(b[j]-'0')
			}
			out = append(out, byte(n))
			i = j - 1
		case 'x':
			if i+2 >= len(b) {
				return "", false
			}
			n, err := strconv.ParseUint(string(b[i+1:i+3]), 16, 8)
			if err != nil {
				return "", false
			}
			out = append(out, byte(n))
			i += 2
		default:
			out = append(out, '\\', c)
		}
	}
	return string(out), true
}

// unescapeUnicode decodes the body of a UNICODE literal like PyUnicode_DecodeRawUnicodeEscape: Latin-1 with \uXXXX and \UXXXXXXXX.
func unescapeUnicode(b []byte) (string, bool) {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c != '\\' || i+1 >= len(b) || b[i+1] != 'u' && b[i+1] != 'U' {
			if c == '\\' && i+1 < len(b) { // an escaped backslash does not start an escape
				out = append(out, c)
				i++
				c = b[i]
			}
			out = appendRune(out, rune(c))
			continue
		}
		n := 4
		if b[i+1] == 'U' {
			n = 8
		}
		if i+2+n > len(b) {
			return "", false
		}
		x, err := strconv.ParseUint(string(b[i+2:i+2+n]), 16, 32)
		if err != nil || x > utf8.MaxRune {
			return "", false
		}
		out = appendRune(out, rune(x))
		i += 1 + n
	}
	return string(out), true
}

// appendRune is utf8.AppendRune that also encodes surrogates (Python's surrogatepass).
func appendRune(b []byte, r rune) []byte {
	if r >= 0xd800 && r <= 0xdfff {
		return append(b, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(b, r)
}
