package patch

import (
	"fmt"
	"strings"
)

// around is how many lines stand around a change.
const around = 3

// Diff returns the difference of two texts as a unified diff, which git apply and
// patch -p1 take; "" if they are equal. Lines end with \n only, whatever else is in them.
func Diff(name, old, now string) string {
	if old == now {
		return ""
	}
	a, b := lines(old), lines(now)
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", quoted("a/"+strings.TrimLeft(name, "/")), quoted("b/"+strings.TrimLeft(name, "/")))
	blocks := changes(a, b)
	for i := 0; i < len(blocks); {
		j := i + 1
		for j < len(blocks) && blocks[j].a0-blocks[j-1].a1 <= 2*around {
			j++
		}
		hunk(&out, a, b, blocks[i:j])
		i = j
	}
	return out.String()
}

// block says that the lines [a0, a1) of one text are [b0, b1) of the other.
type block struct{ a0, a1, b0, b1 int }

func hunk(out *strings.Builder, a, b []string, blocks []block) {
	first, last := blocks[0], blocks[len(blocks)-1]
	before := min(around, first.a0)
	after := min(around, len(a)-last.a1)
	from, to := first.a0-before, last.a1+after
	fmt.Fprintf(out, "@@ -%s +%s @@\n", extent(from, to), extent(first.b0-before, last.b1+after))
	at := from
	for _, c := range blocks {
		put(out, ' ', a[at:c.a0])
		put(out, '-', a[c.a0:c.a1])
		put(out, '+', b[c.b0:c.b1])
		at = c.a1
	}
	put(out, ' ', a[at:to])
}

// extent is how a hunk names lines: an empty one by the line before it.
func extent(from, to int) string {
	if from == to {
		return fmt.Sprintf("%d,0", from)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}

func put(out *strings.Builder, sign byte, lines []string) {
	for _, l := range lines {
		out.WriteByte(sign)
		out.WriteString(l)
		if !strings.HasSuffix(l, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// lines cuts a text after each \n.
func lines(text string) []string {
	l := strings.SplitAfter(text, "\n")
	return l[:len(l)-1+min(len(l[len(l)-1]), 1)]
}

// maxEdits bounds the search for the shortest difference: its work grows with the square.
const maxEdits = 1000

// changes finds the shortest difference (Myers, "An O(ND) difference algorithm", 1986).
// Where more than maxEdits lines differ, it is everything between what is equal at the
// beginning and at the end.
func changes(a, b []string) []block {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	rounds := search(x, y)
	if rounds == nil {
		return []block{{head, len(a) - tail, head, len(b) - tail}}
	}
	var out []block
	i, j := len(x), len(y)
	for d := len(rounds) - 1; d > 0; d-- {
		// v holds how far each diagonal got with d-1 edits.
		v := rounds[d-1]
		k := i - j
		down := k == -d || k != d && v[at(d-1, k-1)] < v[at(d-1, k+1)]
		pi, pj := 0, 0
		if down {
			pi = v[at(d-1, k+1)]
			pj = pi - (k + 1)
			out = joined(out, block{pi, pi, pj, pj + 1})
		} else {
			pi = v[at(d-1, k-1)]
			pj = pi - (k - 1)
			out = joined(out, block{pi, pi + 1, pj, pj})
		}
		i, j = pi, pj
	}
	for n := range out {
		out[n] = block{out[n].a0 + head, out[n].a1 + head, out[n].b0 + head, out[n].b1 + head}
	}
	for l, r := 0, len(out)-1; l < r; l, r = l+1, r-1 {
		out[l], out[r] = out[r], out[l]
	}
	return out
}

// joined adds a block before the last one, or makes one of both.
func joined(out []block, c block) []block {
	if n := len(out); n > 0 && c.a1 == out[n-1].a0 && c.b1 == out[n-1].b0 {
		out[n-1].a0, out[n-1].b0 = c.a0, c.b0
		return out
	}
	return append(out, c)
}

// at is the place of diagonal k in a round of d edits.
func at(d, k int) int { return k + d }

// search returns, for each number of edits, how far each diagonal gets; nil if there
// are too many.
func search(x, y []string) [][]int {
	var rounds [][]int
	for d := 0; d <= min(len(x)+len(y), maxEdits); d++ {
		v := make([]int, 2*d+1)
		for k := -d; k <= d; k += 2 {
			i := 0
			if d > 0 {
				p := rounds[d-1]
				if k == -d || k != d && p[at(d-1, k-1)] < p[at(d-1, k+1)] {
					i = p[at(d-1, k+1)]
				} else {
					i = p[at(d-1, k-1)] + 1
				}
			}
			for i < len(x) && i-k < len(y) && x[i] == y[i-k] {
				i++
			}
			v[at(d, k)] = i
			if i >= len(x) && i-k >= len(y) {
				return append(rounds, v)
			}
		}
		rounds = append(rounds, v)
	}
	return nil
}

// quoted is a name as git writes it: in quotes if it has characters that would end it.
func quoted(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }) {
		return name
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
