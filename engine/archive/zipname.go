package archive

import (
	"path"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// nameIt sets the names of a member from what a header says: as CPython decodes
// it, and what readers that stop at NUL, turn backslashes or prefer the Unicode
// path extra field would say.
func (m *Member) nameIt(raw, unicodeName string, flags uint16) {
	m.Name = decodeName(raw, flags)
	if i := strings.IndexByte(m.Name, 0); i >= 0 {
		m.note(KindOddName, m.Header, "NUL in the name")
		m.alias(m.Name[:i])
	}
	if strings.Contains(m.Name, `\`) {
		m.note(KindOddName, m.Header, "backslash in the name")
		m.alias(strings.ReplaceAll(m.Name, `\`, "/"))
	}
	if flags&flagUTF8 != 0 && !utf8.ValidString(raw) {
		m.note(KindOddName, m.Header, "name is said to be UTF-8 and is not")
	}
	if strings.IndexFunc(m.Name, func(r rune) bool { return r != 0 && (r < ' ' || r == 0x7f) }) >= 0 {
		m.note(KindOddName, m.Header, "control characters in the name")
	}
	if m.Name == "" {
		m.note(KindOddName, m.Header, "empty name")
	}
	if unicodeName != "" && unicodeName != m.Name {
		if flags&flagUTF8 != 0 || isASCII(raw) {
			m.note(KindName, m.Header, "the Unicode path says %q", cut(unicodeName))
		}
		m.alias(unicodeName)
	}
}

func (m *Member) alias(name string) {
	if name != m.Name {
		m.Aliases = append(m.Aliases, name)
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// decodeName decodes a name as written. Bit 11 means UTF-8; without it the code
// page is 437 by the specification and UTF-8 in practice, so bytes that are valid
// UTF-8 are taken as such.
func decodeName(raw string, _ uint16) string {
	if utf8.ValidString(raw) {
		return raw
	}
	var b strings.Builder
	for i := range len(raw) {
		if c := raw[i]; c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			b.WriteRune(cp437()[c-utf8.RuneSelf])
		}
	}
	return b.String()
}

// cp437 holds the upper half of IBM code page 437.
var cp437 = sync.OnceValue(func() []rune {
	return []rune("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0")
})

// Fold returns what is left of a name for a reader that stops at NUL, takes a
// backslash for a slash, cleans paths, composes characters and ignores case.
// miniz, which PyTorch reads zip files with, ignores the case of ASCII letters.
func Fold(name string) string {
	if i := strings.IndexByte(name, 0); i >= 0 {
		name = name[:i]
	}
	if !isASCII(name) {
		name = norm.NFKC.String(name)
	}
	name = path.Clean("/" + strings.ReplaceAll(name, `\`, "/"))
	return strings.ToLower(name)
}
