package osv

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// A block holds what is known of one package: its ecosystem and name, then each
// advisory with the one [Affected] that speaks of the package. Numbers are varints,
// texts and lists carry their length in front; versions are sorted in canonical
// spelling.

var errBlock = errors.New("a block does not decode")

// note is an advisory as it concerns one package.
type note struct {
	advisory *Advisory // Affected is left out
	affected Affected
}

const (
	flagMalicious = 1 << iota
	flagExploited
)

func appendNote(b []byte, n *note) []byte {
	a := n.advisory
	b = appendText(b, a.ID)
	b = appendTexts(b, a.Aliases)
	b = appendText(b, a.Summary)
	b = appendTime(b, a.Published)
	b = appendTime(b, a.Modified)
	var flags uint64
	if a.Malicious {
		flags |= flagMalicious
	}
	if a.Exploited {
		flags |= flagExploited
	}
	b = binary.AppendUvarint(b, flags)
	b = appendText(b, a.Vector)
	b = binary.AppendUvarint(b, uint64(math.Round(a.Score*10)))
	b = appendText(b, a.Rated)
	b = binary.AppendUvarint(b, uint64(math.Round(a.EPSS*1e5)))
	b = appendText(b, a.URL)
	b = appendTexts(b, searchable(n.affected.Ecosystem, n.affected.Versions))
	b = binary.AppendUvarint(b, uint64(len(n.affected.Ranges)))
	for _, r := range n.affected.Ranges {
		b = append(b, byte(r.Type))
		b = binary.AppendUvarint(b, uint64(len(r.Events)))
		for _, e := range r.Events {
			b = append(b, byte(e.Kind))
			b = appendText(b, e.Version)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(n.affected.Imports)))
	for _, i := range n.affected.Imports {
		b = appendText(b, i.Path)
		b = appendTexts(b, i.Symbols)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTexts(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = appendText(b, s)
	}
	return b
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.AppendVarint(b, 0)
	}
	return binary.AppendVarint(b, t.Unix())
}

// decoder reads what the functions above wrote. After an error every read is empty.
type decoder struct {
	text string
	bad  bool
}

func (d *decoder) uvarint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		if d.text == "" {
			d.bad = true
			return 0
		}
		c := d.text[0]
		d.text = d.text[1:]
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	d.bad = true
	return 0
}

func (d *decoder) byte() byte {
	if d.text == "" {
		d.bad = true
		return 0
	}
	c := d.text[0]
	d.text = d.text[1:]
	return c
}

func (d *decoder) str() string {
	n := d.uvarint()
	if n > uint64(len(d.text)) {
		d.bad, d.text = true, ""
		return ""
	}
	s := d.text[:n]
	d.text = d.text[n:]
	return s
}

// count reads the length of a list whose items take at least one byte each.
func (d *decoder) count() int {
	n := d.uvarint()
	if n > uint64(len(d.text)) {
		d.bad, d.text = true, ""
		return 0
	}
	return int(n)
}

func (d *decoder) strs() []string {
	n := d.count()
	if n == 0 {
		return nil
	}
	list := make([]string, 0, n)
	for range n {
		list = append(list, d.str())
	}
	return list
}

func (d *decoder) time() time.Time {
	u := d.uvarint()
	v := int64(u >> 1)
	if u&1 != 0 {
		v = ^v
	}
	if v == 0 {
		return time.Time{}
	}
	return time.Unix(v, 0).UTC()
}

func (d *decoder) note(ecosystem, name string) note {
	a := &Advisory{ID: d.str(), Aliases: d.strs(), Summary: d.str(), Published: d.time(), Modified: d.time()}
	flags := d.uvarint()
	a.Malicious, a.Exploited = flags&flagMalicious != 0, flags&flagExploited != 0
	a.Vector = d.str()
	a.Score = float64(d.uvarint()) / 10
	a.Rated = d.str()
	a.EPSS = float64(d.uvarint()) / 1e5
	a.URL = d.str()
	in := Affected{Ecosystem: ecosystem, Name: name, Versions: d.strs(), searchable: true}
	for range d.count() {
		r := Range{Type: RangeType(d.byte())}
		events := d.count()
		r.Events = make([]Event, 0, events)
		for range events {
			r.Events = append(r.Events, Event{Kind: EventKind(d.byte()), Version: d.str()})
		}
		in.Ranges = append(in.Ranges, r)
	}
	for range d.count() {
		in.Imports = append(in.Imports, Import{Path: d.str(), Symbols: d.strs()})
	}
	return note{a, in}
}

func encodeBlock(ecosystem, name string, notes []note) []byte {
	b := appendText(nil, ecosystem)
	b = appendText(b, name)
	b = binary.AppendUvarint(b, uint64(len(notes)))
	for i := range notes {
		b = appendNote(b, &notes[i])
	}
	return b
}

// decodeBlock gives the notes about a package, none if the block is about another one.
func decodeBlock(block []byte, ecosystem, name string) ([]note, error) {
	d := &decoder{text: string(block)}
	e, n := d.str(), d.str()
	if !d.bad && (e != ecosystem || n != name) {
		return nil, nil
	}
	count := d.count()
	notes := make([]note, 0, min(count, 256))
	for range count {
		notes = append(notes, d.note(e, n))
		if d.bad {
			return nil, errBlock
		}
	}
	if d.bad || d.text != "" {
		return nil, errBlock
	}
	return notes, nil
}
