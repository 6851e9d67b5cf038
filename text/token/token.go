// Package token tells strings that chance made (keys, tokens) from those that
// people made: identifiers, words, versions, paths, model names, placeholders.
//
// For most uses ask [Classify]. Entropy alone cannot tell them apart: a class name
// of 24 letters has as much of it as a key of 24 hexadecimal digits. [Score]
// compares how well two models explain a string: pairs of characters as they
// follow each other in source code, and chance over the characters that occur. The
// pairs were counted by internal/derive.
package token

import (
	"math"
	"strings"
	"sync"
)

// Kind is what a string seems to be.
type Kind uint8

// The kinds.
const (
	Random      Kind = iota + 1 // made by chance: may be a key
	Mixed                       // words with digits and symbols, like a chosen password
	Word                        // words, identifiers, names
	Placeholder                 // stands where a key belongs
	UUID                        // 8-4-4-4-12 hexadecimal digits
	Hash                        // as many hexadecimal digits as a digest has
	Number                      // digits and separators: versions, dates, addresses
	Expression                  // source code, a path, a URL
	Text                        // several words with spaces
)

// Classify judges a value on its own, without the name it is given.
func Classify(v string) Kind {
	c := count(v)
	switch {
	case IsPlaceholder(v):
		return Placeholder
	case isUUID(v):
		return UUID
	case c.digits > 0 && (c.letters == 0 || c.letters <= 2 && c.n <= 16) && c.letters+c.digits+c.marks == c.n:
		return Number
	case c.spaces > 0 || c.wide > 0:
		return Text
	case c.hex == c.n && digest(c.n):
		return Hash
	case isExpression(v, c):
		return Expression
	}
	switch s := Score(v); {
	case spoken(v) >= 0.45:
		return Word
	case c.n >= 20 && s < -0.6 && c.kinds() >= 2, c.n >= 12 && s < -1 && c.kinds() >= 2, c.n >= 24 && s < -1:
		return Random
	case c.n >= 8 && c.kinds() >= 3 && s < 0.5:
		return Mixed
	}
	return Word
}

// spoken is the share of v that runs of letters make up which read like words.
func spoken(v string) float64 {
	n := 0
	for i := 0; i < len(v); {
		j := i
		for j < len(v) && letter(v[j]) && (j == i || !lowerCase(v[j-1]) || lowerCase(v[j])) {
			j++ // up to the next capital after a small letter
		}
		if j-i >= 4 && Score(v[i:j]) > 0.5 || j-i == 3 && Score(v[i:j]) > 1 {
			n += j - i
		}
		i = max(j, i+1)
	}
	return float64(n) / float64(len(v))
}

// digest reports whether common hash functions write n hexadecimal digits.
func digest(n int) bool {
	return n == 32 || n == 40 || n == 56 || n == 64 || n == 96 || n == 128
}

var model = sync.OnceValue(func() *[len(alphabet) + 1][256]float32 {
	const n = len(alphabet)
	var m [n + 1][256]float32
	for i := range n + 1 {
		for c := range 256 {
			m[i][c] = 90. / 6
		}
		for j := range n {
			m[i][alphabet[j]] = float32(bigrams[i*n+j]-'#') / 6
		}
	}
	return &m
})

var column = sync.OnceValue(func() *[256]uint8 {
	var m [256]uint8
	for i := range len(alphabet) {
		m[alphabet[i]] = uint8(i + 1)
	}
	return &m
})

// Score says which model explains v better, in bits per character: above zero
// words, below zero chance. Text of 16 characters and more is told apart well at
// zero; shorter text is not.
func Score(v string) float64 {
	if v == "" {
		return 0
	}
	if strings.ToUpper(v) == v {
		v = strings.ToLower(v) // the words of constants are words
	}
	m, col := model(), column()
	bits, prev := float32(0), uint8(0)
	for i := range len(v) {
		if c := col[v[i]]; c != 0 {
			bits += m[prev][v[i]]
			prev = c
		} else {
			bits += 5 // neither model expects it
			prev = 0
		}
	}
	return (chance(v) - float64(bits)) / float64(len(v))
}

// chance is what v costs in bits when every part of it was drawn from the smallest
// usual alphabet: keys are made of parts, and hexadecimal digits follow prefixes.
func chance(v string) float64 {
	bits, whole := 0.0, count(v).alphabet()
	for i := 0; i < len(v); {
		j := i
		for j < len(v) && (letter(v[j]) || '0' <= v[j] && v[j] <= '9') {
			j++
		}
		if j == i {
			bits += whole
			i++
			continue
		}
		rest := j - i
		for k := i; k < j; {
			n, digits := hexRun(v[k:j])
			if n >= 12 && digits >= 2 {
				size := 4.0
				if run := v[k : k+n]; strings.ToLower(run) != run && strings.ToUpper(run) != run {
					size = 4.5 // both cases
				}
				bits += size * float64(n)
				rest -= n
			}
			k += max(n, 1)
		}
		size := whole
		if j-i >= 16 {
			size = count(v[i:j]).alphabet()
		}
		bits += float64(rest) * size
		i = j
	}
	return bits
}

// hexRun returns how many hexadecimal digits v begins with, and how many of them
// are decimal.
func hexRun(v string) (n, digits int) {
	for n < len(v) {
		switch c := v[n]; {
		case '0' <= c && c <= '9':
			digits++
		case c < 'A' || c|0x20 < 'a' || c|0x20 > 'f':
			return n, digits
		}
		n++
	}
	return n, digits
}

// counts are the classes of characters in a string.
type counts struct {
	n, lower, upper, digits, hex, marks, other, spaces, wide, letters int
}

func count(v string) counts {
	c := counts{n: len(v)}
	for i := range len(v) {
		switch b := v[i]; {
		case 'a' <= b && b <= 'z':
			c.lower++
		case 'A' <= b && b <= 'Z':
			c.upper++
		case '0' <= b && b <= '9':
			c.digits++
		case b == '.' || b == '-' || b == '_' || b == ':' || b == '/' || b == '+' || b == '=' || b == ',':
			c.marks++
		case b == ' ' || b == '\t' || b == '\n':
			c.spaces++
		case b >= 0x80:
			c.wide++
		default:
			c.other++
		}
		if b := v[i]; '0' <= b && b <= '9' || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F' {
			c.hex++
		}
	}
	c.letters = c.lower + c.upper
	return c
}

// kinds is how many of lower case, upper case, digits and symbols occur.
func (c counts) kinds() int {
	n := 0
	for _, k := range []int{c.lower, c.upper, c.digits, c.marks + c.other} {
		if k > 0 {
			n++
		}
	}
	return n
}

// alphabet is what chance needs for one character, in bits.
func (c counts) alphabet() float64 {
	size := 0.0
	if c.hex == c.n && (c.lower == 0 || c.upper == 0) {
		size = 16
	} else {
		for _, k := range []struct {
			n    int
			size float64
		}{{c.lower, 26}, {c.upper, 26}, {c.digits, 10}, {c.marks, 2}, {c.other, 20}} {
			if k.n > 0 {
				size += k.size
			}
		}
	}
	return math.Log2(max(size, 2))
}
