package pyflow

import (
	"slices"
	"strings"
)

// object is what can be changed in place: fields by attribute name, "[key]" for
// items under constant keys, and elem for all other items together.
type object struct {
	fields []field // in the order of their keys
	elem   *value
	seq    bool // a list or tuple written out: "[0]", "[1]", ...
	owner  *class
}

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
	o := &object{elem: joinTo(a.elem, b.elem, depth+1), seq: a.seq && b.seq, owner: a.owner}
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
func (v *value) copied() *value {
	if v == nil || v.obj == nil {
		return v
	}
	w, o := *v, *v.obj
	o.fields = slices.Clone(o.fields)
	w.obj = &o
	return &w
}
