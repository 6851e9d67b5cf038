package pyflow

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// Mask is a set of sink kinds: bit i is kind i of [Spec.Kinds].
type Mask uint64

// AllKinds is the mask of data that can do no harm anywhere.
const AllKinds = ^Mask(0)

// Bounds that keep every value small.
const (
	maxLabels = 6  // sources told apart in one value
	maxFields = 64 // attributes or keys told apart in one object
	maxPath   = 4  // attributes followed from a parameter
	maxTrace  = 24 // steps kept of one flow
	maxDepth  = 60 // nested expressions and calls
)

// value is what is known of a Python value. nil is an unknown value that carries
// nothing. Values are shared and never changed; objects are.
type value struct {
	ref    string    // dotted name of something outside the project: "os.system"
	typ    string    // instance of a class outside the project: "sqlite3.Cursor"
	fn     *function // function of the project
	bound  *binding  // what the function's enclosing functions were called with
	self   *value    // receiver of a bound method
	pre    *args     // arguments given by functools.partial
	cls    *class    // class of the project
	inst   *class    // instance of a class of the project
	mod    *module
	lit    literal
	prefix string      // constant beginning of a string that is not constant
	built  bool        // string put together from parts
	known  bool        // of an outside thing: the spec says something of it
	exact  bool        // inst is the class itself, none below it
	test   python.Node // the test that the value is the answer of
	labels []label
	obj    *object
	alts   *choice // what else it may be
}

// literal is a constant.
type literal struct {
	kind python.Const
	set  bool
	s    string // text of a string, or the source text of a number
}

// label says where a value comes from.
type label struct {
	src   *Source   // a source; nil for a parameter
	owner *function // of the parameter
	param int32     // index of the parameter; below 0: result of the owner's parameter call -1-param
	path  string    // attributes and keys from the parameter: ".cmd", "[0]"
	weak  bool      // it passed through something unknown
	clean Mask      // what it was cleaned for on the way
	via   *step     // how it came here, newest first
}

// step is one place on the way, or several: those of inner.
type step struct {
	mod   *module
	node  python.Node
	note  string
	prev  *step
	inner *step
	n     int
}

func (s *step) then(m *module, n python.Node, note string) *step {
	if s != nil && (s.n >= maxTrace || s.inner == nil && s.mod == m && s.node == n) {
		return s
	}
	next := &step{mod: m, node: n, note: note, prev: s, n: 1}
	if s != nil {
		next.n = s.n + 1
	}
	return next
}

// after puts the steps of s behind those of before.
func (s *step) after(before *step) *step {
	switch {
	case s == nil:
		return before
	case before == nil:
		return s
	case s.inner == nil && s.prev == nil:
		return before.then(s.mod, s.node, s.note)
	case before.n >= maxTrace:
		return before
	case before.n+s.n > 3*maxTrace:
		last := s.walk(1)[0]
		return before.then(last.mod, last.node, last.note)
	}
	return &step{inner: s, prev: before, n: before.n + s.n}
}

// walk gives the single steps, newest first, at most limit.
func (s *step) walk(limit int) []*step {
	var out, later []*step
	for s != nil || len(later) > 0 {
		if s == nil {
			s, later = later[len(later)-1], later[:len(later)-1]
			continue
		}
		if s.inner != nil {
			if s.prev != nil {
				later = append(later, s.prev)
			}
			s = s.inner
			continue
		}
		if len(out) == limit {
			break
		}
		out = append(out, s)
		s = s.prev
	}
	return out
}

// binding keeps what an enclosing function was called with.
type binding struct {
	owner *function
	args  []*value
	calls []*value // results of its parameter calls
	up    *binding
}

func (l *label) same(m *label) bool {
	return l.param == m.param && l.src == m.src && l.owner == m.owner && l.path == m.path
}

func findLabel(ls []label, l *label) int {
	for i := range ls {
		if ls[i].same(l) {
			return i
		}
	}
	return -1
}

// joinLabels is the union; the same label from two ways is as clean as the dirtier.
func joinLabels(a, b []label) []label {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	if &a[0] == &b[0] && len(a) == len(b) {
		return a
	}
	out := a
	for k := range b {
		l := &b[k]
		i := findLabel(out, l)
		switch {
		case i < 0 && len(out) < maxLabels:
			if &out[0] == &a[0] {
				out = append(make([]label, 0, min(len(a)+len(b), maxLabels)), a...)
			}
			out = append(out, *l)
		case i >= 0 && (out[i].clean&^l.clean != 0 || out[i].weak && !l.weak):
			if &out[0] == &a[0] {
				out = append(make([]label, 0, min(len(a)+len(b), maxLabels)), a...)
			}
			if out[i].clean != l.clean && out[i].clean&l.clean == l.clean {
				out[i].via = l.via
			}
			out[i].clean &= l.clean
			out[i].weak = out[i].weak && l.weak
		}
	}
	return out
}

// putLabel adds a label to labels, which are changed.
func putLabel(out []label, l label) []label {
	i := findLabel(out, &l)
	switch {
	case i >= 0:
		if out[i].clean != l.clean && out[i].clean&l.clean == l.clean {
			out[i].via = l.via
		}
		out[i].clean &= l.clean
		out[i].weak = out[i].weak && l.weak
	case len(out) < maxLabels:
		out = append(out, l)
	}
	return out
}

// join is a value that may be either.
func join(a, b *value) *value { return joinTo(a, b, 0) }

// maxJoin is how deep objects are joined: they can hold each other.
const maxJoin = 3

func joinTo(a, b *value, depth int) *value {
	if a == b || b == nil {
		return a
	}
	if a == nil {
		return b
	}
	v := *a
	v.alts = choices(a, b)
	if v.ref == exitRef && b.ref != exitRef {
		v.ref = "" // x or sys.exit(): who goes on has x
	}
	if v.test != b.test {
		v.test = 0
	}
	if v.lit != b.lit {
		v.lit = literal{}
		if a.lit.set && !b.lit.set || b.lit.kind != python.ConstNone && a.lit.kind == python.ConstNone {
			v.prefix = ""
		}
	}
	if v.prefix != b.prefix {
		v.prefix = ""
	}
	v.built = a.built || b.built
	if v.ref == "" && v.fn == nil && v.cls == nil && v.mod == nil && b.ref != exitRef {
		v.ref, v.fn, v.bound, v.self, v.pre, v.cls, v.mod = b.ref, b.fn, b.bound, b.self, b.pre, b.cls, b.mod
	}
	if v.typ == "" && v.inst == nil {
		v.typ, v.inst, v.exact = b.typ, b.inst, b.exact
	} else if v.inst == b.inst {
		v.exact = a.exact && b.exact
	}
	v.labels = joinLabels(a.labels, b.labels)
	if depth < maxJoin {
		v.obj = joinObjectsTo(a.obj, b.obj, depth)
	} else if a.obj == nil {
		v.obj = b.obj
	}
	return &v
}

// all is everything that a value carries, with what it holds up to a depth.
func (v *value) all(depth int) []label {
	if v == nil {
		return nil
	}
	out := v.labels
	if v.obj != nil && depth > 0 {
		out = joinLabels(joinLabels(out, v.obj.elem.all(depth-1)), v.obj.keys.all(depth-1))
		for _, f := range v.obj.fields {
			out = joinLabels(out, f.v.all(depth-1))
		}
	}
	return out
}

// carries is a new value with nothing known but its labels.
func carries(labels []label) *value {
	if len(labels) == 0 {
		return nil
	}
	return &value{labels: labels}
}

// with returns a value with other labels.
func (v *value) with(labels []label) *value {
	if v == nil {
		return carries(labels)
	}
	w := *v
	w.labels = labels
	return &w
}

// mapLabels returns labels changed one by one.
func mapLabels(labels []label, f func(*label)) []label {
	if len(labels) == 0 {
		return nil
	}
	out := slices.Clone(labels)
	for i := range out {
		f(&out[i])
	}
	return out
}

func cleaned(labels []label, m Mask) []label {
	if m == 0 {
		return labels
	}
	return mapLabels(labels, func(l *label) { l.clean |= m })
}

func weakened(labels []label) []label {
	for i := range labels {
		if !labels[i].weak {
			return mapLabels(labels, func(l *label) { l.weak = true })
		}
	}
	return labels
}

// str returns the text of a constant string.
func (v *value) str() (string, bool) {
	if v == nil || !v.lit.set || v.lit.kind != python.ConstStr {
		return "", false
	}
	return v.lit.s, true
}

// start returns the constant beginning of a string.
func (v *value) start() string {
	if s, ok := v.str(); ok {
		return s
	}
	if v == nil {
		return ""
	}
	return v.prefix
}

// along adds a step to the way of data; a parameter's way begins with its caller.
func along(labels []label, m *module, n python.Node, note string) []label {
	for i := range labels {
		if labels[i].src != nil {
			return mapLabels(labels, func(l *label) {
				if l.src != nil {
					l.via = l.via.then(m, n, note)
				}
			})
		}
	}
	return labels
}

// extend adds an attribute or key to the path of parameters.
func extend(labels []label, key string) []label {
	return mapLabels(labels, func(l *label) {
		if l.src == nil && strings.Count(l.path, ".")+strings.Count(l.path, "[") < maxPath && (key != "[]" || !strings.HasSuffix(l.path, key)) {
			l.path += key
		}
	})
}
