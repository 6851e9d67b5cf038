package jinja

import "slices"

// kind is what is known of a value.
type kind uint8

const (
	kUnknown kind = iota
	kNone
	kBool
	kInt
	kFloat
	kStr
	kList
	kDict
	kNamespace
	kMacro
	kGlobal // a function or object of the environment
	kMethod // a bound method: S is its name, X the receiver
)

// class says what part of the conversation a value is.
type class uint8

const (
	cNone     class = iota
	cMessages       // list of messages or documents
	cMessage        // one of them
	cContent        // what one says, or a part of it
	cMeasure        // a number or truth taken from content
	cTime           // the date or chance, or a part of it
	cTurns          // how long the conversation is
)

// value is what is known of an expression without rendering. Unknown values carry
// the literal texts they may contain and the alternatives they may be.
type value struct {
	kind  kind
	class class
	b     bool
	i     int64
	f     float64
	s     string
	list  *[]value
	dict  *[]pair
	ns    map[string]value // of a namespace; the map is shared
	macro *Stmt
	x     *value // receiver of a method

	pos     int
	conds   []*Cond // what decided that it is this value
	deps    []*Cond // what parts of it depend on
	cut     []*Cond // what was taken out of it: a comparison with the whole asks for that
	lits    []Emitted
	alts    []value
	system  bool    // content of the system message
	dynamic bool    // an item whose key is not known
	path    string  // "messages[0]", for guards on the role
	count   float64 // elements, where the list itself is not kept
	size    float64 // bytes of text, at least
}

type pair struct{ k, v value }

// The bounds of what is kept of values.
const (
	maxStr   = 16 << 10 // bytes of a known string
	maxList  = 4096     // elements of a known list
	maxAlts  = 8
	maxLits  = 64
	maxConds = 16
)

func str(s string, pos int) value { return value{kind: kStr, s: s, pos: pos, size: float64(len(s))} }
func num(i int64) value           { return value{kind: kInt, i: i} }
func boolean(b bool) value        { return value{kind: kBool, b: b} }
func list(items []value) value    { return value{kind: kList, list: &items} }
func global(name string) value    { return value{kind: kGlobal, s: name} }
func (v value) known() bool       { return v.kind >= kNone && v.kind <= kDict }
func (v value) at(pos int) value  { v.pos = pos; return v }
func (v value) isContent() bool   { return v.class == cContent || v.class == cMeasure }
func (v value) with(c []*Cond) value {
	if len(c) > 0 {
		v.conds = unionConds(v.conds, c)
	}
	return v
}

// dep returns all that a value depends on: what a condition on it depends on.
func (v value) dep() []*Cond { return unionConds(v.conds, v.deps) }

// fully reports whether a value and everything in it is known.
func (v value) fully(depth int) bool {
	if depth == 0 || !v.known() {
		return false
	}
	if v.kind == kList {
		for _, x := range *v.list {
			if !x.fully(depth - 1) {
				return false
			}
		}
	}
	if v.kind == kDict {
		for _, p := range *v.dict {
			if !p.k.fully(depth-1) || !p.v.fully(depth-1) {
				return false
			}
		}
	}
	return true
}

// truth returns whether a known value counts as true.
func (v value) truth() (b, ok bool) {
	switch v.kind {
	case kNone:
		return false, true
	case kBool:
		return v.b, true
	case kInt:
		return v.i != 0, true
	case kFloat:
		return v.f != 0, true
	case kStr:
		return v.s != "", true
	case kList:
		return len(*v.list) > 0, true
	case kDict:
		return len(*v.dict) > 0, true
	case kNamespace, kMacro, kGlobal:
		return true, true
	}
	return false, false
}

func unionConds(a, b []*Cond) []*Cond {
	if len(b) == 0 {
		return a
	}
	out := slices.Clip(a)
	for _, c := range b {
		if len(out) >= maxConds {
			break
		}
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// texts returns the literal texts that a value may put out.
func (v value) texts() []Emitted {
	switch v.kind {
	case kStr:
		if v.s == "" {
			return nil
		}
		if len(v.lits) > 0 {
			break // pieces with conditions of their own
		}
		return []Emitted{{Text: v.s, Pos: v.pos, Conds: v.conds}}
	case kList:
		return gather(*v.list, v.conds)
	case kDict:
		var all []value
		for _, p := range *v.dict {
			all = append(all, p.k, p.v)
		}
		return gather(all, v.conds)
	case kUnknown:
	default:
		return nil
	}
	if len(v.conds) == 0 {
		return v.lits
	}
	var out []Emitted
	for _, l := range v.lits {
		l.Conds = unionConds(l.Conds, v.conds)
		out = append(out, l)
	}
	return out
}

func gather(items []value, conds []*Cond) []Emitted {
	var out []Emitted
	for _, x := range items {
		for _, l := range x.texts() {
			if len(out) >= maxLits {
				return out
			}
			l.Conds = unionConds(l.Conds, conds)
			out = append(out, l)
		}
	}
	return out
}

// mix is the value of an operation whose result is not known: it may hold the
// texts of its operands, and depends on what they depend on.
func mix(operands ...value) value {
	v := value{}
	for _, x := range operands {
		v.conds = unionConds(v.conds, x.conds)
		v.deps = unionConds(v.deps, x.deps)
		v.cut = unionConds(v.cut, x.cut)
		v.system = v.system || x.system
		v.size += x.size
		switch {
		case v.class == cNone, x.class == cContent:
			if x.class != cNone {
				v.class = x.class
			}
		}
	}
	for _, x := range operands {
		v.lits = append(v.lits, x.texts()...)
		if v.pos == 0 {
			v.pos = x.pos
		}
	}
	v.lits = v.lits[:min(len(v.lits), maxLits)]
	if v.class == cMessages || v.class == cMessage {
		v.class = cContent // made into text
	}
	return v
}

// either is a value that may be one or the other.
func either(a, b value) value {
	if equal(a, b) {
		return a
	}
	v := mix(a, b)
	v.conds, v.deps = nil, unionConds(a.dep(), b.dep()) // each text has its own
	v.lits = compact(v.lits)
	v.size = max(a.size, b.size)
	v.count = max(a.count, b.count)
	v.class = cNone
	if a.class == b.class || b.class == cNone {
		v.class = a.class
	} else if a.class == cNone {
		v.class = b.class
	} else {
		v.class = cContent
	}
	for _, x := range []value{a, b} {
		for _, alt := range x.candidates() {
			v.addAlt(alt)
		}
	}
	if a.path == b.path {
		v.path = a.path
	}
	return v
}

// addAlt adds an alternative. Long texts are no names: what they say is kept beside.
func (v *value) addAlt(alt value) {
	if len(v.alts) < maxAlts && len(alt.s) <= 256 {
		v.alts = append(v.alts, alt)
	}
}

// compact drops pieces of text that are there twice.
func compact(lits []Emitted) []Emitted {
	var out []Emitted
	for _, l := range lits {
		if !slices.ContainsFunc(out, func(o Emitted) bool { return o.Pos == l.Pos && o.Text == l.Text && sameConds(o.Conds, l.Conds) }) {
			out = append(out, l)
		}
	}
	return out
}

// equal reports whether two values are the same as far as is known.
func equal(a, b value) bool {
	if a.kind != b.kind || len(a.deps) != len(b.deps) || a.class != b.class || a.path != b.path || len(a.conds) != len(b.conds) || len(a.alts) != len(b.alts) || len(a.lits) != len(b.lits) {
		return false
	}
	switch a.kind {
	case kStr, kGlobal, kMethod:
		return a.s == b.s
	case kInt:
		return a.i == b.i
	case kBool:
		return a.b == b.b
	case kFloat:
		return a.f == b.f
	case kList:
		return a.list == b.list
	case kDict:
		return a.dict == b.dict
	case kMacro:
		return a.macro == b.macro
	case kNamespace:
		return true // attributes are joined by themselves
	}
	return true
}

// candidates returns the known values that v may be: itself, or its alternatives.
func (v value) candidates() []value {
	if v.kind != kUnknown {
		return []value{v}
	}
	if len(v.conds) == 0 {
		return v.alts
	}
	var out []value
	for _, x := range v.alts {
		out = append(out, x.with(v.conds))
	}
	return out
}
