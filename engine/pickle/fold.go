package pickle

import (
	"bytes"
	"compress/zlib"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"
	"unicode/utf8"
)

// fold computes the string that a call gives, for the pure functions with which streams hide names and code. Only the content of the
// string counts: whether it is str or bytes is not tracked.
func (m *Machine) fold(v Value, limit, depth int) (string, bool) {
	if v.Kind() != KindObject {
		return m.text(v, limit)
	}
	if depth > maxResolve || !m.step() {
		return "", false
	}
	c, _, ok := m.CallOf(v)
	if !ok {
		return "", false
	}
	f, ok := m.callee(c)
	if !ok {
		return "", false
	}
	args, more := m.Items(c.Args)
	if more {
		return "", false
	}
	if len(f.Args) > 0 {
		args = append(append([]Value(nil), f.Args...), args...)
		if c.Callable.Kind() == KindObject && f.Self != 0 && len(f.Args) == len(args)-1 && m.isMethodCaller(c.Callable) {
			args = args[:len(f.Args)]
		}
	} else if f.Self != 0 && m.isMethodCaller(c.Callable) {
		args = nil
	}
	if f.Self != 0 && strings.Contains(f.Name, ".") {
		args = append([]Value{f.Self}, args...)
	}
	e := folder{m, args, limit, depth}
	s, ok := e.eval(modern(f.Module) + "." + f.Name)
	return s, ok && len(s) <= limit
}

func (m *Machine) isMethodCaller(v Value) bool {
	made, _, ok := m.CallOf(v)
	f, ok2 := m.resolve(made.Callable, 1)
	return ok && ok2 && modern(f.Module) == "operator" && f.Name == "methodcaller"
}

type folder struct {
	m     *Machine
	args  []Value
	limit int
	depth int
}

func (e folder) text(i int) (string, bool) {
	if i >= len(e.args) {
		return "", false
	}
	return e.m.fold(e.args[i], e.limit, e.depth+1)
}

func (e folder) eval(name string) (string, bool) {
	switch name {
	case "builtins.str", "builtins.bytes", "builtins.bytearray":
		return e.construct()
	case "builtins.chr", "builtins.unichr":
		if len(e.args) == 1 {
			if n, ok := e.args[0].Int(); ok && n >= 0 && n <= utf8.MaxRune {
				return string(appendRune(nil, rune(n))), true
			}
		}
		return "", false
	case "builtins.str.join", "builtins.bytes.join", "builtins.bytearray.join":
		return e.join()
	case "operator.add", "operator.concat", "operator.iadd", "operator.iconcat", "operator.__add__", "operator.__concat__",
		"builtins.str.__add__", "builtins.bytes.__add__":
		a, ok1 := e.text(0)
		b, ok2 := e.text(1)
		return a + b, ok1 && ok2
	case "builtins.str.replace", "builtins.bytes.replace":
		a, ok1 := e.text(0)
		b, ok2 := e.text(1)
		c, ok3 := e.text(2)
		if !ok1 || !ok2 || !ok3 || strings.Count(a, b)*len(c) > e.limit {
			return "", false
		}
		return strings.ReplaceAll(a, b, c), true
	}
	s, ok := e.text(0)
	if !ok {
		return "", false
	}
	switch name {
	case "builtins.str.lower", "builtins.bytes.lower", "builtins.str.casefold":
		return strings.ToLower(s), true
	case "builtins.str.upper", "builtins.bytes.upper":
		return strings.ToUpper(s), true
	case "builtins.str.strip", "builtins.str.lstrip", "builtins.str.rstrip", "builtins.bytes.strip":
		cut := " \t\r\n\v\f"
		if len(e.args) > 1 {
			if cut, ok = e.text(1); !ok {
				return "", false
			}
		}
		switch {
		case strings.HasSuffix(name, "lstrip"):
			return strings.TrimLeft(s, cut), true
		case strings.HasSuffix(name, "rstrip"):
			return strings.TrimRight(s, cut), true
		}
		return strings.Trim(s, cut), true
	case "builtins.str.swapcase":
		return strings.Map(swapCase, s), true
	case "builtins.reversed":
		return reverse(s), true
	case "sys.intern", "builtins.str.__str__", "operator.index", "builtins.str.format", "builtins.str.__format__", "builtins.format":
		return s, !strings.ContainsAny(s, "{}")
	}
	return e.codec(name, s)
}

// construct evaluates str(x), str(b, encoding), bytes(b), bytes([ints]).
func (e folder) construct() (string, bool) {
	if len(e.args) == 0 {
		return "", true
	}
	if k := e.args[0].Kind(); k == KindList || k == KindTuple || k == KindEmptyTuple {
		items, more := e.m.Items(e.args[0])
		var b []byte
		for _, v := range items {
			n, ok := v.Int()
			if !ok || n < 0 || n > 255 {
				return "", false
			}
			b = append(b, byte(n))
		}
		return string(b), !more
	}
	s, ok := e.text(0)
	if ok && len(e.args) > 1 {
		enc, ok2 := e.text(1)
		if !ok2 {
			return "", false
		}
		return decodeCodec(s, enc, e.limit)
	}
	return s, ok
}

func (e folder) join() (string, bool) {
	if len(e.args) < 2 {
		return "", false
	}
	sep, ok := e.text(0)
	if !ok {
		return "", false
	}
	if k := e.args[1].Kind(); k != KindList && !isTuple(e.args[1]) {
		s, ok := e.text(1) // the characters of a string, or of reversed(string)
		return strings.Join(strings.Split(s, ""), sep), ok
	}
	items, more := e.m.Items(e.args[1])
	if more {
		return "", false
	}
	parts := make([]string, len(items))
	total := 0
	for i, v := range items {
		if parts[i], ok = e.m.fold(v, e.limit, e.depth+1); !ok {
			return "", false
		}
		if total += len(parts[i]) + len(sep); total > 2*e.limit {
			return "", false
		}
	}
	return strings.Join(parts, sep), true
}

func (e folder) codec(name, s string) (string, bool) {
	enc := "utf-8"
	if len(e.args) > 1 {
		var ok bool
		if enc, ok = e.text(1); !ok {
			return "", false
		}
	}
	switch name {
	case "_codecs.encode", "codecs.encode", "builtins.str.encode":
		return encodeCodec(s, enc)
	case "_codecs.decode", "codecs.decode", "builtins.bytes.decode", "builtins.bytearray.decode":
		return decodeCodec(s, enc, e.limit)
	case "_codecs.latin_1_encode", "_codecs.utf_8_encode", "_codecs.ascii_encode", "_codecs.utf_8_decode", "_codecs.latin_1_decode":
		return "", false // these give a tuple
	case "base64.b64decode", "base64.standard_b64decode", "base64.urlsafe_b64decode", "base64.decodebytes", "base64.decodestring", "binascii.a2b_base64":
		return decodeCodec(s, "base64", e.limit)
	case "base64.b32decode":
		b, err := base32.StdEncoding.DecodeString(s)
		return string(b), err == nil
	case "base64.b16decode", "binascii.unhexlify", "binascii.a2b_hex", "builtins.bytes.fromhex", "builtins.bytearray.fromhex":
		return decodeCodec(s, "hex", e.limit)
	case "zlib.decompress":
		return decodeCodec(s, "zlib", e.limit)
	case "gzip.decompress", "bz2.decompress":
		b, err := Decode([]byte(s), int64(e.limit))
		return string(b), err == nil
	}
	return "", false
}

func codecName(enc string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(enc))
}

func encodeCodec(s, enc string) (string, bool) {
	switch codecName(enc) {
	case "utf8", "u8", "ascii", "usascii":
		return s, true
	case "latin1", "iso88591", "l1":
		b := make([]byte, 0, len(s))
		for _, r := range s {
			if r > 255 {
				return "", false
			}
			b = append(b, byte(r))
		}
		return string(b), true
	case "rot13":
		return strings.Map(rot13, s), true
	case "hex", "hexcodec":
		return hex.EncodeToString([]byte(s)), true
	case "base64", "base64codec":
		return base64.StdEncoding.EncodeToString([]byte(s)), true
	}
	return "", false
}

func decodeCodec(s, enc string, limit int) (string, bool) {
	switch codecName(enc) {
	case "utf8", "u8", "ascii", "usascii":
		return s, true
	case "latin1", "iso88591", "l1":
		var b []byte
		for i := range len(s) {
			b = utf8.AppendRune(b, rune(s[i]))
		}
		return string(b), true
	case "rot13":
		return strings.Map(rot13, s), true
	case "hex", "hexcodec":
		b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
		return string(b), err == nil
	case "base64", "base64codec":
		s = strings.NewReplacer("\n", "", "\r", "", "-", "+", "_", "/").Replace(s)
		b, err := base64.StdEncoding.DecodeString(s)
		return string(b), err == nil
	case "zlib", "zip", "zlibcodec":
		r, err := zlib.NewReader(bytes.NewReader([]byte(s)))
		if err != nil {
			return "", false
		}
		b, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
		return string(b), err == nil && len(b) <= limit
	}
	return "", false
}

func rot13(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z':
		return 'a' + (r-'a'+13)%26
	case r >= 'A' && r <= 'Z':
		return 'A' + (r-'A'+13)%26
	}
	return r
}

func swapCase(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z':
		return r - 32
	case r >= 'A' && r <= 'Z':
		return r + 32
	}
	return r
}

func reverse(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}
