package cel

// list is [a, b, c]. Its elements are of one type.
func (c *checker) list(n *node, sc *scope) (typed, error) {
	x, err := c.all(n.args, sc)
	if err != nil {
		return typed{}, err
	}
	of, err := oneType(n.args, x, open, "elements of a list")
	if err != nil {
		return typed{}, err
	}
	if fixed, ok := constants(x); ok {
		v := listValue(fixed)
		return typed{List(of), func(*frame) (Value, error) { return v, nil }, &v}, nil
	}
	return typed{typ: List(of), eval: func(f *frame) (Value, error) {
		if err := f.spend(1 + len(x)); err != nil {
			return Value{}, err
		}
		out := make([]Value, len(x))
		for i := range x {
			var err error
			if out[i], err = x[i].eval(f); err != nil {
				return Value{}, err
			}
		}
		return listValue(out), nil
	}}, nil
}

// oneType joins the types of parts.
func oneType(at []*node, x []typed, of *Type, what string) (*Type, error) {
	for i := range x {
		t := join(of, x[i].typ)
		if t == nil {
			return nil, failf(at[i].pos, "the %s are %s and %s; they have to be of one type", what, of, x[i].typ)
		}
		of = t
	}
	return of, nil
}

func constants(x []typed) ([]Value, bool) {
	out := make([]Value, len(x))
	for i := range x {
		if x[i].fixed == nil {
			return nil, false
		}
		out[i] = *x[i].fixed
	}
	return out, true
}

// dictionary is {k: v}. Its keys are bool, int or string.
func (c *checker) dictionary(n *node, sc *scope) (typed, error) {
	x, err := c.all(n.args, sc)
	if err != nil {
		return typed{}, err
	}
	half := len(x) / 2
	keys, vals := make([]typed, half), make([]typed, half)
	keyAt, valAt := make([]*node, half), make([]*node, half)
	for i := range half {
		keys[i], vals[i], keyAt[i], valAt[i] = x[2*i], x[2*i+1], n.args[2*i], n.args[2*i+1]
	}
	kt, err := oneType(keyAt, keys, open, "keys of a map")
	if err != nil {
		return typed{}, err
	}
	if kt != open && kt != Bool && kt != Int && kt != String {
		return typed{}, failf(n.pos, "keys of a map are bool, int or string, not %s", kt)
	}
	vt, err := oneType(valAt, vals, open, "values of a map")
	if err != nil {
		return typed{}, err
	}
	pos := n.pos
	return typed{typ: Map(kt, vt), eval: func(f *frame) (Value, error) {
		if err := f.spend(1 + 8*half); err != nil {
			return Value{}, err
		}
		d := &dictionary{at: make(map[key]int, half)}
		for i := range half {
			k, err := keys[i].eval(f)
			if err != nil {
				return k, err
			}
			v, err := vals[i].eval(f)
			if err != nil {
				return v, err
			}
			if _, twice := d.at[key{k.n, k.s}]; twice {
				return v, failf(pos, "the map has the key %v twice", toGo(kt, k))
			}
			d.at[key{k.n, k.s}] = i
			d.keys, d.values = append(d.keys, k), append(d.values, v)
		}
		return Value{r: d}, nil
	}}, nil
}
