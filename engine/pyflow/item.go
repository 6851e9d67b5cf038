package pyflow

import (
	"strconv"

	"github.com/merlon-security/merlon/engine/python"
)

// item is v[key].
func (x *frame) item(n python.Node, v, key *value) *value {
	if v == nil {
		return nil
	}
	if v.inst != nil {
		if m, _ := x.a.lookup(v.inst, "__getitem__", 0); m != nil && m.fn != nil {
			return x.method(n, v, m, args{pos: []*value{key}, star: []bool{false}})
		}
	}
	if key != nil && key.obj != nil && (v.ref == "typing.Annotated" || v.ref == "typing_extensions.Annotated") {
		return &value{ref: annotated, obj: key.obj}
	}
	path := ""
	if key != nil && key.lit.set {
		path = "[" + key.lit.s + "]"
		if s, ok := v.str(); ok && key.lit.kind == python.ConstInt {
			if i, err := strconv.Atoi(key.lit.s); err == nil {
				if c, ok := character(s, i); ok {
					return &value{lit: literal{kind: python.ConstStr, set: true, s: c}}
				}
			}
		}
	}
	if path == "[:]" {
		return v // a slice
	}
	var out *value
	if v.obj != nil {
		x.looks(v.obj)
		if f, ok := v.obj.find(path); ok && path != "" {
			return join(join(f, v.obj.elem), carries(extend(v.labels, path)))
		}
		out = v.obj.elem
		if path == "" {
			out = v.obj.items()
		}
	}
	labels := v.labels
	if path != "" {
		labels = extend(labels, path)
	} else {
		labels = extend(labels, "[]")
	}
	if v.ref != "" || v.typ != "" {
		name := v.typ
		if name == "" {
			name = v.ref
		}
		out = join(out, x.outside(n, name+"[]", nil))
	}
	if len(labels) > 0 {
		if out == nil {
			return carries(labels)
		}
		return out.with(joinLabels(out.labels, labels))
	}
	return out
}

// element is what iterating over a value gives.
func (x *frame) element(n python.Node, v *value) *value {
	if v == nil {
		return nil
	}
	if v.inst != nil {
		if got, ok := x.iterate(n, v); ok {
			return got
		}
	}
	var out *value
	if v.obj != nil {
		x.looks(v.obj)
		if v.obj.dict {
			return join(v.obj.keys, carries(v.labels))
		}
		out = v.obj.items()
	}
	if name := v.typ + v.ref; name != "" && out == nil {
		if v.typ != "" {
			name = v.typ
		}
		out = x.outside(n, name+"[]", nil)
	}
	if len(v.labels) > 0 {
		labels := extend(v.labels, "[]")
		if out == nil {
			return carries(labels)
		}
		return out.with(joinLabels(out.labels, labels))
	}
	return out
}

// looks notes that this function depends on what others store in an object.
func (x *frame) looks(o *object) {
	if x.shared(o) {
		x.a.reads(x.fn, o, "")
	}
}
