package gate

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/merlon-security/merlon/evidence"
)

// Threshold limits a measurement at the worse end of its confidence interval. Where it
// was measured several times, every one has to hold.
type Threshold struct {
	Name       string   `yaml:"name"`
	Test       string   `yaml:"test" json:",omitempty"`         // name of the test. Optional, default any evidence
	AtLeast    *float64 `yaml:"at_least" json:",omitempty"`     // compared with the low end
	AtMost     *float64 `yaml:"at_most" json:",omitempty"`      // compared with the high end
	Exact      bool     `yaml:"exact" json:",omitempty"`        // the value will do where there is no interval
	MinSamples int64    `yaml:"min_samples" json:",omitempty"`  // Optional, default 0
	MaxAgeDays int      `yaml:"max_age_days" json:",omitempty"` // one at least must be as young. Optional, default any age
}

func (t *Threshold) check() error {
	switch {
	case t.Name == "":
		return errors.New("measurement has no name")
	case t.AtLeast == nil && t.AtMost == nil:
		return errors.New("measurement demands nothing: set at_least or at_most")
	case t.AtLeast != nil && math.IsNaN(*t.AtLeast), t.AtMost != nil && math.IsNaN(*t.AtMost):
		return errors.New("a bound is not a number")
	case t.MinSamples < 0 || t.MaxAgeDays < 0:
		return errors.New("min_samples and max_age_days are counts, not below 0")
	}
	return nil
}

func (t *Threshold) evaluate(in *Input, res *evidence.RuleResult) {
	found, young := false, false
	res.Remedy = fmt.Sprintf("measure %s and sign the result as evidence of a test", t.Name)
	for _, m := range in.Measurements {
		if m.Name != t.Name || t.Test != "" && (m.Kind != string(evidence.KindTest) || m.Test != t.Test) {
			continue
		}
		found = true
		young = young || m.AgeDays >= 0 && (t.MaxAgeDays == 0 || m.AgeDays <= float64(t.MaxAgeDays))
		switch {
		case !m.Bounded && !t.Exact:
			fail(res, "%s is %g without a confidence interval", m.Name, m.Value)
		case m.Samples < t.MinSamples:
			fail(res, "%s was measured on %s; %d needed", m.Name, count(int(m.Samples), "sample"), t.MinSamples)
		case t.AtLeast != nil && !(m.Low >= *t.AtLeast):
			fail(res, "%s may be as low as %g; at least %g needed", m.Name, m.Low, *t.AtLeast)
		case t.AtMost != nil && !(m.High <= *t.AtMost):
			fail(res, "%s may be as high as %g; at most %g allowed", m.Name, m.High, *t.AtMost)
		}
	}
	switch {
	case !found:
		fail(res, "%s was not measured", t.Name)
	case !young:
		fail(res, "%s was not measured in the last %s", t.Name, count(t.MaxAgeDays, "day"))
	}
	if res.Outcome == evidence.Pass {
		res.Remedy = ""
	}
}

// Formats lists the formats that models may have, as they are proved from their bytes.
type Formats struct {
	Allow []string `yaml:"allow"`
}

func (f *Formats) check() error {
	if len(f.Allow) == 0 {
		return errors.New("formats allows nothing")
	}
	return nil
}

func (f *Formats) evaluate(in *Input, res *evidence.RuleResult) {
	if in.Source != "" && !in.has(evidence.KindScan) {
		fail(res, "no scan says what formats there are")
		return
	}
	for _, m := range in.Models {
		switch {
		case m.Format == "":
			fail(res, "the format of %s is not known", m.Path)
		case !slices.Contains(f.Allow, m.Format):
			fail(res, "%s is %s, which is not allowed", m.Path, m.Format)
		}
	}
}

// Licences lists the licences that signed statements may name. They are asserted:
// nobody can prove a licence from bytes.
type Licences struct {
	Allow []string `yaml:"allow"`                // SPDX identifiers, as they are written
	Of    []string `yaml:"of" json:",omitempty"` // kinds of evidence: card, dataset. Optional, default card
}

func (l *Licences) of() []string {
	if len(l.Of) == 0 {
		return []string{string(evidence.KindCard)}
	}
	return l.Of
}

func (l *Licences) check() error {
	if len(l.Allow) == 0 {
		return errors.New("licences allows nothing")
	}
	for _, k := range l.of() {
		if known := []string{string(evidence.KindCard), string(evidence.KindDataset)}; !slices.Contains(known, k) {
			return unknown("kind of evidence with a licence", k, known)
		}
	}
	return nil
}

func (l *Licences) evaluate(in *Input, res *evidence.RuleResult) {
	for _, kind := range l.of() {
		found := false
		for _, c := range in.Licences {
			if c.Of != kind {
				continue
			}
			found = true
			switch {
			case c.Licence == "":
				fail(res, "the %s %q names no licence", kind, c.Name)
			case !slices.Contains(l.Allow, c.Licence):
				fail(res, "the %s %q is under %s, which is not allowed", kind, c.Name, c.Licence)
			}
		}
		if !found {
			fail(res, "there is no %s among the evidence that names a licence", kind)
		}
	}
}
