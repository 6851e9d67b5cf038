package pyflow

import "github.com/merlon-security/merlon/engine/python"

// thing is what the spec says of something outside the project, under its name.
type thing struct {
	ref  string
	typ  string
	read string // source kind
}

type thingKey struct{ base, name string }

// maxThings bounds the names that are remembered.
const maxThings = 1 << 18

// thing looks an attribute of an outside thing up, or a name where base is empty.
func (a *Analysis) thing(base, name string) *thing {
	k := thingKey{base, name}
	if t := a.things[k]; t != nil {
		return t
	}
	ref := name
	if base != "" {
		ref = base + "." + name
	}
	ref = a.alias(ref)
	t := &thing{ref: ref, typ: a.spec.Types[ref], read: a.spec.Reads[ref]}
	if len(a.things) < maxThings {
		a.things[k] = t
	}
	return t
}

// thing is the value of something that the project does not define.
func (x *frame) thing(n python.Node, t *thing, self *value) *value {
	v := &value{ref: t.ref, self: self, typ: t.typ}
	if t.read != "" {
		v.labels = []label{x.source(n, t.read, t.ref)}
	}
	return v
}
