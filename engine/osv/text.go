package osv

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// aliases sorts names, each once, without own.
func aliases(names []string, own string) []string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		if n != "" && n != own && len(n) <= 200 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) == 0 {
		return nil
	}
	return out
}

// minSentence is what a sentence has at least that says what is wrong, in bytes.
const minSentence = 60

// oneLine is summary, or else the first sentence of details, as one line of printable
// text.
func oneLine(summary, details string) string {
	s := summary
	if strings.TrimSpace(s) == "" {
		s = details
		if len(s) > 4*maxSummary {
			s = s[:4*maxSummary]
		}
		s = strings.TrimSpace(s)
		if i := strings.IndexByte(s, '\n'); i > 0 {
			s = s[:i]
		}
		// The first sentence, and more where it only says what the package is.
		if i := strings.Index(s, ". "); i > 0 {
			if rest := strings.Index(s[i+2:], ". "); i < minSentence && rest > 0 {
				i += 2 + rest
			} else if i < minSentence {
				i = len(s) - 1
			}
			s = s[:i+1]
		}
	}
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if len(s) <= maxSummary {
		return s
	}
	cut := maxSummary - len("…")
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.TrimRight(s[:cut], " ") + "…"
}
