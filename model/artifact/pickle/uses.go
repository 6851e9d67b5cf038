package pickle

import (
	"fmt"

	"github.com/merlon-security/merlon/asset"
	machine "github.com/merlon-security/merlon/engine/pickle"
	"github.com/merlon-security/merlon/model/artifact/pickle/policy"
)

// loadsBytes are the functions with the effect "unpickle" whose first argument is the pickle itself.
var loadsBytes = map[string]bool{"loads": true, "_loads": true}

// Build implements [machine.Visitor].
func (j *judge) Build(m *machine.Machine, at machine.Site, target, state machine.Value) {
	switch target.Kind() {
	case machine.KindGlobal:
		id, _ := target.Global()
		if n := j.name(m, id); j.fresh(ruleTamper, n.String()) {
			j.tamper(m, at, n, "sets attributes of "+m.Render(target, 100)+" to "+m.Render(state, renderSize))
		}
		return
	case machine.KindUnknown:
		return
	case machine.KindObject:
	default:
		j.oddTarget(m, at, target, "sets attributes of ")
		return
	}
	id, ok := target.ResultOf()
	if !ok {
		j.lower(asset.Unverified)
		if j.fresh(ruleUnverified, "build-indirect") {
			j.report(ruleUnverified, at, "build-indirect", "sets attributes of what another call gave: "+m.Render(target, renderSize), nil)
		}
		return
	}
	n := j.name(m, id)
	if n.Deny != nil {
		return // its call is reported
	}
	if n.Allow == nil {
		j.fail(n, at, "BUILD", "")
		return
	}
	j.call.M, j.call.State = m, state
	j.call.Args, j.call.More = nil, true
	if c, _, ok := m.CallOf(target); ok {
		j.call.Args, j.call.More = m.Items(c.Args)
	}
	if j.call.Of == nil {
		j.call.Of, j.call.DType = j.of(m), j.dtypeOf(m)
	}
	if was, known := m.Flag(target); was && known {
		j.fail(n, at, "BUILD", "it changes an object for the second time")
	} else if why := n.Allow.Build(&j.call); why != "" {
		j.fail(n, at, "BUILD", why)
	}
	j.noteDType(m, n, target, state)
	j.rawArray(m, at, n, state)
}

// tamper reports a change of something imported.
func (j *judge) tamper(m *machine.Machine, at machine.Site, n *name, what string) {
	j.lower(asset.Malicious)
	j.report(ruleTamper, at, n.String(), "loading "+what, map[string]any{"name": cut(n.String()), "opcode": at.Op.String()})
}

// oddTarget reports a BUILD or item assignment on something that has no use for it.
func (j *judge) oddTarget(m *machine.Machine, at machine.Site, target machine.Value, what string) {
	if m.Failed() && target.Kind() != machine.KindForgotten {
		return
	}
	j.lower(asset.Unverified)
	if j.fresh(ruleUnverified, "target") {
		j.report(ruleUnverified, at, "target", "loading "+what+m.Render(target, renderSize), nil)
	}
}

// Mutate implements [machine.Visitor].
func (j *judge) Mutate(m *machine.Machine, at machine.Site, target machine.Value, items []machine.Value, _ bool) {
	use, verb := policy.Append, "appends to "
	switch at.Op {
	case machine.SETITEM, machine.SETITEMS:
		use, verb = policy.SetItem, "sets items of "
	case machine.ADDITEMS:
		use, verb = policy.AddItem, "adds items to "
	}
	switch target.Kind() {
	case machine.KindGlobal:
		id, _ := target.Global()
		if n := j.name(m, id); j.fresh(ruleTamper, n.String()) {
			j.tamper(m, at, n, verb+m.Render(target, 100))
		}
	case machine.KindObject:
		id, ok := target.ResultOf()
		if !ok {
			j.oddTarget(m, at, target, verb+"what another call gave: ")
			return
		}
		n := j.name(m, id)
		if n.Deny != nil {
			return
		}
		if !n.Allow.Can(use) {
			j.fail(n, at, at.Op.String(), "it is not known to be harmless there")
		} else if m.Flagged(target) {
			j.fail(n, at, at.Op.String(), "it changes an object that BUILD has completed")
		}
	case machine.KindList, machine.KindDict, machine.KindSet, machine.KindByteArray, machine.KindUnknown:
		// Python's own containers: at worst it raises.
	case machine.KindPersistent, machine.KindExtension, machine.KindForgotten:
		j.oddTarget(m, at, target, verb)
	}
}

// Persistent implements [machine.Visitor].
func (j *judge) Persistent(m *machine.Machine, at machine.Site, id machine.Value) machine.Value {
	j.code = true
	if j.torch {
		if j.storage(m, id) {
			return 0
		}
		if class, ok := j.moduleID(m, id); ok {
			return class
		}
	}
	j.lower(asset.Unverified)
	if !j.fresh(rulePersistent, "persistent") {
		return 0
	}
	j.report(rulePersistent, at, "persistent", "refers to an object outside of the pickle: persistent_load("+m.Render(id, renderSize)+")", nil)
	return 0
}

// moduleID accepts the other persistent ids of torch's legacy format: ("module", class, source file, source text), which stands for the class.
func (j *judge) moduleID(m *machine.Machine, id machine.Value) (class machine.Value, ok bool) {
	items, more := m.Items(id)
	if more || len(items) != 4 {
		return 0, false
	}
	if s, ok := m.Text(items[0], 16); !ok || s != "module" {
		return 0, false
	}
	_, ok = items[1].Global()
	return items[1], ok && items[2].IsPlain() && items[3].IsPlain()
}

// storage accepts the persistent ids of torch: ("storage", storage class, key, device, number of elements[, view]).
func (j *judge) storage(m *machine.Machine, id machine.Value) bool {
	items, more := m.Items(id)
	if more || len(items) < 5 || len(items) > 6 {
		return false
	}
	if s, ok := m.Text(items[0], 16); !ok || s != "storage" {
		return false
	}
	if g, ok := items[1].Global(); !ok || !j.name(m, g).Allow.Is("storage") {
		return false
	}
	for _, i := range []int{2, 3} {
		if s, ok := m.Text(items[i], 256); !ok || s == "" && i == 2 {
			return false
		}
	}
	if n, ok := items[4].Int(); !ok || n < 0 {
		return false
	}
	return len(items) == 5 || items[5].IsPlain() || items[5].Kind() == machine.KindTuple
}

// Extension implements [machine.Visitor].
func (j *judge) Extension(m *machine.Machine, at machine.Site, code int64) {
	j.code = true
	j.lower(asset.Unverified)
	j.report(ruleExtension, at, fmt.Sprint(code), fmt.Sprintf("uses extension code %d, which names something only in the process that loads the file", code), nil)
}

// Ref implements [machine.Visitor].
func (j *judge) Ref(m *machine.Machine, at machine.Site, v machine.Value) {
	id, ok := v.Global()
	if !ok {
		j.lostRefs = true
		return
	}
	n := j.name(m, id)
	if n.refd && id != machine.OverflowGlobal {
		return
	}
	n.refd = true
	if n.Deny == nil && !n.Allow.Can(policy.Ref) {
		j.fail(n, at, "used as a value", "")
	}
}
