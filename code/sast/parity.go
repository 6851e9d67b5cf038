package sast

import (
	"github.com/merlon-security/merlon/code/sast/parity"
	"github.com/merlon-security/merlon/finding"
)

// asBandit reports what Bandit reports of a file.
func (r *reporter) asBandit(f *source) {
	rules := map[string]*shapeRule{}
	for _, s := range r.rules.shapes {
		if s.shape == "bandit" {
			rules[s.rule.Aliases[0]] = s
		}
	}
	for _, h := range parity.Find(f.tree) {
		if s := rules[h.ID]; s != nil {
			r.addAt(s.rule, finding.Finding{Message: s.text}, f, extent{h.Start, h.End, h.First, h.Last}, s.shape)
		}
	}
}
