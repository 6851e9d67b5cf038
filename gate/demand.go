package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/evidence"
)

// Required demands evidence of a kind. Where there are several of the same name, the
// worst decides: all of them must have an outcome that is allowed.
type Required struct {
	Kind       string   `yaml:"kind"`
	Name       string   `yaml:"name" json:",omitempty"`         // of the test, dataset, ... Optional, default any
	MaxAgeDays int      `yaml:"max_age_days" json:",omitempty"` // Optional, default any age
	SignedBy   []string `yaml:"signed_by" json:",omitempty"`    // names or ids of keys, one of them. Optional, default every trusted key
	Outcomes   []string `yaml:"outcomes" json:",omitempty"`     // allowed: passed, ok, resolved, ... Optional, default all
	Min        int      `yaml:"min" json:",omitempty"`          // how many. Optional, default 1
}

func knownKind(k string) error {
	if evidence.Kind(k).Type() != "" {
		return nil
	}
	var known []string
	for _, e := range evidence.Kinds() {
		known = append(known, string(e))
	}
	return unknown("kind of evidence", k, known)
}

func (q *Required) check() error {
	if q.MaxAgeDays < 0 || q.Min < 0 {
		return errors.New("max_age_days and min are counts, not below 0")
	}
	return knownKind(q.Kind)
}

func (q *Required) what() string {
	s := q.Kind
	if q.Name != "" {
		s += fmt.Sprintf(" %q", q.Name)
	}
	return s
}

func (q *Required) evaluate(in *Input, res *evidence.RuleResult) {
	n, old, other := 0, 0, 0
	for _, p := range in.Evidence {
		if p.Kind != q.Kind || q.Name != "" && p.Name != q.Name {
			continue
		}
		switch {
		case len(q.Outcomes) > 0 && !slices.Contains(q.Outcomes, p.Outcome):
			fail(res, "%s of %s says %q; allowed: %s", q.what(), day(p), p.Outcome, strings.Join(q.Outcomes, ", "))
			return
		case !signedBy(q.SignedBy, p.Signers, p.Keys):
			other++
		case p.AgeDays < 0, q.MaxAgeDays > 0 && p.AgeDays > float64(q.MaxAgeDays):
			old++
		default:
			n++
		}
	}
	least := max(q.Min, 1)
	if n >= least {
		return
	}
	res.Remedy = "sign it: merlon attest PATH --type " + q.Kind + " --predicate FILE --key KEY --evidence DIR"
	if q.Kind == string(evidence.KindScan) {
		res.Remedy = "scan it: merlon scan PATH --evidence DIR --key KEY"
	}
	switch {
	case n > 0:
		fail(res, "%d %s; %d needed", n, q.what(), least)
	case old > 0 && q.MaxAgeDays > 0:
		fail(res, "no %s of the last %s (or dated in the future)", q.what(), count(q.MaxAgeDays, "day"))
	case old > 0:
		fail(res, "the %s is dated in the future", q.what())
	case other > 0:
		fail(res, "no %s signed by %s", q.what(), strings.Join(q.SignedBy, " or "))
	default:
		fail(res, "there is no %s among the evidence", q.what())
	}
}

func day(p Piece) string { return p.Time.UTC().Format("2006-01-02") }

// fail makes a result a failure. Later reasons do not hide the first.
func fail(res *evidence.RuleResult, format string, args ...any) {
	if res.Outcome == evidence.Pass {
		res.Outcome, res.Reason = evidence.Fail, fmt.Sprintf(format, args...)
	}
}

// Approvals demands that people agreed, each with a key of their own. One that says
// no outweighs all that say yes.
type Approvals struct {
	Min        int      `yaml:"min" json:",omitempty"`          // how many. Optional, default 1
	Roles      []string `yaml:"roles" json:",omitempty"`        // each must be there. Optional
	SignedBy   []string `yaml:"signed_by" json:",omitempty"`    // names or ids of keys. Optional, default every trusted key
	MaxAgeDays int      `yaml:"max_age_days" json:",omitempty"` // Optional, default any age
}

func (a *Approvals) check() error {
	if a.Min < 0 || a.MaxAgeDays < 0 {
		return errors.New("max_age_days and min are counts, not below 0")
	}
	return nil
}

func (a *Approvals) evaluate(in *Input, res *evidence.RuleResult) {
	keys, roles := map[string]bool{}, map[string]bool{}
	void := 0
	for _, p := range in.Approvals {
		switch {
		case p.Decision != "approved":
			fail(res, "%s rejected it", p.Approver)
			return
		case !p.Valid, a.MaxAgeDays > 0 && p.AgeDays > float64(a.MaxAgeDays):
			void++
		case signedBy(a.SignedBy, p.Signers, p.Keys):
			roles[p.Role] = true
			if !slices.ContainsFunc(p.Keys, func(k string) bool { return keys[k] }) {
				keys[p.Keys[0]] = true // two signatures on one approval are one approval
			}
		}
	}
	res.Remedy = "sign an approval: merlon attest PATH --type approval --predicate FILE --key KEY --evidence DIR"
	if least := max(a.Min, 1); len(keys) < least {
		fail(res, "%s by keys that differ; %d needed%s", count(len(keys), "approval"), least, voidNote(void))
	}
	for _, r := range a.Roles {
		if !roles[r] {
			fail(res, "no approval in the role %q%s", r, voidNote(void))
		}
	}
	if res.Outcome == evidence.Pass {
		res.Remedy = ""
	}
}

func voidNote(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s too old, not yet begun, or for another environment)", count(n, "more approval"))
}

// Separation demands that no key signed evidence of two of the kinds: who makes does
// not approve.
type Separation struct {
	Between []string `yaml:"between"`
}

func (s *Separation) check() error {
	if len(s.Between) < 2 {
		return errors.New("between names at least two kinds of evidence")
	}
	for _, k := range s.Between {
		if err := knownKind(k); err != nil {
			return err
		}
	}
	return nil
}

func (s *Separation) evaluate(in *Input, res *evidence.RuleResult) {
	by := map[string]string{} // key to the kind it signed
	res.Remedy = "let different people, with keys of their own, sign"
	for i, kind := range s.Between {
		if slices.Contains(s.Between[:i], kind) {
			continue
		}
		if !in.has(evidence.Kind(kind)) {
			fail(res, "there is no %s among the evidence, so nobody is known to have signed it", kind)
		}
		for _, p := range in.Evidence {
			if p.Kind != kind {
				continue
			}
			for j, k := range p.Keys {
				if was := by[k]; was != "" && was != kind {
					fail(res, "%s signed both %s and %s", p.Signers[j], was, kind)
				}
				by[k] = kind
			}
		}
	}
	if res.Outcome == evidence.Pass {
		res.Remedy = ""
	}
}

// Record demands to know that no evidence was left out.
type Record struct {
	Ledger bool `yaml:"ledger"` // a ledger proves it
}

func (r *Record) check() error {
	if !r.Ledger {
		return errors.New("record demands nothing: set ledger: true")
	}
	return nil
}

func (r *Record) evaluate(in *Input, res *evidence.RuleResult) {
	if in.Source != SourceLedger {
		fail(res, "nothing proves that no evidence was removed")
		res.Remedy = "keep a ledger of the evidence and name it with --ledger DIR"
	}
}
