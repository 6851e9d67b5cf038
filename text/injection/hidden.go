package injection

import (
	"unicode"
	"unicode/utf8"
)

// Hidden is a run of characters that people do not see and programs read.
type Hidden struct {
	Start, End int    // offsets into the text
	Kind       string // "tag", "bidi", "zero-width", "variation"
	Count      int    // characters
	Says       string // what tag characters and variation selectors spell in ASCII; at most 200 bytes
}

// HiddenRunes finds characters that hide text, or change how it looks: Unicode tags
// (U+E0000 to U+E007F), bidirectional overrides and isolates, runs of variation
// selectors, and zero-width characters where writing has no use for them. Emoji with
// their joiners and selectors, flags, scripts that need joiners, and a byte order mark
// at the start are none of that.
func HiddenRunes(text string) []Hidden {
	var all []Hidden
	var prev rune
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		kind := hiddenKind(r)
		if kind == "" || r == 0xfeff && i == 0 {
			prev = r
			i += n
			continue
		}
		h := Hidden{Start: i, Kind: kind}
		lead := r
		for i < len(text) {
			r, n = utf8.DecodeRuneInString(text[i:])
			if k := hiddenKind(r); k != kind {
				break
			}
			if c, ok := spelled(r); ok && len(h.Says) < 200 {
				h.Says += string(c)
			}
			h.Count++
			i += n
		}
		h.End = i
		next, _ := utf8.DecodeRuneInString(text[i:])
		if !usual(h, prev, lead, next) {
			all = append(all, h)
		}
		prev = 0
	}
	return all
}

func hiddenKind(r rune) string {
	switch {
	case r < 0xad:
	case r >= 0xe0000 && r <= 0xe007f:
		return "tag"
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return "bidi"
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef:
		return "variation"
	case r >= 0x200b && r <= 0x200d, r >= 0x2060 && r <= 0x2064, r == 0xfeff, r == 0x180e, r == 0x034f, r == 0x3164, r == 0x115f, r == 0xffa0:
		return "zero-width"
	}
	return ""
}

// spelled is the ASCII character that a tag, or a variation selector as a byte, stands for.
func spelled(r rune) (byte, bool) {
	switch {
	case r >= 0xe0020 && r < 0xe007f:
		return byte(r - 0xe0000), true
	case r >= 0xe0100 && r <= 0xe01ef:
		if b := r - 0xe0100 + 16; b >= 0x20 && b < 0x7f {
			return byte(b), true
		}
	}
	return 0, false
}

// usual tells ordinary writing: it has these characters too. r is the first of them.
func usual(h Hidden, prev, r, next rune) bool {
	switch h.Kind {
	case "tag":
		return prev == 0x1f3f4 && h.Count <= 7 // flags of regions
	case "variation":
		return h.Count == 1 // emoji and ideographs
	case "zero-width":
		if h.Count > 1 || prev == '\u2060' {
			return h.Count == 1
		}
		// Chinese has no use for them; other scripts join and part letters with them.
		if unicode.Is(unicode.Han, prev) && (r == '\u2060' || r == '\u200b' || r == '\ufeff') {
			return false
		}
		joins := prev > 0x2ff && (unicode.IsLetter(prev) || unicode.IsMark(prev) || unicode.IsSymbol(prev))
		return joins || prev == 0 && next > 0x2ff
	}
	return false
}
