// Package injection finds text that speaks to a language model behind its user's
// back: orders to forget its instructions, to keep something from the user, to fetch
// secrets and to send them away; and characters that hide such text from people.
//
// [Find] looks for phrases, in English, German, French and Spanish. [FindInTool] also
// looks for ideas that do not belong together in the description of a tool. They are the
// first of several signals: they catch what is said plainly, and miss what is said
// cleverly. [HiddenRunes] is exact.
package injection

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/merlon-security/merlon/text/match"
	"golang.org/x/text/unicode/norm"
)

// Kind says what a phrase asks for.
type Kind string

// The kinds.
const (
	Override Kind = "override" // forget or replace the instructions
	Secrecy  Kind = "secrecy"  // keep it from the user
	Steal    Kind = "steal"    // read credentials or private files, or hand over what is known
	Send     Kind = "send"     // send something to somebody
	Command  Kind = "command"  // do something first, or instead, whatever was asked
	Unasked  Kind = "unasked"  // act without a question
	Role     Kind = "role"     // markup of a chat, as if the system had spoken
	Shadow   Kind = "shadow"   // change what other tools do
)

// Match is a phrase that was found.
type Match struct {
	Kind       Kind
	Start, End int    // offsets into the text
	Text       string // as it was read: canonical, at most 160 bytes
}

// MaxText is how many bytes are looked at.
const MaxText = 1 << 20

type phrase struct {
	kind Kind
	hint []string // one of them is in every text that fits, in lower case
	re   func() *regexp.Regexp
}

func says(kind Kind, re string, hint ...string) phrase {
	return phrase{kind, hint, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(re) })}
}

// Find lists phrases in the order of the text, the same words once for each kind.
func Find(text string) []Match {
	c := canonical(text[:min(len(text), MaxText)])
	var all []Match
	for _, i := range hinted(c.text) {
		p := &phrases[i]
		for _, at := range p.re().FindAllStringIndex(c.text, 20) {
			s := c.text[at[0]:at[1]]
			if p.kind == Steal && (strings.Contains(s, "name of") || strings.Contains(s, "path to") || strings.Contains(s, "add the following")) {
				continue
			}
			all = append(all, Match{p.kind, c.from[at[0]], c.from[at[1]-1] + 1, s[:min(len(s), 160)]})
		}
	}
	return all
}

// hints is the automaton of the hints of all phrases, and the phrases that each hint
// belongs to. It is made on first use.
var hints = sync.OnceValues(func() (*match.Automaton, [][]int) {
	index := map[string]int{}
	var literals []match.Literal
	var of [][]int
	for i, p := range phrases {
		for _, h := range p.hint {
			k, ok := index[h]
			if !ok {
				k = len(literals)
				index[h] = k
				literals, of = append(literals, match.Literal{Text: h}), append(of, nil)
			}
			of[k] = append(of[k], i)
		}
	}
	a, err := match.New(literals)
	if err != nil {
		panic(err) // tested
	}
	return a, of
})

// hinted lists the phrases of which a hint is in a text, in order.
func hinted(s string) []int {
	a, of := hints()
	var some []int
	for _, h := range a.Append(nil, []byte(s)) {
		some = append(some, of[h.Literal]...)
	}
	slices.Sort(some)
	return slices.Compact(some)
}

// view is a text in one spelling: compatibility forms (NFKC) in lower case, without
// characters that are not seen, white space as single spaces.
type view struct {
	text string
	from []int // offset in the original for each byte
}

func canonical(s string) view {
	var b strings.Builder
	b.Grow(len(s))
	from := make([]int, 0, len(s))
	put := func(r rune, at int) {
		n := b.Len()
		b.WriteRune(unicode.ToLower(r))
		for range b.Len() - n {
			from = append(from, at)
		}
	}
	space := true
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if tag := r - 0xe0000; tag >= 0x20 && tag < 0x7f {
			r = tag // what tag characters spell
		}
		switch {
		case unicode.IsSpace(r):
			if !space {
				put(' ', i)
			}
			space = true
		case invisible(r):
		case r < utf8.RuneSelf:
			put(r, i)
			space = false
		default:
			for _, q := range norm.NFKC.String(s[i : i+n]) {
				put(q, i)
			}
			space = false
		}
		i += n
	}
	return view{b.String(), from}
}

// invisible characters take no room and carry no meaning for the reader.
func invisible(r rune) bool {
	switch {
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff, r == 0xad, r == 0x180e,
		r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0000 && r <= 0xe01ef, r == 0x034f:
		return true
	}
	return false
}
