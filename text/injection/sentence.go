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
	text       string   // of the sentence
	start, end int      // in the plain text
	hits       []hit    // with offsets into text, at most maxHits
	words      []uint16 // words that begin before each byte
	bares      []uint16 // characters of scripts without bounds before each byte
	commas     []uint16 // commas before each byte

	to       uint8    // 0: not looked for yet, else what address and person say
	called   []string // what names says
	nameless bool     // names were looked for
}

const (
	maxSentence = 700 // bytes; longer ones are cut at a space
	maxHits     = 64  // words of the lexicon in one sentence
)

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
			if h.start >= x.start && h.end <= x.end && len(x.hits) < maxHits {
				x.hits = append(x.hits, hit{h.start - x.start, h.end - x.start, h.is})
			}
		}
		x.outside()
		x.measure()
	}
	return all
}

// measure counts what lies before each byte, so that distances are differences.
func (s *sentence) measure() {
	if len(s.hits) < 2 {
		return
	}
	n := len(s.text) + 1
	all := make([]uint16, 3*n)
	s.words, s.bares, s.commas = all[:n], all[n:2*n], all[2*n:]
	var words, bares, commas uint16
	space := true
	for i, r := range s.text {
		for j := i; j < min(i+utf8.RuneLen(r), n); j++ {
			s.words[j], s.bares[j], s.commas[j] = words, bares, commas
		}
		blank := r == ' ' || r == '\n'
		if space && !blank {
			words++
		}
		if bare(r) {
			bares++
		}
		if r == ',' {
			commas++
		}
		space = blank
	}
	s.words[n-1], s.bares[n-1], s.commas[n-1] = words, bares, commas
}

// gap counts the words between two places; without bounds between words, pairs of
// characters.
func (s *sentence) gap(from, to int) int {
	return max(int(s.words[to]-s.words[from]), int(s.bares[to]-s.bares[from])/2)
}

func (s *sentence) comma(from, to int) bool { return s.commas[to] > s.commas[from] }

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
	for i := range s.hits {
		n := &s.hits[i]
		if n.is&neg != 0 && n.end <= h.start && s.gap(n.end, h.start) <= 2 && !s.comma(n.end, h.start) {
			return true
		}
		if n.is&negpost != 0 && (n.start >= h.end && s.gap(h.end, n.start) <= 3 && !s.comma(h.end, n.start) || n.end <= h.start && s.gap(n.end, h.start) <= 2 && !s.comma(n.end, h.start)) {
			return true
		}
	}
	return false
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
			if x.start < y.end && y.start < x.end || y.start >= x.end && s.gap(x.end, y.start) <= n || x.start >= y.end && s.gap(y.end, x.start) <= n {
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
			if x.is&a != 0 && y.is&b != 0 && y.start >= x.end && s.gap(x.end, y.start) <= n {
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
func (s *sentence) address() bool { return s.reach()&1 != 0 }

// person reports the address of a person or an account.
func (s *sentence) person() bool { return s.reach()&2 != 0 }

func (s *sentence) reach() uint8 {
	if s.to == 0 {
		s.to = 4
		if persons().MatchString(s.text) {
			s.to |= 3
		} else if strings.Contains(s.text, ".") && addresses().MatchString(s.text) {
			s.to |= 1
		}
	}
	return s.to
}

// names are the identifiers and quoted words.
func (s *sentence) names() []string {
	if !s.nameless {
		s.nameless = true
		s.called = identifiers().FindAllString(s.text, 20)
	}
	return s.called
}
