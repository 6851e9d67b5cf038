package pyflow

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// object is what can be changed in place: fields by attribute name, "[key]" for
// items under constant keys, and elem for all other items together.
type object struct {
	fields []field // in the order of their keys
	elem   *value
	keys   *value    // what the keys of a dict are that are not constant
	seq    bool      // a list or tuple written out: "[0]", "[1]", ...
	dict   bool      // iterating gives the keys
	closed bool      // in a summary: it says nothing about parameters
	made   *function // in which it was made; nil for one that is a mixture of others
	owner  *class
	level  int // branches around the place where it was made
}

// everywhere makes the objects that all instances of a class share.
var everywhere function

// shared reports whether functions other than the one that is interpreted see an object.
func (x *frame) shared(o *object) bool { return o != nil && o.made != nil && o.made != x.fn }

// global reports whether an object is there before any function of the project is called.
func (o *object) global() bool {
	return o != nil && o.made != nil && (o.made == &everywhere || o.made == o.made.mod.main)
}

// object is a new object of the function that is interpreted.
func (x *frame) object(o object) *object {
	o.made, o.level = x.fn, x.env.open
	return &o
}

// lasts is an object that the body of a module makes at a place: the same one every time.
func (x *frame) lasts(n python.Node, o *object, c *class) *object {
	if x.fn != x.mod.main {
		return o
	}
	k := madeKey{x.mod, n, c}
	old := x.a.made[k]
	if old == nil {
		x.a.made[k] = o
		return o
	}
	old.absorb(o, 0)
	return old
}

// list is a list of which every item may be v.
func (x *frame) list(v *value) *value { return &value{obj: x.object(object{elem: v})} }

type field struct {
	key string
	v   *value
}

func (o *object) index(key string) (int, bool) {
	return slices.BinarySearchFunc(o.fields, key, func(f field, key string) int { return strings.Compare(f.key, key) })
}

// find returns a field and whether it is there.
func (o *object) find(key string) (*value, bool) {
	if i, ok := o.index(key); ok {
		return o.fields[i].v, true
	}
	return nil, false
}

// get returns a field; nil where it is not there.
func (o *object) get(key string) *value {
	v, _ := o.find(key)
	return v
}

// set stores a field; too many go together.
func (o *object) set(key string, v *value) {
	i, ok := o.index(key)
	switch {
	case ok:
		o.fields[i].v = v
	case len(o.fields) >= maxFields:
		o.elem = join(o.elem, v)
	default:
		o.fields = slices.Insert(o.fields, i, field{key, v})
	}
}

// items is everything that is held as an item, not as an attribute.
func (o *object) items() *value {
	out := o.elem
	for _, f := range o.fields {
		if strings.HasPrefix(f.key, "[") {
			out = join(out, f.v)
		}
	}
	return out
}

func joinObjects(a, b *object) *object { return joinObjectsTo(a, b, 0) }

func joinObjectsTo(a, b *object, depth int) *object {
	if a == b || b == nil {
		return a
	}
	if a == nil {
		return b
	}
	o := &object{elem: joinTo(a.elem, b.elem, depth+1), keys: joinTo(a.keys, b.keys, depth+1), seq: a.seq && b.seq, dict: a.dict || b.dict, owner: a.owner}
	if a.made == b.made {
		o.made = a.made
	}
	o.fields = make([]field, 0, max(len(a.fields), len(b.fields)))
	put := func(key string, v *value) {
		if len(o.fields) >= maxFields {
			o.elem = joinTo(o.elem, v, depth+1)
			return
		}
		o.fields = append(o.fields, field{key, v})
	}
	i, j := 0, 0
	for i < len(a.fields) || j < len(b.fields) {
		switch {
		case j == len(b.fields) || i < len(a.fields) && a.fields[i].key < b.fields[j].key:
			put(a.fields[i].key, a.fields[i].v)
			i++
		case i == len(a.fields) || a.fields[i].key > b.fields[j].key:
			put(b.fields[j].key, b.fields[j].v)
			j++
		default:
			put(a.fields[i].key, joinTo(a.fields[i].v, b.fields[j].v, depth+1))
			i++
			j++
		}
	}
	return o
}

// copied is a value with an object of its own.
func (v *value) copied(x *frame) *value {
	if v == nil || v.obj == nil || v.obj.global() {
		return v
	}
	w, o := *v, *v.obj
	o.fields, o.made, o.closed = slices.Clone(o.fields), x.fn, false
	w.obj = &o
	return &w
}

// absorb takes in what another object holds.
func (o *object) absorb(b *object, depth int) {
	if b == nil || o == b || depth > maxJoin {
		return
	}
	o.elem, o.keys = joinTo(o.elem, b.elem, depth+1), joinTo(o.keys, b.keys, depth+1)
	o.dict, o.seq = o.dict || b.dict, o.seq && b.seq
	for _, f := range b.fields {
		o.set(f.key, joinTo(o.get(f.key), f.v, depth+1))
	}
}
