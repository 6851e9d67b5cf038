package pyflow

import "maps"

// env holds the names of a module, class or function.
type env struct {
	names map[string]*value
	up    *env // of the enclosing function; classes are not seen from inside
	class bool
}

// look finds a name in the function and those around it.
func (e *env) look(name string) (*value, *env) {
	for first := true; e != nil; e, first = e.up, false {
		if e.class && !first {
			continue
		}
		if v, ok := e.names[name]; ok {
			return v, e
		}
	}
	return nil, nil
}

// fork copies the names for a branch.
func (e *env) fork() map[string]*value { return maps.Clone(e.names) }

// merge joins the names of two branches.
func merge(a, b map[string]*value) map[string]*value {
	if len(b) > len(a) {
		a, b = b, a
	}
	for k, v := range b {
		if old, ok := a[k]; !ok {
			a[k] = v
		} else if old != v {
			a[k] = join(old, v)
		}
	}
	return a
}
