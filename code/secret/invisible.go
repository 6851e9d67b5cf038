package secret

import (
	"bytes"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/canon"
	"github.com/merlon-security/merlon/text/secret"
)

// splitters are characters without a shape that somebody may put into a value to
// keep it from being found: a reader copies it all the same.
var splitters = [][]byte{[]byte("\u200b"), []byte("\u200c"), []byte("\u200d"), []byte("\u2060"), []byte("\u00ad"), []byte("\ufeff")}

// invisible looks again without what cannot be seen, at texts that have such a
// thing behind their beginning, and reports what was not found before.
func (r *reporter) invisible(d *secret.Detector, b []byte, known []secret.Match) {
	has := false
	for _, s := range splitters {
		has = has || len(b) > len(s) && bytes.Contains(b[1:], s)
	}
	if !has {
		return
	}
	seen := map[string]bool{}
	for _, m := range known {
		seen[string(b[m.Start:m.End])] = true
	}
	c := canon.Of(b, canon.Options{})
	found := d.Find(c.Bytes)
	for i := range found {
		m := &found[i]
		if seen[string(c.Bytes[m.Start:m.End])] {
			continue
		}
		at := c.Origin(m.Start)
		r.add(c.Bytes, m, finding.Location{Ref: r.ref, Line: 1 + bytes.Count(b[:at], newline), Col: 1 + at - lineOf(b, at)}, "with invisible characters in it", found)
	}
}
