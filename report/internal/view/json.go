package view

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/merlon-security/merlon/text"
)

// WriteJSON writes v with two spaces of indentation and a line break at the end.
// Invalid UTF-8 becomes U+FFFD, and every character that would be invisible or
// steer a terminal is written as an escape, so that the document may be printed.
func WriteJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escapeHidden(b.Bytes()))
	return err
}

// escapeHidden replaces hidden characters of a JSON document by \u escapes. All
// of them stand inside strings: outside, the encoder writes ASCII only.
func escapeHidden(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/16)
	for i := 0; i < len(b); {
		if b[i] < 0x7f {
			out = append(out, b[i])
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if text.Hidden(r) {
			out = appendEscape(out, r)
		} else {
			out = append(out, b[i:i+n]...)
		}
		i += n
	}
	return out
}

func appendEscape(out []byte, r rune) []byte {
	unit := func(u rune) {
		const hex = "0123456789abcdef"
		out = append(out, '\\', 'u', hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15])
	}
	if r > 0xffff {
		r -= 0x10000
		unit(0xd800 + r>>10)
		unit(0xdc00 + r&0x3ff)
	} else {
		unit(r)
	}
	return out
}

// Plain returns a value that always encodes to JSON and says the same as v: what
// does not encode (a channel, a NaN) is left out with a note in its place.
func Plain(v any) any {
	if f, ok := v.(float64); ok {
		return Float(f)
	}
	if _, err := json.Marshal(v); err != nil {
		return "(cannot be written as JSON: " + err.Error() + ")"
	}
	return v
}

// Object is [Plain] for each value of a map; nil becomes an empty map.
func Object(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[strings.ToValidUTF8(k, "\ufffd")] = Plain(v)
	}
	return out
}

// Float returns f, or nil (JSON null) when JSON has no number for it.
func Float(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return f
}
