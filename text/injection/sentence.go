package injection

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/merlon-security/merlon/text/canon"
)

// plain is a text in one spelling: NFKC, lower case, without invisible characters and
// with tag characters as what they spell. White space stays, for it ends sentences.
type plain struct {
	text string
	from []int // offset in the original for each byte and the end
}

func spell(s string, latin bool) plain {
	c := canon.Of([]byte(s), canon.Options{Tags: true, Latin: latin})
	var b strings.Builder
	b.Grow(len(c.Bytes))
	from := make([]int, 0, len(c.Bytes)+1)
	for i := 0; i < len(c.Bytes); {
		r, n := utf8.DecodeRune(c.Bytes[i:])
		before := b.Len()
		switch {
		case r == '’' || r == '‘':
			b.WriteByte('\'')
		case r == '\n':
			b.WriteByte('\n')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case r == utf8.RuneError && n == 1:
			b.WriteByte('?')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
		at := c.Origin(i)
		for range b.Len() - before {
			from = append(from, at)
		}
		i += n
	}
	return plain{b.String(), append(from, len(s))}
}

// sentence is a part of a text with the words in it.
type sentence struct {
	text       string // of the sentence
	start, end int    // in the plain text
	hits       []hit  // with offsets into text
}

const maxSentence = 700 // bytes; longer ones are cut at a space

// sentences cuts a text at the ends of sentences, at blank lines and items of lists.
func sentences(s string) []sentence {
	found := hits(s)
	var all []sentence
	start := 0
	cut := func(end int) {
		if end-start > 1 {
			all = append(all, sentence{text: s[start:end], start: start, end: end})
		}
		start = end
	}
	for i, r := range s {
		next := byte(' ')
		n := utf8.RuneLen(r)
		if i+n < len(s) {
			next = s[i+n]
		}
		switch {
		case r == '!' || r == '?' || r == ';' || r == '。' || r == '｡':
			cut(i + n)
		case (r == '.' || r == '…') && (next == ' ' || next == '\n' || next >= utf8.RuneSelf):
			cut(i + n)
		case r == '\n' && startsItem(s[i+n:]):
			cut(i + n)
		case i-start > maxSentence && (r == ' ' || r == '\n' || r == ',' || bare(r)):
			cut(i)
		}
	}
	cut(len(s))
	k := 0
	for i := range all {
		x := &all[i]
		for k < len(found) && found[k].end <= x.start {
			k++
		}
		for _, h := range found[k:] {
			if h.end > x.end+64 {
				break
			}
			if h.start >= x.start && h.end <= x.end {
				x.hits = append(x.hits, hit{h.start - x.start, h.end - x.start, h.is})
			}
		}
		x.outside()
	}
	return all
}

// outside leaves out words that are parts of addresses.
func (s *sentence) outside() {
	if !strings.Contains(s.text, "@") && !strings.Contains(s.text, "://") {
		return
	}
	for _, at := range append(persons().FindAllStringIndex(s.text, 20), addresses().FindAllStringIndex(s.text, 20)...) {
		s.hits = slices.DeleteFunc(s.hits, func(h hit) bool { return h.start < at[1] && at[0] < h.end })
	}
}

// startsItem reports a blank line, or a line that begins an item of a list.
func startsItem(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' || c == '\t':
		default:
			return c == '\n' || c == '-' || c == '*' || c == '#' || c >= '0' && c <= '9'
		}
	}
	return false
}

// has reports whether all concepts are there.
func (s *sentence) has(list ...concept) bool {
	for _, c := range list {
		if s.first(c) == nil {
			return false
		}
	}
	return true
}

// first is the first word for a concept, nil for none.
func (s *sentence) first(c concept) *hit {
	for i := range s.hits {
		if s.hits[i].is&c != 0 {
			return &s.hits[i]
		}
	}
	return nil
}

// order is a word for a concept that nothing denies, nil for none.
func (s *sentence) order(c concept) *hit {
	for i := range s.hits {
		if h := &s.hits[i]; h.is&c != 0 && !s.denied(h) {
			return h
		}
	}
	return nil
}

// denied reports a "not" shortly before a word, or, in German, behind it.
func (s *sentence) denied(h *hit) bool {
	for _, n := range s.hits {
		if n.is&neg != 0 && n.end <= h.start && n.start != h.start && gap(s.text[n.end:h.start]) <= 2 && !strings.Contains(s.text[n.end:h.start], ",") {
			return true
		}
		if n.is&negpost != 0 && (n.start >= h.end && gap(s.text[h.end:n.start]) <= 3 || n.end <= h.start && gap(s.text[n.end:h.start]) <= 2) && !strings.Contains(s.text[min(h.end, n.end):max(h.start, n.start)], ",") {
			return true
		}
	}
	return false
}

// gap counts the words in a piece of text; without bounds between words, pairs of
// characters.
func gap(s string) int {
	n, pairs := len(strings.Fields(s)), 0
	for _, r := range s {
		if bare(r) {
			pairs++
		}
	}
	return max(n, pairs/2)
}

// near reports whether words for two concepts are at most n words apart. One word for
// both does not count, a word inside another does.
func (s *sentence) near(a, b concept, n int) bool {
	for i := range s.hits {
		for j := range s.hits {
			x, y := &s.hits[i], &s.hits[j]
			if i == j || x.is&a == 0 || y.is&b == 0 {
				continue
			}
			if x.start < y.end && y.start < x.end || y.start >= x.end && gap(s.text[x.end:y.start]) <= n || x.start >= y.end && gap(s.text[y.end:x.start]) <= n {
				return true
			}
		}
	}
	return false
}

// before reports a word for a at most n words before one for b.
func (s *sentence) before(a, b concept, n int) bool {
	for i := range s.hits {
		for j := range s.hits {
			x, y := &s.hits[i], &s.hits[j]
			if x.is&a != 0 && y.is&b != 0 && y.start >= x.end && gap(s.text[x.end:y.start]) <= n {
				return true
			}
		}
	}
	return false
}

var (
	addresses = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`https?://[^\s"'<>]+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:example|com|net|org|io|dev|ru|cn|xyz|info|de)\b`)
	})
	// An address of a person: mail, IBAN, wallet.
	persons = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}|\b(?:0x[0-9a-f]{40}|[a-z]{2}\d{2}[a-z0-9]{11,30})\b`)
	})
	identifiers = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile("[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[`\"'“”「『]([a-z][a-z0-9_-]*)[`\"'“”」』]")
	})
	credentialName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)key|token|secret|passw|passphrase|credential|auth|cookie|cert|pem|login|jwt|bearer|header|env|variable|connection|dsn|schlüssel|password|storage_?state`)
	})
	promptName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)prompt|instruction|message|history|conversation|transcript|system`)
	})
)

// address reports an address to which something could go.
func (s *sentence) address() bool { return addresses().MatchString(s.text) || s.person() }

// person reports the address of a person or an account.
func (s *sentence) person() bool { return persons().MatchString(s.text) }

// names are the identifiers and quoted words.
func (s *sentence) names() []string { return identifiers().FindAllString(s.text, 20) }
