package pyflow

// env holds the names of a module, class or function. While a branch is interpreted
// it keeps a journal, so that leaving the branch costs what the branch changed.
type env struct {
	names   map[string]*value
	up      *env // of the enclosing function; classes are not seen from inside
	class   bool
	open    int // branches that are being interpreted
	journal []change
}

// change is a name with the value it had, or got.
type change struct {
	name string
	v    *value
	ok   bool // false: the name is not bound
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

// set binds a name.
func (e *env) set(name string, v *value) {
	if e.open > 0 {
		old, ok := e.names[name]
		e.journal = append(e.journal, change{name, old, ok})
	}
	e.names[name] = v
}

// unset removes a name.
func (e *env) unset(name string) {
	old, ok := e.names[name]
	if !ok {
		return
	}
	if e.open > 0 {
		e.journal = append(e.journal, change{name, old, ok})
	}
	delete(e.names, name)
}

// begin starts a branch; its result goes to end.
func (e *env) begin() int {
	e.open++
	return len(e.journal)
}

// end leaves a branch: the names are what they were at its beginning, and what the
// branch left in them is returned, in the order of the last changes backwards.
func (e *env) end(mark int) []change {
	out := e.since(mark)
	for i := len(e.journal) - 1; i >= mark; i-- {
		if c := e.journal[i]; c.ok {
			e.names[c.name] = c.v
		} else {
			delete(e.names, c.name)
		}
	}
	clear(e.journal[mark:])
	e.journal = e.journal[:mark]
	e.open--
	return out
}

// since returns what changed since the beginning of a branch.
func (e *env) since(mark int) []change {
	var out []change
	var seen map[string]bool
	for i := len(e.journal) - 1; i >= mark; i-- {
		c := e.journal[i]
		known := false
		if len(out) < 16 {
			for k := range out {
				known = known || out[k].name == c.name
			}
		} else {
			if seen == nil {
				seen = make(map[string]bool, 2*len(out))
				for k := range out {
					seen[out[k].name] = true
				}
			}
			known = seen[c.name]
			seen[c.name] = true
		}
		if !known {
			v, ok := e.names[c.name]
			out = append(out, change{c.name, v, ok})
		}
	}
	return out
}

// apply makes the changes of the only branch that goes on.
func (e *env) apply(cs []change) {
	for i := len(cs) - 1; i >= 0; i-- {
		if cs[i].ok {
			e.set(cs[i].name, cs[i].v)
		} else {
			e.unset(cs[i].name)
		}
	}
}

// join makes the changes of a branch that may have been taken.
func (e *env) join(cs []change) {
	for i := len(cs) - 1; i >= 0; i-- {
		c := cs[i]
		if !c.ok {
			if isFact(c.name) {
				e.unset(c.name)
			}
			continue
		}
		if old, ok := e.names[c.name]; !ok {
			if !isFact(c.name) {
				e.set(c.name, c.v)
			}
		} else if old != c.v {
			e.set(c.name, join(old, c.v))
		}
	}
}

// merge makes the changes of several branches, of which one was taken.
func (e *env) merge(branches ...[]change) {
	switch len(branches) {
	case 0:
		return
	case 1:
		e.apply(branches[0])
		return
	}
	type merged struct {
		name     string
		v        *value
		ok       bool
		gone     bool // in one of them
		branches int  // that changed it
		last     int  // of them
	}
	var all []merged
	at := map[string]int{}
	for i, b := range branches {
		for _, c := range b {
			k, known := at[c.name]
			if !known {
				k = len(all)
				at[c.name] = k
				all = append(all, merged{name: c.name, last: -1})
			}
			m := &all[k]
			if m.last == i {
				continue // the first is the one that counts
			}
			m.last = i
			m.branches++
			switch {
			case c.ok && m.ok:
				m.v = join(m.v, c.v)
			case c.ok:
				m.v, m.ok = c.v, true
			}
			m.gone = m.gone || !c.ok
		}
	}
	for _, m := range all {
		base, had := e.names[m.name]
		if isFact(m.name) && (m.gone || !had && m.branches < len(branches)) {
			e.unset(m.name)
			continue
		}
		if had && m.branches < len(branches) {
			if m.ok {
				m.v = join(m.v, base)
			} else {
				m.v, m.ok = base, true
			}
		}
		if m.ok {
			e.set(m.name, m.v)
		} else {
			e.unset(m.name)
		}
	}
}
