package pyflow

import "github.com/merlon-security/merlon/engine/python"

// putInto looks at what is put into something outside the project: session["user"] = v is
// a call of flask.session.__setitem__ with the key and v, response.data = v one of
// flask.Response.data= with v.
func (x *frame) putInto(n python.Node, into *value, name string, values ...*value) {
	if into == nil {
		return
	}
	as := args{pos: values, star: make([]bool, len(values))}
	for _, of := range []string{into.ref, into.typ} {
		spec := x.a.spec.Calls[of+name]
		if of == "" || spec == nil {
			continue
		}
		for i := range spec.Sinks {
			s := &spec.Sinks[i]
			if v, ok := as.get(s.Arg, into); ok {
				x.sink(n, s, v, of+name, as, into, spec.Weak)
			}
		}
		return
	}
}
