package pickle

import (
	"fmt"
	"strings"

	"github.com/merlon-security/merlon/asset"
	machine "github.com/merlon-security/merlon/engine/pickle"
	"github.com/merlon-security/merlon/model/artifact/pickle/policy"
)

// judge is the [machine.Visitor] of one stream.
type judge struct {
	s         *session
	ref       asset.Ref
	torch     bool // persistent ids are those of torch
	depth     int  // of nested streams
	verdict   asset.Verdict
	names     []*name
	over      name // of machine.OverflowGlobal
	events    []event
	total     map[string]int // events by rule, also those not kept
	seen      map[string]bool
	call      policy.Call
	dtypes    map[int64]dtype // by the offset of the call that made them
	lostRefs  bool            // a value that may be a global was stored after it was forgotten
	code      bool            // something is imported, called or referred to
	known     bool            // a name of a module that the policy knows is imported
	odd       bool            // an imported name is no identifier
	proto     int
	nameCount int
	dangers   int // dangerous calls
	nests     int // nested streams
}

// name is what a stream does with one global.
type name struct {
	policy.Decision
	machine.Global
	at       machine.Site
	called   bool
	refd     bool
	followed bool     // denied only because it unpickles, and what it unpickles is harmless
	failed   []string // why uses of it are unverified, a few
}

// event is a finding in the making.
type event struct {
	rule    string
	at      machine.Site
	message string
	key     string
	attrs   map[string]any
}

const (
	maxEvents  = 20 // kept of one rule and stream
	maxFailed  = 3
	maxDangers = 10_000 // dangerous calls that are rendered and followed; the others are counted
	renderSize = 240
)

func (j *judge) lower(v asset.Verdict) { j.verdict = j.verdict.Worst(v) }

// report keeps an event, unless one with its key was kept or there are enough of its rule.
func (j *judge) report(rule string, at machine.Site, key, message string, attrs map[string]any) {
	if !j.fresh(rule, key) {
		return
	}
	if j.total == nil {
		j.total = map[string]int{}
	}
	j.total[rule]++
	if j.total[rule] > maxEvents {
		return
	}
	if j.seen == nil {
		j.seen = map[string]bool{}
	}
	j.seen[rule+"\x00"+key] = true
	j.events = append(j.events, event{rule, at, message, key, attrs})
}

// fresh reports whether an event of the rule and key was not kept yet; callers ask before they render one that may come a million times.
func (j *judge) fresh(rule, key string) bool { return !j.seen[rule+"\x00"+key] }

// name gives the record of an imported global.
func (j *judge) name(m *machine.Machine, id machine.GlobalID) *name {
	if int(id) < len(j.names) && j.names[id] != nil {
		return j.names[id]
	}
	if id == machine.OverflowGlobal {
		j.over = name{Global: m.GlobalName(id)}
		j.over.Decision = policy.Look(j.over.Module, j.over.Name)
		return &j.over
	}
	n := &name{Global: m.GlobalName(id), at: machine.Site{Offset: -1}}
	n.Decision = policy.Look(n.Module, n.Name)
	for int(id) >= len(j.names) {
		j.names = append(j.names, nil)
	}
	j.names[id] = n
	return n
}

func (j *judge) of(m *machine.Machine) func(machine.GlobalID) *policy.Allow {
	return func(id machine.GlobalID) *policy.Allow { return j.name(m, id).Allow }
}

// Import implements [machine.Visitor].
func (j *judge) Import(m *machine.Machine, at machine.Site, id machine.GlobalID) {
	j.code = true
	n := j.name(m, id)
	if n.at.Offset < 0 || id == machine.OverflowGlobal {
		n.at = at
		if n.Deny != nil && n.Deny.Effect != policy.Unpickle {
			j.lower(asset.Malicious) // what unpickles is judged by its calls
		}
		switch {
		case !identifier(n.Module) || !identifier(n.Name):
			j.odd = true // no such module exists: Python stops here at the latest
		case !j.odd && (n.Deny != nil || n.Allow != nil):
			j.known = true
		}
	}
	if id == machine.OverflowGlobal {
		if n.Deny != nil {
			j.dangerousImport(n)
		} else {
			j.lower(asset.Unverified)
		}
	}
}

// Unresolved implements [machine.Visitor].
func (j *judge) Unresolved(m *machine.Machine, at machine.Site, module, nam machine.Value) {
	j.code = true
	if module.Kind() != machine.KindObject && nam.Kind() != machine.KindObject {
		// Python raises unless the operands are strings: only what the machine has forgotten may be one.
		if module.Kind() == machine.KindForgotten || nam.Kind() == machine.KindForgotten || !m.Failed() {
			j.lower(asset.Unverified)
			j.report(ruleBomb, at, "forgotten-name", "the names of an import lie too far back to be known", nil)
		}
		return
	}
	j.lower(asset.Malicious)
	if !j.fresh(ruleComputed, "computed") {
		return
	}
	j.report(ruleComputed, at, "computed", fmt.Sprintf("imports a name that calls compute: module %s, name %s",
		m.Render(module, renderSize/2), m.Render(nam, renderSize/2)), nil)
}

// Call implements [machine.Visitor].
func (j *judge) Call(m *machine.Machine, at machine.Site, c machine.Call) {
	id, direct := c.Callable.Global()
	if !direct {
		j.indirectCall(m, at, c)
		return
	}
	n := j.name(m, id)
	n.called = true
	if n.Deny != nil || n.OnCall != nil {
		d := n.Deny
		if d == nil {
			d = n.OnCall
		}
		j.dangerousCall(m, at, c, d, n.Name)
		return
	}
	if n.Allow == nil {
		j.fail(n, at, useOf(at.Op).String(), "")
		j.reached(m, at, c)
		return
	}
	if why := j.judgeCall(m, at, c, n.Allow, nil); why != "" {
		j.fail(n, at, useOf(at.Op).String(), why)
		j.reached(m, at, c)
	}
}

func useOf(op machine.Opcode) policy.Use {
	switch op {
	case machine.NEWOBJ:
		return policy.NewObj
	case machine.NEWOBJEX:
		return policy.NewObjEx
	case machine.OBJ, machine.INST:
		return policy.Obj
	}
	return policy.Reduce
}

// judgeCall judges the arguments of a call of an allowed name; bound arguments come first.
func (j *judge) judgeCall(m *machine.Machine, at machine.Site, c machine.Call, a *policy.Allow, bound []machine.Value) string {
	args, more := m.Items(c.Args)
	if len(bound) > 0 {
		args = append(append([]machine.Value(nil), bound...), args...)
	}
	if c.Args.Kind() == machine.KindUnknown || c.Args.Kind() == machine.KindForgotten || c.Args.Kind() == machine.KindObject {
		more = true
	}
	if more && len(args) == 0 {
		return "its arguments are not known"
	}
	j.call.M, j.call.Args, j.call.More, j.call.Kwargs = m, args, more, c.Kwargs
	if j.call.Of == nil {
		j.call.Of, j.call.DType = j.of(m), j.dtypeOf(m)
	}
	j.call.Follow = func(v machine.Value) string { return j.follow(m, at, v) }
	use := useOf(at.Op)
	if use == policy.NewObjEx && a.Can(policy.NewObj) {
		if n, ok := m.Len(c.Kwargs); ok && n == 0 {
			use = policy.NewObj
		}
	}
	return a.Call(use, &j.call)
}

// indirectCall judges a call of something that another call gave.
func (j *judge) indirectCall(m *machine.Machine, at machine.Site, c machine.Call) {
	j.code = true
	p, ok := m.Callee(c)
	if ok {
		d := policy.Look(p.Module, p.Name)
		if d.Deny != nil {
			j.dangerousCall(m, at, c, d.Deny, p.Name)
			return
		}
		if d.Allow != nil && p.Name == d.Allow.Name && p.Self == 0 {
			if j.judgeCall(m, at, c, d.Allow, p.Args) == "" {
				return
			}
		}
	}
	if c.Callable.Kind() == machine.KindUnknown && m.Failed() {
		return // Python has stopped before
	}
	j.lower(asset.Unverified)
	if j.fresh(ruleUnverified, "indirect") {
		j.report(ruleUnverified, at, "indirect", "calls what another call gave: "+m.RenderCall(c, renderSize), nil)
	}
	j.reached(m, at, c)
}

// reached reports a call whose result is a dangerous object: getattr(module, "system") and its like.
func (j *judge) reached(m *machine.Machine, at machine.Site, c machine.Call) {
	p, ok := m.Resolve(c.Result)
	if !ok {
		return
	}
	d := policy.Look(p.Module, p.Name)
	if d.Deny == nil && p.Name == "" {
		d = policy.Look(p.Module, "__name__")
	}
	if d.Deny == nil {
		return
	}
	j.lower(asset.Malicious)
	j.report(ruleImport, at, d.Deny.Module+"."+d.Deny.Name, fmt.Sprintf("reaches %s, which %s, by %s", machine.RenderText(p.String(), 100),
		d.Deny.Effect.Phrase(), m.RenderCall(c, renderSize)), map[string]any{"effect": string(d.Deny.Effect), "name": cut(p.String())})
}

// dangerousCall reports a call of something denied; called is its name inside its module.
func (j *judge) dangerousCall(m *machine.Machine, at machine.Site, c machine.Call, d *policy.Deny, called string) {
	j.dangers++
	if j.dangers > maxDangers {
		j.lower(asset.Malicious)
		j.total[ruleCall]++
		return
	}
	shown := m.RenderCall(c, renderSize)
	if d.Effect == policy.Unpickle {
		if args, _ := m.Items(c.Args); len(args) > 0 && loadsBytes[called[strings.LastIndexByte(called, '.')+1:]] {
			if j.follow(m, at, args[0]) == "" {
				j.unpickles(m, at, c, shown)
				return
			}
		}
	}
	j.lower(asset.Malicious)
	j.report(ruleCall, at, shown, fmt.Sprintf("loading the file calls %s, which %s (%v)", shown, d.Effect.Phrase(), at.Op), map[string]any{
		"call": shown, "opcode": at.Op.String(), "effect": string(d.Effect)})
}

func note(d *policy.Deny) string {
	if d.Note == "" || d.Note == d.Effect.Phrase() {
		return ""
	}
	return " (" + d.Note + ")"
}

func (j *judge) dangerousImport(n *name) {
	full := machine.RenderText(n.String(), 120)
	j.report(ruleImport, n.at, n.String(), fmt.Sprintf("loading imports %s: it %s%s", full, n.Deny.Effect.Phrase(), note(n.Deny)),
		map[string]any{"name": cut(n.String()), "opcode": n.at.Op.String(), "effect": string(n.Deny.Effect)})
}

// fail notes that a use of a name is unverified.
func (j *judge) fail(n *name, at machine.Site, use, why string) {
	j.lower(asset.Unverified)
	text := use
	if why != "" {
		text += ": " + why
	}
	for _, have := range n.failed {
		if have == text {
			return
		}
	}
	if len(n.failed) < maxFailed {
		n.failed = append(n.failed, text)
	}
	if n == &j.over {
		j.report(ruleUnverified, at, "many", "uses more distinct names than can be listed, for example "+machine.RenderText(n.String(), 100), nil)
	}
}

func cut(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}
