// Package decode finds text inside text: base64, hexadecimal, percent-encoding and
// gzip, within a budget that all layers of one text share.
//
// For most uses make a [Budget] and call [Each] on the text, and again on the text
// of every layer.
package decode

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"io"
)

// Layer is a part of a text that holds another text.
type Layer struct {
	Start, End int    // of the encoded part
	Kind       string // "base64", "hex", "percent", "gzip in base64"
	Text       []byte // decoded; printable at its beginning
}

// Budget bounds what decoding may cost. It is used up by every call of [Each].
type Budget struct {
	Bytes int // decoded bytes still allowed
	Depth int // layers still allowed below this one
}

// Default is the budget of a text of n bytes: nothing honest decodes to more.
func Default(n int) *Budget { return &Budget{Bytes: min(64<<20, 1<<20+4*n), Depth: 3} }

const (
	shortest = 40      // encoded characters; shorter parts are not worth it
	longest  = 4 << 20 // of one part, encoded characters
)

// Each shows the layers of a text in their order. Layers inside layers are the
// caller's business; b.Depth is lowered while visit runs.
func Each(text []byte, b *Budget, visit func(Layer)) {
	if b.Depth <= 0 {
		return
	}
	b.Depth--
	defer func() { b.Depth++ }()
	// Every run of the length asked for covers one of the probed places.
	for i := shortest - 1; i < len(text) && b.Bytes > 0; i += shortest {
		if alphabet[text[i]] == 0 {
			continue
		}
		l, end := run(text, i)
		if l.Text != nil && len(l.Text) <= b.Bytes {
			b.Bytes -= len(l.Text)
			visit(l)
		}
		i = max(i, end)
	}
	percent(text, b, visit)
}

// alphabet tells the characters of base64, of either kind: 1, and of those that are
// hexadecimal digits: 2.
var alphabet = [256]uint8{
	'A': 2, 'B': 2, 'C': 2, 'D': 2, 'E': 2, 'F': 2, 'G': 1, 'H': 1, 'I': 1, 'J': 1, 'K': 1, 'L': 1, 'M': 1, 'N': 1, 'O': 1, 'P': 1, 'Q': 1, 'R': 1, 'S': 1, 'T': 1, 'U': 1, 'V': 1, 'W': 1, 'X': 1, 'Y': 1, 'Z': 1,
	'a': 2, 'b': 2, 'c': 2, 'd': 2, 'e': 2, 'f': 2, 'g': 1, 'h': 1, 'i': 1, 'j': 1, 'k': 1, 'l': 1, 'm': 1, 'n': 1, 'o': 1, 'p': 1, 'q': 1, 'r': 1, 's': 1, 't': 1, 'u': 1, 'v': 1, 'w': 1, 'x': 1, 'y': 1, 'z': 1,
	'0': 2, '1': 2, '2': 2, '3': 2, '4': 2, '5': 2, '6': 2, '7': 2, '8': 2, '9': 2,
	'+': 1, '/': 1, '-': 1, '_': 1,
}

// run decodes the run of base64 or hexadecimal digits around i. Lines of equal
// form that follow belong to it. The layer has no text if it holds none.
func run(text []byte, i int) (Layer, int) {
	from, to := i, i+1
	for from > 0 && alphabet[text[from-1]] != 0 && i-from < longest {
		from--
	}
	for to < len(text) && alphabet[text[to]] != 0 && to-from < longest {
		to++
	}
	if to-from < shortest {
		return Layer{}, to
	}
	if from > 0 && text[from-1] == '\\' { // the letter of an escape
		from++
	}
	if !plausible(text[from : from+36]) {
		return Layer{}, to
	}
	body := text[from:to]
	if first := to - from; first >= 60 {
		if more, end := lines(text, to, first); end > to {
			body, to = append(bytes.Clone(body), more...), end
		}
	}
	return open(body, from, to)
}

// lines gathers the lines after a line of base64, as MIME and PEM break it.
func lines(text []byte, at, width int) (more []byte, end int) {
	end = at
	for at < len(text) && at-end < 80 && len(more) < longest {
		j := at
		for j < len(text) && (text[j] == '\r' || text[j] == '\n' || text[j] == ' ' || text[j] == '\t') {
			j++
		}
		if j == at {
			break
		}
		k := j
		for k < len(text) && alphabet[text[k]] != 0 {
			k++
		}
		if k == j || k-j > width {
			break
		}
		more, at, end = append(more, text[j:k]...), k, k
		if k-j < width {
			break
		}
	}
	return more, end
}

// plausible decodes the beginning: other text than this is not worth more.
func plausible(head []byte) bool {
	var b [27]byte
	if n, err := hex.Decode(b[:18], head); err == nil && printable(b[:n]) {
		return true
	}
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(head, "-_") {
		enc = base64.RawURLEncoding
	}
	n, err := enc.Decode(b[:], head)
	return err == nil && (printable(b[:n]) || bytes.HasPrefix(b[:n], gzipMagic))
}

var gzipMagic = []byte("\x1f\x8b\x08")

func open(body []byte, from, to int) (l Layer, end int) {
	l = Layer{Start: from, End: to}
	isHex := len(body)%2 == 0
	for _, c := range body {
		if alphabet[c] != 2 {
			isHex = false
			break
		}
	}
	if isHex {
		b := make([]byte, len(body)/2)
		if n, err := hex.Decode(b, body); err == nil && mostly(b[:n]) {
			l.Kind, l.Text = "hex", b
			return l, to
		}
	}
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(body, "-_") {
		enc = base64.RawURLEncoding
	}
	b := make([]byte, enc.DecodedLen(len(body)))
	n, err := enc.Decode(b, body[:len(body)/4*4+len(body)%4])
	if err != nil && n < 24 {
		return l, to
	}
	b = b[:n]
	if bytes.HasPrefix(b, gzipMagic) {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return l, to
		}
		plain, _ := io.ReadAll(io.LimitReader(z, longest)) // what can be read counts
		if len(plain) > 0 && mostly(plain) {
			l.Kind, l.Text = "gzip in base64", plain
		}
		return l, to
	}
	if mostly(b) {
		l.Kind, l.Text = "base64", b
	}
	return l, to
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c >= 0x7f {
			return false
		}
	}
	return len(b) > 0
}

// mostly reports whether nine of ten bytes are printable.
func mostly(b []byte) bool {
	odd := 0
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			odd++
		}
	}
	return len(b) > 0 && 10*odd <= len(b)
}

// percent decodes words in which at least three characters are escaped (RFC 3986).
func percent(text []byte, b *Budget, visit func(Layer)) {
	for i := 0; i < len(text) && b.Bytes > 0; {
		n := bytes.IndexByte(text[i:], '%')
		if n < 0 {
			return
		}
		i += n
		if i+2 >= len(text) || alphabet[text[i+1]] != 2 || alphabet[text[i+2]] != 2 {
			i++
			continue
		}
		from, to, escapes := i, i, 0
		for from > 0 && text[from-1] > ' ' && text[from-1] != '"' && text[from-1] != '\'' && i-from < 4096 {
			from--
		}
		var out []byte
		out = append(out, text[from:i]...)
		for to < len(text) && text[to] > ' ' && text[to] != '"' && text[to] != '\'' && to-i < 1<<16 {
			if text[to] == '%' && to+2 < len(text) && alphabet[text[to+1]] == 2 && alphabet[text[to+2]] == 2 {
				var c [1]byte
				_, _ = hex.Decode(c[:], text[to+1:to+3])
				out = append(out, c[0])
				escapes++
				to += 3
				continue
			}
			out = append(out, text[to])
			to++
		}
		if escapes >= 3 && mostly(out) && len(out) <= b.Bytes {
			b.Bytes -= len(out)
			visit(Layer{Start: from, End: to, Kind: "percent", Text: out})
		}
		i = max(to, i+1)
	}
}
