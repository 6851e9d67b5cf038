package injection

import (
	"embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/merlon-security/merlon/text/match"
)

// concept is a set of ideas that a word stands for, whatever its language. The words
// are in lexicon/, one file for each language, one line for each concept. A word is
// found as a whole; one that ends with * begins others; Chinese has no such bounds.
type concept uint64

const (
	user       concept = 1 << iota // the person
	neg                            // not; before what it denies
	negpost                        // not; behind what it denies (German)
	tell                           // make known
	hide                           // secretly
	aware                          // know
	raw                            // a form of data that is kept from people for their comfort
	step                           // this, here: what is being done
	drop                           // disregard: an order
	drops                          // is void, comes before: a statement
	rules                          // instructions, wishes
	prior                          // previous, yours, of the system
	any                            // all
	hard                           // files and stores of credentials
	soft                           // credentials
	talk                           // conversation
	inner                          // system prompt, history, results of other tools
	full                           // all of it, literally
	get                            // read, collect: an order
	put                            // include, pass: an order
	send                           // send: an order
	holds                          // contain: with must, an order
	slot                           // parameter
	known                          // that you have, that you can find
	path                           // path of
	contents                       // contents of
	first                          // before
	anytool                        // the other tools
	every                          // each request
	must                           // must
	demote                         // do not use, instead of
	strong                         // broken, do not use
	prefer                         // has priority
	thistool                       // this tool
	builtin                        // the usual one
	tool                           // tool, server
	own_                           // of this server
	server                         // another server
	when                           // whenever, when using
	target                         // recipient, account, address
	divert                         // instead, replace, redirect
	regardless                     // even if
	call                           // call, use
	data                           // results, files
	now                            // from now on
	turn                           // serve somebody else now
	reply                          // the answer to the user
	other                          // other, usual
	judge                          // only, forbidden, forged
)

var names = map[string]concept{
	"user": user, "neg": neg, "negpost": negpost, "tell": tell, "hide": hide, "aware": aware, "raw": raw, "step": step, "drop": drop, "drops": drops, "rules": rules, "prior": prior, "any": any,
	"hard": hard, "soft": soft, "talk": talk, "inner": inner, "full": full, "get": get, "put": put, "send": send, "holds": holds, "slot": slot, "known": known, "path": path, "contents": contents, "first": first,
	"anytool": anytool, "every": every, "must": must, "demote": demote, "strong": strong, "prefer": prefer, "thistool": thistool, "builtin": builtin, "tool": tool, "own": own_, "server": server,
	"when": when, "target": target, "divert": divert, "regardless": regardless, "call": call, "data": data, "now": now, "turn": turn, "reply": reply, "other": other, "judge": judge,
}

//go:embed lexicon
var lexicons embed.FS

// word is one entry of the lexicon.
type word struct {
	is     concept
	prefix bool // begins other words
	latin  bool // has bounds
	length int
}

type lexicon struct {
	find  *match.Automaton
	words []word
}

// terms is the lexicon of all languages. It is read on first use.
var terms = sync.OnceValue(func() *lexicon {
	index := map[string]int{}
	var literals []match.Literal
	l := &lexicon{}
	files, _ := lexicons.ReadDir("lexicon")
	for _, f := range files {
		b, _ := lexicons.ReadFile("lexicon/" + f.Name())
		for line := range strings.Lines(string(b)) {
			name, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
			is := names[name]
			if !ok || is == 0 {
				panic("lexicon/" + f.Name() + ": " + line) // tested
			}
			for _, w := range strings.Split(list, "|") {
				literal, prefix := strings.CutSuffix(w, "*")
				if i, ok := index[w]; ok {
					l.words[i].is |= is
					continue
				}
				r, _ := utf8.DecodeRuneInString(literal)
				index[w] = len(l.words)
				l.words = append(l.words, word{is, prefix, !bare(r), len(literal)})
				literals = append(literals, match.Literal{Text: literal})
			}
		}
	}
	a, err := match.New(literals)
	if err != nil {
		panic(err) // tested
	}
	l.find = a
	return l
})

// bare reports characters of scripts that write words without bounds.
func bare(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}

// inWord reports whether a character goes on with a word.
func inWord(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_') && !bare(r)
}

// hit is a word in a text.
type hit struct {
	start, end int
	is         concept
}

// hits lists the words of the lexicon in a text in lower case, in order.
func hits(s string) []hit {
	l := terms()
	var all []hit
	for _, h := range l.find.Append(nil, []byte(s)) {
		w := l.words[h.Literal]
		start, end := int(h.End)-w.length, int(h.End)
		if w.latin {
			if r, _ := utf8.DecodeLastRuneInString(s[:start]); start > 0 && inWord(r) {
				continue
			}
			if r, _ := utf8.DecodeRuneInString(s[end:]); end < len(s) && !w.prefix && inWord(r) {
				continue
			}
		}
		all = append(all, hit{start, end, w.is})
	}
	return all
}
