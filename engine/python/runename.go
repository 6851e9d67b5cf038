package python

import (
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/runenames"
)

// runesByName maps the names of Unicode to characters. It is built when the first
// \N{...} is met.
var runesByName = sync.OnceValue(func() map[string]rune {
	m := make(map[string]rune, 1<<15)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if n := runenames.Name(r); n != "" && n[0] != '<' {
			m[n] = r
		}
	}
	// The aliases in use, from NameAliases.txt.
	for n, r := range map[string]rune{
		"NULL": 0, "NUL": 0, "ALERT": 7, "BEL": 7, "BACKSPACE": 8, "CHARACTER TABULATION": 9, "HORIZONTAL TABULATION": 9,
		"TAB": 9, "LINE FEED": 10, "NEW LINE": 10, "END OF LINE": 10, "LF": 10, "LINE TABULATION": 11,
		"VERTICAL TABULATION": 11, "FORM FEED": 12, "CARRIAGE RETURN": 13, "CR": 13, "ESCAPE": 27, "ESC": 27,
		"DELETE": 127, "NEXT LINE": 0x85, "NEL": 0x85, "NBSP": 0xa0, "SHY": 0xad, "ZWSP": 0x200b, "ZWNJ": 0x200c,
		"ZWJ": 0x200d, "LRM": 0x200e, "RLM": 0x200f, "LRE": 0x202a, "RLE": 0x202b, "PDF": 0x202c, "LRO": 0x202d,
		"RLO": 0x202e, "NNBSP": 0x202f, "WJ": 0x2060, "LRI": 0x2066, "RLI": 0x2067, "FSI": 0x2068, "PDI": 0x2069,
		"BYTE ORDER MARK": 0xfeff, "BOM": 0xfeff, "ZWNBSP": 0xfeff,
	} {
		m[n] = r
	}
	return m
})

// runeByName finds a character by its name in any case.
func runeByName(name string) (rune, bool) {
	name = strings.ToUpper(name)
	if hex, ok := strings.CutPrefix(name, "CJK UNIFIED IDEOGRAPH-"); ok {
		v, err := strconv.ParseUint(hex, 16, 32)
		return rune(v), err == nil && unicode.Is(unicode.Unified_Ideograph, rune(v))
	}
	if syllable, ok := strings.CutPrefix(name, "HANGUL SYLLABLE "); ok {
		return hangul(syllable)
	}
	r, ok := runesByName()[name]
	return r, ok
}

// hangul composes a syllable from the short names of its jamo (Unicode 3.12).
func hangul(s string) (rune, bool) {
	leading := strings.Fields("G GG N D DD R M B BB S SS - J JJ C K T P H")
	vowels := strings.Fields("A AE YA YAE EO E YEO YE O WA WAE OE YO U WEO WE WI YU EU YI I")
	trailing := strings.Fields("- G GG GS N NJ NH D L LG LM LB LS LT LP LH M B BS S SS NG J C K T P H")
	for l, a := range leading {
		for v, b := range vowels {
			for t, c := range trailing {
				if strings.ReplaceAll(a+b+c, "-", "") == s {
					return rune(0xac00 + (l*21+v)*28 + t), true
				}
			}
		}
	}
	return 0, false
}
