package match

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func build(t testing.TB, literals ...Literal) *Automaton {
	t.Helper()
	a, err := New(literals)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAppend(t *testing.T) {
	a := build(t, Literal{Text: "AKIA"}, Literal{Text: "token", Fold: true}, Literal{Text: "ken", Fold: true}, Literal{Text: "\x00\xff"})
	for _, tt := range []struct {
		text string
		want []Hit
	}{
		{"", nil},
		{"nothing", nil},
		{"AKIA akia Akia", []Hit{{0, 4}}},
		{"ToKeN", []Hit{{1, 5}, {2, 5}}},
		{"tokentoken", []Hit{{1, 5}, {2, 5}, {1, 10}, {2, 10}}},
		{"toktoken", []Hit{{1, 8}, {2, 8}}},
		{"AAKIA\x00\xff", []Hit{{0, 5}, {3, 7}}},
	} {
		if d := cmp.Diff(tt.want, a.Append(nil, []byte(tt.text))); d != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, d)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, l := range map[string][]Literal{
		"empty literal": {{Text: ""}},
		"too much":      {{Text: strings.Repeat("ab", maxStates)}},
	} {
		if _, err := New(l); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// naive finds literals the slow way.
func naive(literals []Literal, text []byte) []Hit {
	var hits []Hit
	for end := range len(text) + 1 {
		for i, l := range literals {
			if end < len(l.Text) {
				continue
			}
			got := text[end-len(l.Text) : end]
			if string(got) == l.Text || l.Fold && string(fold(got)) == string(fold([]byte(l.Text))) {
				hits = append(hits, Hit{i, int64(end)})
			}
		}
	}
	return hits
}

func fold(b []byte) []byte {
	b = bytes.Clone(b)
	for i, c := range b {
		b[i] = lower(c)
	}
	return b
}

func sorted(hits []Hit) []Hit {
	slices.SortFunc(hits, func(a, b Hit) int {
		if a.End != b.End {
			return int(a.End - b.End)
		}
		return a.Literal - b.Literal
	})
	return hits
}

// randomly makes literals and a text over a small alphabet, where everything
// overlaps.
func randomly(r *rand.Rand) ([]Literal, []byte) {
	letters := "abAB_\xff"[:2+r.IntN(5)]
	word := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		return string(b)
	}
	var literals []Literal
	for range 1 + r.IntN(8) {
		literals = append(literals, Literal{word(1 + r.IntN(6)), r.IntN(2) == 0})
	}
	return literals, []byte(word(r.IntN(60)))
}

func TestAgainstNaiveSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		literals, text := randomly(r)
		got := sorted(build(t, literals...).Append(nil, text))
		if d := cmp.Diff(naive(literals, text), got); d != "" {
			t.Fatalf("%+v in %q (-naive +automaton):\n%s", literals, text, d)
		}
	}
}

// TestStreamCutAnywhere: a stream that is cut in two at every byte, in single
// bytes, and at random, gives the same hits in the same order as the whole.
func TestStreamCutAnywhere(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		literals, text := randomly(r)
		a := build(t, literals...)
		want := a.Append(nil, text)
		check := func(pieces ...[]byte) {
			t.Helper()
			s := a.Stream()
			var got []Hit
			for _, p := range pieces {
				got = s.Append(got, p)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%+v in %q cut into %q (-whole +stream):\n%s", literals, text, pieces, d)
			}
		}
		for i := range len(text) + 1 {
			check(text[:i], text[i:])
		}
		var bytewise, random [][]byte
		for i := range text {
			bytewise = append(bytewise, text[i:i+1])
		}
		for rest := text; len(rest) > 0; {
			n := r.IntN(len(rest) + 1)
			random, rest = append(random, rest[:n]), rest[n:]
		}
		check(bytewise...)
		check(random...)
	}
}

func FuzzStream(f *testing.F) {
	a := build(f, Literal{Text: "AKIA"}, Literal{Text: "token", Fold: true}, Literal{Text: "aa"}, Literal{Text: "aaa", Fold: true})
	f.Add([]byte("AKIA token aaaa"), uint(3))
	f.Fuzz(func(t *testing.T, text []byte, cut uint) {
		n := int(cut % uint(len(text)+1))
		s := a.Stream()
		got := s.Append(s.Append(nil, text[:n]), text[n:])
		if d := cmp.Diff(a.Append(nil, text), got); d != "" {
			t.Errorf("cut at %d (-whole +stream):\n%s", n, d)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	var literals []Literal
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		w := make([]byte, 5+r.IntN(8))
		for i := range w {
			w[i] = "abcdefghijklmnopqrstuvwxyz_-0123456789"[r.IntN(38)]
		}
		literals = append(literals, Literal{string(w), true})
	}
	a := build(b, literals...)
	text := bytes.Repeat([]byte("def forward(self, hidden_states: torch.Tensor, attention_mask=None):\n    return self.model(hidden_states)[0]\n"), 10000)
	b.SetBytes(int64(len(text)))
	var hits []Hit
	for b.Loop() {
		hits = a.Append(hits[:0], text)
	}
}
