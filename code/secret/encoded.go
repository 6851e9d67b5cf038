package secret

import (
	"bytes"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/decode"
	"github.com/merlon-security/merlon/text/secret"
)

// encoded looks into what is base64, hexadecimal, percent-encoded or compressed
// inside a text.
func (r *reporter) encoded(d *secret.Detector, b []byte) {
	budget := decode.Default(len(b))
	line, at := 1, 0
	decode.Each(b, budget, func(l decode.Layer) {
		if l.Start < at {
			line, at = 1, 0 // another kind of encoding begins
		}
		line += bytes.Count(b[at:l.Start], newline)
		at = l.Start
		place := finding.Location{Ref: r.ref, Line: line, Col: 1 + l.Start - lineOf(b, l.Start)}
		r.layer(d, l, budget, place, "in "+l.Kind)
	})
}

// layer reports what is in a layer, and in those inside it.
func (r *reporter) layer(d *secret.Detector, l decode.Layer, budget *decode.Budget, at finding.Location, how string) {
	found := d.Find(l.Text)
	for i := range found {
		r.add(l.Text, &found[i], at, how, found)
	}
	decode.Each(l.Text, budget, func(inner decode.Layer) { r.layer(d, inner, budget, at, how+" in "+inner.Kind) })
}
