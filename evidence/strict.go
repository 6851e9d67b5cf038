package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds how deeply a document may nest.
const maxDepth = 64

// errEmpty is about a document without a value.
var errEmpty = errors.New("no JSON value")

// Strict reports why b is not exactly one JSON value that every reader understands
// in the same way. Beyond RFC 8259 it refuses what readers are known to disagree on:
// a key that occurs twice in an object or in two spellings that differ in case only
// (Go reads both into one field), text that is not UTF-8, escapes of half a
// character, nesting deeper than 64, and data after the end (RFC 7493, I-JSON).
func Strict(b []byte) error {
	if !utf8.Valid(b) {
		return errors.New("text that is not UTF-8")
	}
	if at := halfSurrogate(b); at >= 0 {
		return fmt.Errorf("half a surrogate pair at byte %d", at)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := strictValue(d, 0); err != nil {
		if errors.Is(err, io.EOF) {
			return errEmpty
		}
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data after the end")
	}
	return nil
}

func strictValue(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth == maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	var keys []string
	for d.More() {
		if open == '{' {
			k, err := d.Token()
			if err != nil {
				return err
			}
			key, ok := k.(string)
			if !ok {
				return errors.New("object key is not a string")
			}
			keys = append(keys, key)
		}
		if err := strictValue(d, depth+1); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil { // the closing bracket
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	return twice(keys)
}

// twice reports a key that occurs twice. Keys that differ in case only count as one:
// encoding/json does not tell them apart either.
func twice(keys []string) error {
	if len(keys) < 2 {
		return nil
	}
	folded := make([]string, len(keys))
	for i, k := range keys {
		folded[i] = fold(k)
	}
	slices.Sort(folded)
	for i := 1; i < len(folded); i++ {
		if folded[i] == folded[i-1] {
			return fmt.Errorf("key %q occurs twice", folded[i])
		}
	}
	return nil
}

// fold maps strings that are equal under Unicode simple folding to one.
func fold(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	if ascii {
		return strings.ToLower(s)
	}
	// The Kelvin sign and the long s fold into ASCII this way round only.
	return strings.ToLower(strings.ToUpper(s))
}

// halfSurrogate returns where a \u escape stands for half of a surrogate pair, -1
// when none does: decoders replace it, so that different texts would become one.
func halfSurrogate(b []byte) int {
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if b[i+1] != 'u' {
			i++ // a pair such as \\ or \"
			continue
		}
		switch v := unit(b[i:]); {
		case v >= 0xD800 && v < 0xDC00:
			if low := unit(b[min(i+6, len(b)):]); low < 0xDC00 || low > 0xDFFF {
				return i
			}
			i += 11
		case v >= 0xDC00 && v < 0xE000:
			return i
		}
	}
	return -1
}

// unit reads an escape \uXXXX, -1 when there is none.
func unit(b []byte) int {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	v := 0
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | int(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = v<<4 | int(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return v
}

// decode reads b into v: strict JSON, and with known only fields that v has.
func decode(b []byte, v any, known bool) error {
	if err := Strict(b); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if known {
		d.DisallowUnknownFields()
	}
	return d.Decode(v)
}
