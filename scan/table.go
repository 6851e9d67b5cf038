package scan

import (
	"bytes"
	"fmt"
	"math/bits"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxScanners is how many scanners one scan can have.
const maxScanners = 256

// set is a set of scanners, by their place in the list.
type set [maxScanners / 64]uint64

func (s *set) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s *set) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s *set) join(t *set) {
	for i := range s {
		s[i] |= t[i]
	}
}

func (s *set) without(t *set) {
	for i := range s {
		s[i] &^= t[i]
	}
}

func (s *set) empty() bool { return *s == set{} }

func (s *set) holds(t *set) bool {
	for i := range s {
		if t[i]&^s[i] != 0 {
			return false
		}
	}
	return true
}

// each calls f with the members in order.
func (s *set) each(f func(i int)) {
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			f(64*w + bits.TrailingZeros64(word))
		}
	}
}

// table is what all scanners together may want.
type table struct {
	names    map[string]*set
	suffixes map[string]*set
	longest  int // bytes of the longest suffix
	hints    map[string]*set
	columns  []column
	tails    []tailed
	text     set

	silent set // declare nothing: asked about every file
	heads  set // the head or the tail decides for these, whatever the name
}

// column is what is known about the bytes at one offset.
type column struct {
	offset int
	first  [256]uint16 // by the first byte: index into cells plus one, 0 for none
	cells  []cell
}

// cell holds the magics that begin with one byte.
type cell struct {
	alone  set // magics of this one byte
	longer []longer
}

type longer struct {
	bytes string
	who   set
}

type tailed struct {
	bytes []byte
	who   set
}

// newTable compiles interests; nil stands for a scanner that declares none.
func newTable(list []*Interest) (*table, error) {
	if len(list) > maxScanners {
		return nil, fmt.Errorf("%d scanners, at most %d can take part", len(list), maxScanners)
	}
	t := &table{names: map[string]*set{}, suffixes: map[string]*set{}, hints: map[string]*set{}}
	for i, in := range list {
		if in == nil {
			t.silent.add(i)
			continue
		}
		note(t.names, in.Names, i)
		note(t.suffixes, in.Suffixes, i)
		note(t.hints, in.Hints, i)
		for _, s := range in.Suffixes {
			t.longest = max(t.longest, len(s))
		}
		for _, m := range in.Magics {
			if m.Bytes == "" || m.Offset < 0 || m.Offset+len(m.Bytes) > HeadSize {
				return nil, fmt.Errorf("magic %q at %d does not lie in the first %d bytes", m.Bytes, m.Offset, HeadSize)
			}
			t.magic(m, i)
		}
		for _, s := range in.Tails {
			t.tail(s, i)
		}
		if in.Text {
			t.text.add(i)
		}
		if in.Text || len(in.Magics) > 0 || len(in.Tails) > 0 {
			t.heads.add(i)
		}
	}
	return t, nil
}

func note(m map[string]*set, keys []string, i int) {
	for _, k := range keys {
		if m[k] == nil {
			m[k] = new(set)
		}
		m[k].add(i)
	}
}

func (t *table) magic(m Magic, i int) {
	at := slices.IndexFunc(t.columns, func(c column) bool { return c.offset == m.Offset })
	if at < 0 {
		at = len(t.columns)
		t.columns = append(t.columns, column{offset: m.Offset})
	}
	t.columns[at].add(m.Bytes, i)
}

func (c *column) add(b string, i int) {
	n := c.first[b[0]]
	if n == 0 {
		c.cells = append(c.cells, cell{})
		n = uint16(len(c.cells))
		c.first[b[0]] = n
	}
	x := &c.cells[n-1]
	if len(b) == 1 {
		x.alone.add(i)
		return
	}
	at := slices.IndexFunc(x.longer, func(l longer) bool { return l.bytes == b })
	if at < 0 {
		at = len(x.longer)
		x.longer = append(x.longer, longer{bytes: b})
	}
	x.longer[at].who.add(i)
}

func (t *table) tail(b string, i int) {
	at := slices.IndexFunc(t.tails, func(x tailed) bool { return string(x.bytes) == b })
	if at < 0 {
		at = len(t.tails)
		t.tails = append(t.tails, tailed{bytes: []byte(b)})
	}
	t.tails[at].who.add(i)
}

// byName adds who may want a file because of its name or hint.
func (t *table) byName(fi FileInfo, to *set) {
	name := fold(path.Base(strings.ReplaceAll(fi.Ref.Name(), `\`, "/")))
	if s := t.names[name]; s != nil {
		to.join(s)
	}
	for i := len(name) - 1; i >= 0 && len(name)-i <= t.longest; i-- {
		if name[i] != '.' {
			continue
		}
		if s := t.suffixes[name[i:]]; s != nil {
			to.join(s)
		}
	}
	if fi.Hint != "" {
		if s := t.hints[fi.Hint]; s != nil {
			to.join(s)
		}
	}
}

// fold makes names comparable that [strings.EqualFold] takes for equal.
func fold(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			name = strings.ToUpper(name)
			break
		}
	}
	return strings.ToLower(name)
}

// byContent adds who may want a file because of its bytes.
func (t *table) byContent(fi FileInfo, to *set) {
	head := fi.Head
	for i := range t.columns {
		c := &t.columns[i]
		if c.offset >= len(head) {
			continue
		}
		rest := head[c.offset:]
		n := c.first[rest[0]]
		if n == 0 {
			continue
		}
		x := &c.cells[n-1]
		to.join(&x.alone)
		for j := range x.longer {
			if l := &x.longer[j]; len(rest) >= len(l.bytes) && string(rest[:len(l.bytes)]) == l.bytes {
				to.join(&l.who)
			}
		}
	}
	if !t.text.empty() && looksLikeText(head) {
		to.join(&t.text)
	}
	for i := range t.tails {
		// The tail costs a read of its own, so it comes last.
		if x := &t.tails[i]; !to.holds(&x.who) && bytes.Contains(fi.Tail(), x.bytes) {
			to.join(&x.who)
		}
	}
}

// looksLikeText is generous: what has no zero byte is text of some encoding, or
// close enough to be worth a look.
func looksLikeText(head []byte) bool {
	if len(head) == 0 {
		return false
	}
	return bytes.IndexByte(head, 0) < 0 ||
		bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) ||
		bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff"))
}
