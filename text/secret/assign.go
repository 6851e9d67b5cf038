package secret

import (
	"bytes"

	"github.com/merlon-security/merlon/text/token"
)

// assignment is a place where a name is given a value: NAME=value, "name": "value",
// name = f("value"), <name>value</name>, --name value, and what else people write.
type assignment struct {
	name       string
	nameAt     int
	start, end int // of the value
	quoted     bool
	scheme     string // "bearer", "basic": the word before the value in a header
}

const (
	maxName  = 80
	maxSpace = 24
)

// assignmentAt reads the assignment whose name contains text[at:end].
func assignmentAt(text []byte, at, end int) (assignment, bool) {
	from := at
	for from > 0 && at-from < maxName && nameByte(text[from-1]) {
		from--
	}
	to := end
	for to < len(text) && to-end < maxName && (nameByte(text[to])) {
		to++
	}
	for to > end && (text[to-1] == '.' || text[to-1] == '-') {
		to--
	}
	if from >= 2 && text[from-1] == '\\' && from < at && bytes.IndexByte([]byte("ntr"), text[from]) >= 0 {
		from++ // the letter belongs to an escape
	}
	a := assignment{name: string(text[from:to]), nameAt: from}
	i := to
	closing := quoteAt(text, i)
	i += len(closing)
	for i < len(text) && (text[i] == ']' || text[i] == ')') && i < to+len(closing)+2 {
		i++
	}
	i = spaces(text, i)
	if i >= len(text) {
		return a, false
	}
	switch c := text[i]; {
	case c == '=' || c == ':':
		for i < len(text) && (text[i] == '=' || text[i] == ':' || text[i] == '>' || text[i] == '~') {
			i++
		}
	case (c == '!' || c == '+' || c == '?' || c == '|') && i+1 < len(text) && text[i+1] == '=':
		for i++; i < len(text) && text[i] == '='; {
			i++
		}
	case c == '>' && from > 0 && text[from-1] == '<':
		i++
	case c == ',' && closing != "":
		i++
		if j, ok := valueWord(text, i); ok {
			i = j
		}
	case bytes.HasPrefix(text[i:], []byte("%3D")), bytes.HasPrefix(text[i:], []byte("%3d")), bytes.HasPrefix(text[i:], []byte("%3A")):
		i += 3
	default:
		j, ok := valueWord(text, i)
		if !ok && (i == to+len(closing) || !spaceAssigns(text, from)) {
			return a, false
		}
		if ok {
			i = j
		}
	}
	return valueFrom(text, i, a)
}

// valueFrom reads the value behind an operator.
func valueFrom(text []byte, i int, a assignment) (assignment, bool) {
	i = spaces(text, i)
	if i < len(text) && (text[i] == '\n' || text[i] == '\\' && i+1 < len(text) && text[i+1] == '\n') {
		j := i
		for j < len(text) && j-i < 40 && (text[j] == ' ' || text[j] == '\n' || text[j] == '\t' || text[j] == '\\') {
			j++
		}
		if quoteAt(text, j) == "" {
			return a, false
		}
		i = j
	}
	if i < len(text) && text[i] == '(' {
		i = spaces(text, i+1)
	}
	i = unwrap(text, i)
	q := quoteAt(text, i)
	i += len(q)
	if q != "" && len(q) == 1 && i+1 < len(text) && text[i] == q[0] && text[i+1] == q[0] {
		i += 2 // triple quotes
	}
	for _, s := range []string{"bearer", "basic", "token", "bot", "apikey", "key"} {
		if n := len(s); i+n+1 < len(text) && (text[i+n] == ' ' || text[i+n] == '\t') && bytes.EqualFold(text[i:i+n], []byte(s)) {
			a.scheme, i = s, spaces(text, i+n)
			break
		}
	}
	a.start = i
	limit := min(len(text), i+maxValue)
	if n := wholeLine(text, a.nameAt, i); q == "" && n > 0 {
		a.end = n
		return a, true
	}
	if q != "" {
		a.quoted = true
		n := bytes.Index(text[i:limit], []byte(q))
		if n < 0 || bytes.IndexByte(text[i:i+n], '\n') >= 0 {
			return a, false
		}
		a.end = i + n
	} else {
		for i < limit && (!bareEnd(text[i]) || text[i] == '#' && i > a.start && i+1 < limit && !bareEnd(text[i+1]) && !bytes.Contains(text[lineStart(text, a.nameAt, 200):a.nameAt], []byte("://"))) {
			i++ // a comment stands behind a space
		}
		a.end = i
		if i < len(text) && (text[i] == '(' || text[i] == '[') {
			return a, false // a call or an index: code
		}
	}
	if !a.quoted && bytes.HasSuffix(text[a.start:a.end], []byte("...")) {
		return a, false // somebody left the rest out
	}
	for a.end > a.start && !a.quoted && (text[a.end-1] == '.' || text[a.end-1] == ':') {
		a.end--
	}
	return a, a.end > a.start
}

// wholeLine returns the end of a value without quotes that has characters in it that
// end values in most languages, but neither in YAML nor in a list of variables: chance
// made it, and nothing else is in the line.
func wholeLine(text []byte, name, value int) int {
	n := bytes.IndexByte(text[value:min(len(text), value+72)], '\n')
	if n < 12 || bytes.ContainsAny(text[value:value+n], " \t\"'`\\") {
		return 0
	}
	rest := bytes.TrimSuffix(text[value:value+n], []byte("\r"))
	if !bytes.ContainsAny(rest, "<>;,(){}[]&|#") || bytes.IndexByte([]byte(";,)]}{(:"), rest[len(rest)-1]) >= 0 {
		return 0
	}
	switch string(bytes.TrimSpace(text[lineStart(text, name, 120):name])) {
	case "", "-", "export", "set":
	default:
		return 0
	}
	if token.Score(string(rest)) > -1.5 {
		return 0
	}
	return value + len(rest)
}

// unwrap skips what may stand before the quote of a value: a prefix (b"..."), a call
// (SecretStr("...")), a type (key: str = "...").
func unwrap(text []byte, i int) int {
	for range 2 {
		if quoteAt(text, i) != "" {
			return i
		}
		j := i
		for j < len(text) && j-i < 40 && (nameByte(text[j]) || text[j] == '@' || text[j] == '$' || text[j] == '&' && j == i) {
			j++
		}
		switch {
		case j == i:
			return i
		case j < len(text) && text[j] == '(':
			k := j + 1
			for k < len(text) && k-j < 3 && (text[k] == 'b' || text[k] == 'r' || text[k] == 'u') {
				k++
			}
			if quoteAt(text, k) != "" {
				return k
			}
			return i
		case j-i <= 2 && quoteAt(text, j) != "":
			return j
		}
		eq := spaces(text, j)
		if eq == j || eq >= len(text) || text[eq] != '=' {
			return i
		}
		next := spaces(text, eq+1)
		if q := unwrapCall(text, next); q < 0 {
			return i
		}
		i = next
	}
	return i
}

// unwrapCall returns where the quote begins that follows at i, after a call at most,
// or -1.
func unwrapCall(text []byte, i int) int {
	if quoteAt(text, i) != "" {
		return i
	}
	j := i
	for j < len(text) && j-i < 40 && nameByte(text[j]) {
		j++
	}
	if j > i && j < len(text) && text[j] == '(' && quoteAt(text, j+1) != "" {
		return j + 1
	}
	return -1
}

func nameByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.'
}

func bareEnd(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', '"', '\'', '`', '<', '>', ';', ',', ')', '(', '}', '{', ']', '[', '&', '|', '\\', '#':
		return true
	}
	return c == 0
}

// quoteAt returns the quote that begins at i, with the backslashes before it in
// text that is itself inside a string.
func quoteAt(text []byte, i int) string {
	for j := i; j < len(text) && j < i+4; j++ {
		switch text[j] {
		case '\\':
			continue
		case '"', '\'', '`':
			return string(text[i : j+1])
		case '&':
			if j == i && bytes.HasPrefix(text[j:], []byte("&quot;")) {
				return "&quot;"
			}
		case '%':
			if j == i && bytes.HasPrefix(text[j:], []byte("%22")) {
				return "%22"
			}
		}
		break
	}
	return ""
}

func spaces(text []byte, i int) int {
	for from := i; i < len(text) && i-from < maxSpace && (text[i] == ' ' || text[i] == '\t'); {
		i++
	}
	return i
}

// valueWord reads the name of a value that stands beside its key, as in
// {"name": "TOKEN", "value": "..."} and in manifests of Kubernetes.
func valueWord(text []byte, i int) (int, bool) {
	from := i
	for i < len(text) && i-from < 40 && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t' || text[i] == ',') {
		i++
	}
	i += len(quoteAt(text, i))
	if !bytes.HasPrefix(text[i:], []byte("value")) && !bytes.HasPrefix(text[i:], []byte("Value")) {
		return 0, false
	}
	i += len("value")
	i += len(quoteAt(text, i))
	i = spaces(text, i)
	if i >= len(text) || text[i] != ':' && text[i] != '=' {
		return 0, false
	}
	return i + 1, true
}

// spaceAssigns reports whether a space between name and value assigns: flags, ENV
// of a Dockerfile, .netrc.
func spaceAssigns(text []byte, name int) bool {
	if name < len(text) && text[name] == '-' {
		return true
	}
	line := text[lineStart(text, name, 120):name]
	line = bytes.TrimLeft(line, " \t")
	for _, w := range []string{"ENV ", "ARG ", "machine ", "setx ", "login "} {
		if bytes.HasPrefix(line, []byte(w)) {
			return true
		}
	}
	return false
}

// lineStart returns where the line of i begins, at most reach bytes back.
func lineStart(text []byte, i, reach int) int {
	from := max(0, i-reach)
	if n := bytes.LastIndexByte(text[from:i], '\n'); n >= 0 {
		return from + n + 1
	}
	return from
}
