package html

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report/internal/view"
	"github.com/merlon-security/merlon/text"
)

// group is a problem: a rule, and the places where it was found. The knowledge of
// the rule stands once, so that 20,000 findings stay a page that opens.
type group struct {
	Severity, Confidence, Category, Stage string
	ID, Title, Bad, Good                  string
	Why, Remedy                           []span
	Links                                 []link
	Aliases                               string
	Hits                                  []hit
}

func (g group) Count() string { return view.Count(len(g.Hits), "place") }

type link struct{ Name, URL string }

type hit struct {
	Fingerprint string
	Path, Place string
	Message     string
	Call        string
	Others      []string
	Trace       []step
	Fixes       []string
	Off         bool // laid out only when the reader asks for it
}

type step struct{ Kind, Where, Note string }

// laidOut is how many places of a rule a browser lays out at a time: enough to
// read, and few enough to filter without a pause.
const laidOut = 200

// groups keeps the order of the records: worst first.
func groups(records []finding.Record) []group {
	type key struct {
		rule string
		s    finding.Severity
		c    finding.Confidence
	}
	index := map[key]int{}
	var out []group
	for _, r := range records {
		k := key{r.Rule.ID, r.Severity, r.Confidence}
		i, ok := index[k]
		if !ok {
			i = len(out)
			index[k] = i
			out = append(out, newGroup(r))
		}
		h := newHit(r)
		h.Off = len(out[i].Hits) >= laidOut
		out[i].Hits = append(out[i].Hits, h)
	}
	return out
}

func newGroup(r finding.Record) group {
	g := group{
		Severity: r.Severity.String(), Confidence: r.Confidence.String(),
		Category: r.Rule.Category, Stage: stageOf(r.Rule.Category),
		ID: text.Visible(r.Rule.ID), Title: text.Visible(r.Rule.Title), Why: spans(r.Rule.Why), Remedy: spans(r.Rule.Remedy),
		Bad: lines(r.Rule.Bad), Good: lines(r.Rule.Good),
		Aliases: text.Visible(strings.Join(r.Rule.Aliases, ", ")),
	}
	for _, id := range append(append([]string{}, r.Rule.CWE...), r.Rule.Taxonomy...) {
		g.Links = append(g.Links, link{text.Visible(id), taxonomyURL(id)})
	}
	return g
}

func newHit(r finding.Record) hit {
	w := r.Where()
	h := hit{
		Fingerprint: r.Fingerprint, Path: view.Path(w.Ref), Place: view.Place(w),
		Message: text.Visible(r.Message), Call: view.Call(r),
	}
	if h.Call != "" { // it stands in a line of its own
		h.Message = strings.TrimSpace(strings.TrimPrefix(h.Message, h.Call))
	}
	const most = 20
	for i, l := range r.Locations {
		if i > most {
			h.Others = append(h.Others, fmt.Sprintf("and %d more", len(r.Locations)-i))
			break
		}
		if i > 0 {
			h.Others = append(h.Others, view.Whole(l))
		}
	}
	for i, t := range r.Trace {
		if i == most {
			h.Trace = append(h.Trace, step{Note: fmt.Sprintf("and %d more steps", len(r.Trace)-i)})
			break
		}
		h.Trace = append(h.Trace, step{text.Visible(t.Kind), view.Whole(t.Location), text.Visible(t.Note)})
	}
	for _, f := range r.Fixes {
		h.Fixes = append(h.Fixes, text.Visible(f.Title))
	}
	return h
}

// span is a part of a text: prose, or code.
type span struct {
	Code bool
	Text string
}

// spans splits the text of a rule at its backticks.
func spans(s string) (out []span) {
	for i, part := range strings.Split(text.Visible(s), "`") {
		if part != "" {
			out = append(out, span{i%2 == 1, part})
		}
	}
	return out
}

// lines is [text.Visible] for a text that may have several lines.
func lines(s string) string {
	all := strings.Split(s, "\n")
	for i := range all {
		all[i] = text.Visible(strings.ReplaceAll(all[i], "\t", "    "))
	}
	return strings.Join(all, "\n")
}

// taxonomyURL returns where a reader finds more about an id; empty when there is
// no page of its own.
func taxonomyURL(id string) string {
	if n, ok := strings.CutPrefix(id, "CWE-"); ok {
		return "https://cwe.mitre.org/data/definitions/" + url.PathEscape(n) + ".html"
	}
	name, rest, _ := strings.Cut(id, ":")
	_, item, _ := strings.Cut(rest, ":")
	if name == "atlas" && strings.HasPrefix(item, "AML.T") {
		return "https://atlas.mitre.org/techniques/" + url.PathEscape(item)
	}
	return ""
}
