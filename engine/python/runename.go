package python

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/runenames"
)

//go:embed runealias.txt
var runeAliases string

//go:embed runenew.txt
var runeNews string

// runesByName maps the names of Unicode to characters. It is built when the first
// \N{...} is met.
var runesByName = sync.OnceValue(func() map[string]rune {
	m := make(map[string]rune, 1<<15)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if n := runenames.Name(r); n != "" && n[0] != '<' {
			m[n] = r
		}
	}
	for line := range strings.Lines(runeAliases + runeNews) {
		hex, names, _ := strings.Cut(strings.TrimSpace(line), " ")
		v, err := strconv.ParseUint(hex, 16, 32)
		if err != nil {
			continue // a comment
		}
		for n := range strings.SplitSeq(names, "/") {
			m[n] = rune(v)
		}
	}
	for i := range rune(256) {
		r := 0xfe00 + i
		if i >= 16 {
			r = 0xe0100 + i - 16
		}
		m["VS"+strconv.Itoa(int(i)+1)] = r
	}
	return m
})

// runeByName finds a character by its name in any case.
func runeByName(name string) (rune, bool) {
	name = strings.ToUpper(name)
	for _, p := range [...]string{"CJK UNIFIED IDEOGRAPH-", "CJK COMPATIBILITY IDEOGRAPH-", "TANGUT IDEOGRAPH-",
		"NUSHU CHARACTER-", "KHITAN SMALL SCRIPT CHARACTER-", "EGYPTIAN HIEROGLYPH-"} {
		if hex, ok := strings.CutPrefix(name, p); ok && (p[0] != 'E' || len(hex) == 5) { // EGYPTIAN HIEROGLYPH A001 has no dash
			v, err := strconv.ParseUint(hex, 16, 32)
			return rune(v), err == nil && v >= 0x3400 && v <= unicode.MaxRune
		}
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
