package template

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/jinja"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/text"
)

// hidden reports characters that nobody sees in what a template puts out, and
// characters that reverse its source for whoever reviews it.
func (j *judge) hidden(src string, texts []jinja.Emitted) {
	for _, t := range texts {
		n, tags := unseen(t.Text)
		if n == 0 {
			continue
		}
		v, msg := asset.Unverified, fmt.Sprintf("The template puts out %d characters that are not seen: %q", n, verdict.Show(around(t.Text)))
		if len(tags) >= 3 {
			v, msg = asset.Malicious, fmt.Sprintf("The template puts out text in invisible tag characters, which a model reads as: %q", verdict.Show(tags))
		}
		j.report(ruleHidden, v, t.Pos, "emitted", msg)
	}
	if i := strings.IndexFunc(src, reverses); i >= 0 {
		j.report(ruleHidden, asset.Unverified, i, "source", "The source of the template holds characters that change the direction of the text around them: it is not what it looks like.")
	}
}

// unseen counts the hidden characters of a text, and decodes tag characters.
func unseen(s string) (n int, tags string) {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case r == '\n', r == '\t', r == '\r', r == 0xa0, r == 0x3000, r == 0x202f: // seen as space
			continue
		case r >= 0xe0020 && r <= 0xe007e:
			b.WriteRune(r - 0xe0000)
			n++
			continue
		case r == 0xfe0f, r == 0xfe0e, r == 0x200d: // part of an emoji
			if i > 0 && (unicode.Is(unicode.So, runes[i-1]) || unicode.Is(unicode.Sk, runes[i-1]) || unicode.Is(unicode.Sm, runes[i-1]) || runes[i-1] == 0xfe0f || runes[i-1] < 0x80 && unicode.IsDigit(runes[i-1])) {
				continue
			}
		case r == 0x200c: // the non-joiner of Persian and of Indian scripts
			if i > 0 && unicode.In(runes[i-1], unicode.Arabic, unicode.Devanagari, unicode.Bengali, unicode.Tamil, unicode.Malayalam, unicode.Kannada, unicode.Telugu) {
				continue
			}
		}
		if text.Hidden(r) {
			n++
		}
	}
	return n, b.String()
}

// around cuts a text to what surrounds its first hidden character.
func around(s string) string {
	r := []rune(s)
	for i := range r {
		if n, _ := unseen(string(r[i : i+1])); n > 0 {
			return string(r[max(0, i-20):min(len(r), i+40)])
		}
	}
	return s
}

// reverses tells the controls that reorder text (Unicode Annex 9).
func reverses(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
