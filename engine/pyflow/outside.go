package pyflow

import (
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// thing is what the spec says of something outside the project, under its name.
type thing struct {
	ref   string
	typ   string
	read  string // source kind
	known bool   // calling it, or something of it, means something to the spec
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
	t.known = a.knows(ref, t.typ)
	if len(a.things) < maxThings {
		a.things[k] = t
	}
	return t
}

// thing is the value of something that the project does not define.
func (x *frame) thing(n python.Node, t *thing, self *value) *value {
	v := &value{ref: t.ref, self: self, typ: t.typ, known: t.known}
	if t.read != "" {
		v.labels = []label{x.source(n, t.read, t.ref)}
	}
	return v
}

// knows reports whether the spec says anything of a name, or of what belongs to a class.
func (a *Analysis) knows(ref, typ string) bool {
	if a.bases == nil {
		a.bases = map[string]bool{}
		for name := range a.spec.Calls {
			a.bases[name] = true
			base, _ := trimAttr(name)
			a.bases[base] = true
		}
		for name := range a.spec.Reads {
			base, _ := trimAttr(name)
			a.bases[base] = true
		}
		for name := range a.spec.Types {
			base, _ := trimAttr(name)
			a.bases[strings.TrimSuffix(name, "()")] = true
			a.bases[base] = true
		}
	}
	return a.bases[ref] || typ != "" && a.bases[typ]
}
