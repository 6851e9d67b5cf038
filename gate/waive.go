package gate

import (
	"fmt"
	"slices"
)

// waivers are the exceptions that count.
type waivers []Exception

// exceptions returns those that the policy lets count, in order.
func (p Policy) exceptions(in *Input) waivers {
	var out waivers
	for _, e := range in.Exceptions {
		switch x := p.Exceptions; {
		case !e.Valid:
		case x == nil:
			out = append(out, e)
		case x.None, !signedBy(x.SignedBy, e.Signers, e.Keys):
		case x.MaxDays > 0 && e.ExpiresAt.Sub(e.CreatedAt).Hours() > float64(x.MaxDays*24):
		default:
			out = append(out, e)
		}
	}
	return out
}

// of returns the exception from a whole rule of the policy.
func (w waivers) of(r Rule) (Exception, bool) {
	for _, e := range w {
		if e.Rule == r.ID && len(e.Findings) == 0 {
			return e, true
		}
	}
	return Exception{}, false
}

// without returns the input without the findings that exceptions name. A rule that is
// final sees them all.
func (w waivers) without(r Rule, in *Input) *Input {
	if len(w) == 0 || r.Final || r.Findings == nil {
		return in
	}
	less := *in
	less.Findings = slices.DeleteFunc(slices.Clone(in.Findings), func(it Item) bool {
		return slices.ContainsFunc(w, func(e Exception) bool {
			if e.Rule != r.ID && e.Rule != it.Rule {
				return false
			}
			if len(e.Findings) == 0 {
				return e.Rule == it.Rule // from a whole rule of the policy: see of
			}
			return slices.Contains(e.Findings, it.Fingerprint)
		})
	})
	return &less
}

// holds reports whether a rule with this scope applies, and why not.
func (s *Scope) holds(in *Input) (why string, ok bool) {
	if s == nil {
		return "", true
	}
	outside := func(list []string, is string) bool {
		return len(list) > 0 && is != "" && !slices.Contains(list, is)
	}
	switch {
	case outside(s.Environments, in.Environment):
		return fmt.Sprintf("the environment is %s", in.Environment), false
	case outside(s.Kinds, in.Asset.Kind):
		return fmt.Sprintf("the asset is a %s", in.Asset.Kind), false
	case outside(s.Formats, in.Asset.Format):
		return fmt.Sprintf("the format is %s", in.Asset.Format), false
	}
	return "", true
}
