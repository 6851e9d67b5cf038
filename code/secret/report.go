package secret

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
	"github.com/merlon-security/merlon/text/secret"
)

// reporter turns matches into findings of one file.
type reporter struct {
	sink  *scan.Sink
	ref   asset.Ref
	place place
	past  *past           // where in the history of a repository the text is. Optional
	check Check           // asks the issuers. Optional
	ctx   context.Context // of the scan, for check
	line  int             // of what was counted
	count int
	err   error
}

// all reports what is in a text that is at hand as a whole.
func (r *reporter) all(d *secret.Detector, b []byte) { r.text(d, b, d.Find(b)) }

// text reports what was found in a text, and what is in its layers.
func (r *reporter) text(d *secret.Detector, b []byte, found []secret.Match) {
	if seen := r.kubernetes(d, b); len(seen) > 0 {
		found = slices.DeleteFunc(slices.Clone(found), func(m secret.Match) bool {
			_, known := slices.BinarySearchFunc(seen, m.Start, func(s span, at int) int {
				switch {
				case s.end <= at:
					return -1
				case s.start > at:
					return 1
				}
				return 0
			})
			return known && strings.HasPrefix(m.Type.ID, "generic-")
		})
	}
	r.report(b, found, 0, len(b))
	r.encoded(d, b)
	r.invisible(d, b, found)
	r.columns(d, b, found)
}

// window reports what is in b[begin:end]; the rest of b is context.
func (r *reporter) window(d *secret.Detector, b []byte, begin, end int) {
	r.report(b, d.FindIn(b, begin, end), begin, end)
}

// report counts lines from begin, where the last call ended, to end.
func (r *reporter) report(b []byte, found []secret.Match, begin, end int) {
	if r.line == 0 {
		r.line = 1
	}
	at := begin
	for i := range found {
		m := &found[i]
		line := r.line
		if m.Start >= at {
			r.line += bytes.Count(b[at:m.Start], newline)
			at, line = m.Start, r.line
		} else {
			line -= bytes.Count(b[m.Start:at], newline) // begins in the window before
		}
		r.one(b, m, line, found)
	}
	r.line += bytes.Count(b[at:end], newline)
}

var newline = []byte("\n")

// one reports a match.
func (r *reporter) one(b []byte, m *secret.Match, line int, all []secret.Match) {
	r.add(b, m, finding.Location{Ref: r.ref, Line: line, Col: 1 + m.Start - lineOf(b, m.Start)}, "", all)
}

// lineOf returns where the line of i begins.
func lineOf(b []byte, i int) int { return bytes.LastIndexByte(b[:i], '\n') + 1 }

// add reports a match at a location. how says in which form it was found.
func (r *reporter) add(b []byte, m *secret.Match, at finding.Location, how string, all []secret.Match) {
	if r.count++; r.count > most {
		r.err = errMany
		return
	}
	sev, conf := r.weigh(m)
	masked := m.Masked(b)
	msg := m.Type.Title + " " + masked
	if p := m.Type.Provider; p != "the service" && p != "generic" {
		msg = p + " " + msg
	}
	attrs := map[string]any{"type": m.Type.ID, "masked": masked}
	if m.Name != "" {
		name := text.Visible(m.Name)
		if strings.HasPrefix(m.Type.ID, "url-") {
			msg += " of user " + name
		} else {
			msg += " in " + name
		}
		attrs["name"] = name
	}
	if m.Note != "" {
		msg += ", " + m.Note
		attrs["note"] = m.Note
	}
	if how != "" {
		msg += ", " + how
		attrs["encoding"] = how
	}
	if m.Type.Rotate != "" {
		attrs["rotate"] = m.Type.Rotate
	}
	if r.place.test {
		attrs["test"] = true
	}
	msg += r.verify(m.Type.ID, string(b[m.Start:m.End]), &sev, &conf, attrs)
	if r.past != nil {
		msg += r.past.describe(attrs)
	}
	f := finding.Finding{
		Rule: "secret/" + m.Type.ID, Severity: sev, Confidence: conf, Message: msg, Attrs: attrs,
		Locations: []finding.Location{at},
		Group:     group(b[m.Start:m.End]),
	}
	if id := m.Identity(b); id != "" {
		f.Key, f.MoveKey, f.Anywhere = id, id, true
	} else {
		f.Key = m.Name + "|" + surroundings(b, m, all)
	}
	r.sink.Report(f)
}

// weigh lowers what the place makes less likely to matter. Tokens of a provider stay:
// a real one in a test is as real as anywhere.
func (r *reporter) weigh(m *secret.Match) (finding.Severity, finding.Confidence) {
	sev, conf := m.Severity, m.Confidence
	told := strings.HasPrefix(m.Type.ID, "generic-") || strings.HasPrefix(m.Type.ID, "url-") || strings.HasPrefix(m.Type.ID, "private-key") ||
		m.Type.ID == "jwt" || m.Type.ID == "basic-auth" || m.Type.ID == "bearer-token"
	switch {
	case r.place.test && told:
		return min(sev, finding.Low), min(conf, finding.Likely)
	case r.place.test:
		return sev, min(conf, finding.Likely)
	case r.place.prose && told:
		return min(sev, finding.Medium), min(conf, finding.Unsure)
	}
	return sev, conf
}

// group names a value for the time of one run: with a key that is forgotten after
// it, so that the name of a guessable value is worth nothing to anybody.
func group(value []byte) string {
	h := hmac.New(sha256.New, runKey())
	h.Write(value)
	return string(h.Sum(nil)[:16])
}

var runKey = sync.OnceValue(func() []byte {
	k := make([]byte, 32)
	_, _ = rand.Read(k) // never fails
	return k
})

// surroundings are the words of the line before a value: they name a value that no
// hash may name, and stay when lines shift. Other values in the line are left out.
func surroundings(b []byte, m *secret.Match, all []secret.Match) string {
	from := max(lineOf(b, m.Start), m.Start-120)
	line := bytes.Clone(b[from:m.Start])
	for _, o := range all {
		for i := max(o.Start, from); i < min(o.End, m.Start); i++ {
			line[i-from] = ' '
		}
	}
	return fmt.Sprint(strings.FieldsFunc(string(line), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_'
	}))
}
