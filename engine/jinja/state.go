package jinja

import (
	"maps"
	"slices"
)

// state is what the variables hold at one point of the template.
type state struct {
	vars  map[string]value
	roles map[string]string // path of a message -> its role, where a guard says so
}

func newState() *state {
	return &state{vars: map[string]value{}, roles: map[string]string{}}
}

// fork copies a state. Namespaces are copied too: a branch that is not taken
// changes nothing.
func (s *state) fork() *state {
	c := &state{vars: make(map[string]value, len(s.vars)), roles: maps.Clone(s.roles)}
	for name, v := range s.vars {
		if v.kind == kNamespace {
			v.ns = maps.Clone(v.ns)
		}
		c.vars[name] = v
	}
	return c
}

// join makes s what holds after either s or t.
func (s *state) join(t *state, conds []*Cond) {
	s.vars = joinVars(s.vars, t.vars, conds)
	for path, role := range s.roles {
		if t.roles[path] != role {
			delete(s.roles, path)
		}
	}
}

func joinVars(a, b map[string]value, conds []*Cond) map[string]value {
	out := make(map[string]value, len(a))
	for name, x := range a {
		y, both := b[name]
		switch {
		case !both:
			out[name] = branch(x, value{}, conds)
		case x.kind == kNamespace && y.kind == kNamespace:
			x.ns = joinVars(x.ns, y.ns, conds)
			out[name] = x
		case equal(x, y):
			out[name] = x
		default:
			out[name] = branch(x, y, conds)
		}
	}
	for name, y := range b {
		if _, both := a[name]; !both {
			out[name] = branch(y, value{}, conds)
		}
	}
	return out
}

// branch is a value that conditions decide on. What both ways have in common, such as
// the beginning of a text that one of them adds to, does not depend on them.
func branch(x, y value, conds []*Cond) value {
	v := either(x, y)
	if len(conds) == 0 {
		return v
	}
	v.deps = unionConds(v.deps, conds)
	v.lits = compact(append(apart(x, y, conds), apart(y, x, conds)...))
	v.lits = v.lits[:min(len(v.lits), maxLits)]
	v.alts = nil
	for _, side := range [][2]value{{x, y}, {y, x}} {
		for _, alt := range side[0].candidates() {
			if alt.kind == kStr {
				alt.lits, alt.conds, alt.deps = apart(alt, side[1], conds), nil, unionConds(alt.dep(), conds)
			} else {
				alt = alt.with(conds)
			}
			v.addAlt(alt)
		}
	}
	return v
}

// apart returns the texts of a value. Those that the other value has too are as they
// are; the others depend on the conditions.
func apart(v, other value, conds []*Cond) []Emitted {
	theirs := other.texts()
	var out []Emitted
	for _, l := range v.texts() {
		common := 0
		for _, o := range theirs {
			if o.Pos == l.Pos && sameConds(o.Conds, l.Conds) {
				common = max(common, prefix(l.Text, o.Text))
			}
		}
		if common > 0 {
			out = append(out, Emitted{l.Text[:common], l.Pos, l.Conds})
		}
		if common < len(l.Text) {
			out = append(out, Emitted{l.Text[common:], l.Pos, unionConds(l.Conds, conds)})
		}
	}
	return out
}

func prefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && a[n]&0xc0 == 0x80 { // not inside of a character
		n--
	}
	return n
}

// sink takes what statements put out: the prompt, or the value of a macro call.
type sink struct {
	value value
	begun bool
	top   bool // what goes in here is the prompt
}

func (k *sink) add(v value) {
	if !k.begun {
		k.value, k.begun = v, true
		return
	}
	k.value = concat(k.value, v)
}

// concat is the value of two texts, one after the other. Each piece keeps its own
// conditions: that one text depends on something does not make the other depend on
// it.
func concat(a, b value) value {
	x, okA := text(a)
	y, okB := text(b)
	if okA && x == "" && len(a.dep()) == 0 {
		return b.at(b.pos)
	}
	if okB && y == "" && len(b.dep()) == 0 {
		return a
	}
	v := value{size: a.size + b.size, deps: unionConds(a.dep(), b.dep()), system: a.system || b.system, pos: a.pos}
	if a.class == cContent || b.class == cContent || a.class == cMessage || b.class == cMessage {
		v.class = cContent
	} else if a.class == cTime || b.class == cTime {
		v.class = cTime
	}
	if okA && okB && len(x)+len(y) <= maxStr {
		v.kind, v.s = kStr, x+y
		if sameConds(a.conds, b.conds) && len(a.lits)+len(b.lits) == 0 {
			v.conds, v.deps = a.conds, nil
			return v
		}
	}
	v.lits = append(asText(a), asText(b)...)
	v.lits = v.lits[:min(len(v.lits), maxLits)]
	return v
}

// asText is [value.texts], with numbers and truths as they are printed.
func asText(v value) []Emitted {
	if s, ok := text(v); ok && v.kind != kStr {
		return []Emitted{{Text: s, Pos: v.pos, Conds: v.conds}}
	}
	return slices.Clip(v.texts())
}

func sameConds(a, b []*Cond) bool { return slices.Equal(a, b) }
