// Package junit writes what CI systems show as test results: a test case per rule
// and file, failed when its findings made the gate fail, in error when something
// could not be looked at.
//
// The structure is the one that Jenkins reads (junit-10.xsd of its xUnit plugin).
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/internal/view"
	"github.com/merlon-security/merlon/text"
)

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Time     string   `xml:"time,attr"` // seconds
	Suites   []*suite `xml:"testsuite"`
}

type suite struct {
	Name      string `xml:"name,attr"`
	Tests     int    `xml:"tests,attr"`
	Failures  int    `xml:"failures,attr"`
	Errors    int    `xml:"errors,attr"`
	Skipped   int    `xml:"skipped,attr"`
	Time      string `xml:"time,attr"`
	Timestamp string `xml:"timestamp,attr"` // local time of the standard: without a zone, here UTC
	Cases     []kase `xml:"testcase"`
}

type kase struct {
	Class   string  `xml:"classname,attr"`
	Name    string  `xml:"name,attr"`
	Time    string  `xml:"time,attr"`
	Skipped *detail `xml:"skipped"`
	Error   *detail `xml:"error"`
	Failure *detail `xml:"failure"`
	Out     *body   `xml:"system-out"`
}

type detail struct {
	Message string `xml:"message,attr,omitempty"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

type body struct {
	Text string `xml:",cdata"`
}

type format struct{}

// New returns the format "junit".
func New() report.Format { return format{} }

func (format) Name() string { return "junit" }

// Write writes three suites: the policy, the findings, and what was not looked
// at. The options make no difference.
func (format) Write(w io.Writer, d *report.Document, _ report.Options) error {
	all := suites{Name: text.Visible(d.Tool.Name + " " + d.Target), Time: fmt.Sprintf("%.3f", d.Scan.Duration.Seconds())}
	for _, s := range []*suite{policy(d), findings(d), coverage(d)} {
		s.Time = "0"
		s.Timestamp = d.Scan.Started.UTC().Format("2006-01-02T15:04:05")
		s.Tests = len(s.Cases)
		for i := range s.Cases {
			c := &s.Cases[i]
			c.Time = "0"
			switch {
			case c.Failure != nil:
				s.Failures++
			case c.Error != nil:
				s.Errors++
			case c.Skipped != nil:
				s.Skipped++
			}
		}
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Suites = append(all.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// policy has a case per rule of the policy.
func policy(d *report.Document) *suite {
	s := &suite{Name: "merlon.policy"}
	for _, r := range d.Decision.Rules {
		c := kase{Class: "merlon.policy." + dotted(d.Decision.Policy), Name: text.Visible(r.ID)}
		why := &detail{Message: text.Visible(r.Reason), Type: string(r.Outcome), Text: text.Visible(r.Remedy)}
		switch r.Outcome {
		case evidence.Fail:
			c.Failure = why
		case evidence.Incomplete:
			c.Error = why
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

// findings has a case per rule and file. It fails when one of its findings made
// the gate fail, is skipped when all of them are suppressed, and passes with the
// findings in its output otherwise.
func findings(d *report.Document) *suite {
	gating := map[string]bool{}
	for _, r := range d.Decision.Rules {
		if r.Outcome != evidence.Pass {
			for _, f := range r.Findings {
				gating[f] = true
			}
		}
	}
	type key struct{ rule, path string }
	var order []key
	groups := map[key][]finding.Record{}
	for _, r := range d.Scan.Findings {
		k := key{r.Rule.ID, r.Where().Ref.Path}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], r)
	}
	s := &suite{Name: "merlon.findings"}
	for _, k := range order {
		s.Cases = append(s.Cases, one(groups[k], gating))
	}
	return s
}

func one(records []finding.Record, gating map[string]bool) kase {
	r := records[0]
	c := kase{Class: "merlon." + dotted(r.Rule.ID), Name: view.Path(r.Where().Ref)}
	fails, counts := false, false
	var lines []string
	for _, r := range records {
		fails = fails || gating[r.Fingerprint]
		counts = counts || r.Suppressed == nil
		line := r.Severity.String() + ": " + text.Visible(r.Message)
		if p := view.Place(r.Where()); p != "" {
			line += " (" + p + ")"
		}
		if r.Suppressed != nil {
			line += " [suppressed: " + text.Visible(r.Suppressed.Kind+" "+r.Suppressed.Reason) + "]"
		}
		lines = append(lines, line)
	}
	text := strings.Join(append(lines, "", "What to do: "+text.Visible(r.Rule.Remedy), "More: merlon explain "+r.Rule.ID), "\n")
	switch {
	case fails:
		c.Failure = &detail{Message: r.Rule.Title, Type: r.Severity.String(), Text: text}
	case !counts:
		c.Skipped = &detail{Message: lines[0]}
	default:
		c.Out = &body{text}
	}
	return c
}

// coverage has a case per path that could not be looked at, or one that passes.
func coverage(d *report.Document) *suite {
	s := &suite{Name: "merlon.coverage"}
	c := d.Scan.Coverage
	if c.Interrupted {
		s.Cases = append(s.Cases, kase{Class: "merlon.coverage", Name: "scan", Error: &detail{
			Message: "the scan was stopped before its end", Type: "interrupted", Text: "run it again",
		}})
	}
	for _, e := range c.Errors {
		s.Cases = append(s.Cases, kase{Class: "merlon.coverage", Name: text.Visible(e.Path), Error: &detail{
			Message: text.Visible(e.Err), Type: text.Visible(e.Scanner),
		}})
	}
	if len(s.Cases) == 0 {
		s.Cases = []kase{{Class: "merlon.coverage", Name: view.Count(c.FilesScanned, "file") + " scanned"}}
	}
	return s
}

// dotted makes a class name that CI systems group by.
func dotted(id string) string { return strings.ReplaceAll(text.Visible(id), "/", ".") }
