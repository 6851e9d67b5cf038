package notebook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/pii"
)

// maxPersonal bounds how much of one output is searched for personal data, in bytes: a
// table that somebody looks at is shorter.
const maxPersonal = 4 << 20

// personal gathers what outputs show of people.
type personal struct {
	titles    []string // of the kinds, in the order in which they came
	count     map[string]int
	sample    string
	locations []finding.Location
}

// persons notes the personal data in an output, by what a leak means.
func (r *report) persons(ref asset.Ref, mime, body string) {
	switch {
	case mime == "application/javascript" || mime == "text/javascript" || mime == "image/svg+xml":
		return
	case mime == "text/html":
		body = withoutScripts(body)
	}
	if len(body) > maxPersonal {
		body = body[:maxPersonal]
	}
	doc := []byte(body)
	for _, m := range pii.Find(doc) {
		if m.Confidence < finding.Likely {
			continue
		}
		if r.people == nil {
			r.people = map[pii.Class]*personal{}
		}
		p := r.people[m.Class]
		if p == nil {
			p = &personal{count: map[string]int{}, sample: m.Masked(doc)}
			r.people[m.Class] = p
		}
		if p.count[m.Title] == 0 {
			p.titles = append(p.titles, m.Title)
		}
		p.count[m.Title]++
		if len(p.locations) < 20 {
			p.locations = append(p.locations, finding.Location{Ref: ref, Line: 1 + strings.Count(body[:m.Start], "\n")})
		}
	}
}

// withoutScripts blanks scripts and styles, keeping lines: libraries name their authors.
func withoutScripts(html string) string {
	low := strings.ToLower(html)
	var b strings.Builder
	for at := 0; ; {
		from, tag := -1, ""
		for _, t := range []string{"script", "style"} {
			if i := strings.Index(low[at:], "<"+t); i >= 0 && (from < 0 || at+i < from) {
				from, tag = at+i, t
			}
		}
		if from < 0 || len(low) != len(html) {
			b.WriteString(html[at:])
			return b.String()
		}
		b.WriteString(html[at:from])
		end := strings.Index(low[from:], "</"+tag)
		if end < 0 {
			return b.String()
		}
		b.WriteString(strings.Repeat("\n", strings.Count(html[from:from+end], "\n")))
		at = from + end
	}
}

// showPersonal reports one finding for each class.
func (r *report) showPersonal() {
	for _, class := range []pii.Class{pii.Finance, pii.Health, pii.Identity, pii.Person, pii.Contact} {
		p := r.people[class]
		if p == nil {
			continue
		}
		var what []string
		for _, t := range p.titles {
			what = append(what, fmt.Sprintf("%s (%d)", t, p.count[t]))
		}
		slices.Sort(what)
		f := finding.Finding{Rule: rulePersonal, Message: "outputs show personal data: " + strings.Join(what, ", ") + "; the first is " + p.sample, Key: string(class), Locations: p.locations, Attrs: map[string]any{"class": string(class)}}
		if class == pii.Contact || class == pii.Person {
			f.Severity = finding.Low // authors of papers and packages are there, too
		}
		r.sink.Report(f)
	}
}
