package pyflow

import (
	"strconv"

	"github.com/merlon-security/merlon/engine/python"
)

// maxList is how many items of a list are told apart as it grows.
const maxList = 10

// straight reports whether a list was made in this function, and no branch or loop lies
// between that place and this one: then its items are known by their places.
func (x *frame) straight(o *object) bool {
	return o != nil && o.seq && o.elem == nil && o.keys == nil && o.made == x.fn && o.level == x.env.open && len(o.fields) <= maxList
}

// takeOut removes an item of a list whose items are known: the last, or that at a
// constant place. The items behind it move up.
func (o *object) takeOut(key *value) (*value, bool) {
	i := len(o.fields) - 1
	if key != nil {
		n, err := strconv.Atoi(key.lit.s)
		if !key.lit.set || key.lit.kind != python.ConstInt || err != nil {
			return nil, false
		}
		i = n
	}
	if i < 0 || i >= len(o.fields) || len(o.fields) > maxList {
		return nil, false
	}
	var items []*value
	for k := range o.fields {
		v, ok := o.find(index(k))
		if !ok {
			return nil, false
		}
		items = append(items, v)
	}
	out := items[i]
	items = append(items[:i], items[i+1:]...)
	o.fields = nil
	for k, v := range items {
		o.set(index(k), v)
	}
	return out, true
}
