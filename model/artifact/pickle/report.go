package pickle

import (
	"fmt"
	"sort"
	"strings"

	"github.com/merlon-security/merlon/asset"
	machine "github.com/merlon-security/merlon/engine/pickle"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/pickle/policy"
)

var clearCall policy.Call

// maxListed is how many names one finding lists.
const maxListed = 12

// finish draws the conclusions that need the whole stream.
func (j *judge) finish(res machine.Result) {
	var unverified []*name
	for _, n := range j.names {
		if n == nil {
			continue
		}
		j.nameCount++
		if n.Deny != nil && !n.called && !n.followed {
			j.lower(asset.Malicious)
			j.dangerousImport(n)
		}
		if n.Deny == nil && n.Allow == nil && !n.called && len(n.failed) == 0 {
			j.fail(n, n.at, "imported", "")
		}
		if j.lostRefs && n.Allow != nil && !n.Allow.Can(policy.Ref) {
			j.fail(n, n.at, "used as a value", "it may be: a value lies too far back")
		}
		if len(n.failed) > 0 {
			unverified = append(unverified, n)
		}
	}
	if len(unverified) > 0 {
		j.listUnverified(unverified)
	}
	j.issues(res)
}

// listUnverified makes the one finding that lists all names which are not allowed as they are used.
func (j *judge) listUnverified(names []*name) {
	sort.SliceStable(names, func(a, b int) bool { return names[a].at.Offset < names[b].at.Offset })
	var list []string
	keys := make([]string, 0, len(names))
	for i, n := range names {
		keys = append(keys, n.String())
		if i < maxListed {
			why := strings.Join(n.failed, "; ")
			if n.Allow == nil {
				why = "not on the allowlist; " + why
			}
			list = append(list, fmt.Sprintf("%s (%s)", plainName(n.String()), why))
		}
	}
	text := strings.Join(list, ", ")
	if len(names) > maxListed {
		text += fmt.Sprintf(" and %d more", len(names)-maxListed)
	}
	sort.Strings(keys)
	if len(keys) > 100 {
		keys = keys[:100]
	}
	for i := range keys {
		keys[i] = cut(keys[i])
	}
	j.report(ruleUnverified, names[0].at, cut(strings.Join(keys, " ")), "uses "+text, map[string]any{"names": keys, "count": len(names)})
}

// plainName shows an identifier as it is and quotes anything else.
func plainName(s string) string {
	if identifier(s) && len(s) < 150 {
		ascii := true
		for _, r := range s {
			ascii = ascii && r < 0x80
		}
		if ascii {
			return s
		}
	}
	return machine.RenderText(s, 120)
}

// issues turns what went wrong during the run into findings.
func (j *judge) issues(res machine.Result) {
	for _, i := range res.Issues {
		site := machine.Site{Op: i.Op, Offset: i.Offset}
		switch {
		case i.Kind == machine.IssueFrame:
			j.lower(asset.Unverified)
			j.report(ruleReaders, site, "frame", "an opcode crosses the end of a frame: Python's readers disagree about what follows", nil)
		case i.Kind.IsLimit():
			j.lower(asset.Failed)
			j.report(ruleBomb, site, i.Kind.String(), "exceeds the bounds of the analysis: "+i.Kind.String(), nil)
		default:
			j.lower(asset.Failed)
			j.report(ruleBroken, site, "broken", "cannot be decoded to its end: "+i.String(), nil)
		}
	}
}

// findings appends what the judge has to say in the form of the ground floor, in the order of the offsets.
func (j *judge) findings(out []finding.Finding) []finding.Finding {
	sort.SliceStable(j.events, func(a, b int) bool { return j.events[a].at.Offset < j.events[b].at.Offset })
	last := map[string]int{}
	for _, e := range j.events {
		last[e.rule] = len(out)
		f := finding.Finding{
			Rule: e.rule, Message: e.message, Key: e.key, Attrs: e.attrs,
			Locations: []finding.Location{finding.AtOffset(j.ref, e.at.Offset)},
		}
		out = append(out, f)
	}
	for rule, n := range j.total {
		if n > maxEvents {
			f := &out[last[rule]]
			f.Message += fmt.Sprintf(" (and %d more like this)", n-maxEvents)
		}
	}
	return out
}
