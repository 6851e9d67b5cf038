package policy

import (
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/engine/pickle"
)

// Call is one use of an allowed name, for the shapes to judge.
type Call struct {
	M      *pickle.Machine
	Args   []pickle.Value // positional arguments
	More   bool           // Args is not complete, or may have changed
	Kwargs pickle.Value   // of NEWOBJ_EX; otherwise None
	State  pickle.Value   // of BUILD

	// Of gives the allowlist line of an imported global; nil if it has none.
	Of func(pickle.GlobalID) *Allow
	// DType gives what BUILD made of a numpy.dtype: the size of an item in bytes (-1: its type code says it) and whether a part of it is an
	// object. built is false if there was no BUILD.
	DType func(pickle.Value) (size int64, object, built bool)
	// Follow judges bytes that the callee will unpickle; it reports what is wrong with them, "" if nothing.
	Follow func(pickle.Value) string

	taken uint64 // arguments that the shape has judged, as bits
}

// take marks argument i as judged: it need not be allowed as a plain value.
func (c *Call) take(i int) { c.taken |= 1 << i }

// allowed gives the line of a value that is a global, else nil.
func (c *Call) allowed(v pickle.Value) *Allow {
	if id, ok := v.Global(); ok {
		return c.Of(id)
	}
	return nil
}

// madeBy gives the line of the callable whose call made v, else nil.
func (c *Call) madeBy(v pickle.Value) *Allow {
	if id, ok := v.ResultOf(); ok {
		return c.Of(id)
	}
	return nil
}

// is reports whether v is the result of calling one of the names of a module; numpy.core and numpy._core count as one.
func (c *Call) is(v pickle.Value, modules []string, names ...string) bool {
	a := c.madeBy(v)
	if a == nil {
		return false
	}
	for _, m := range modules {
		for _, n := range names {
			if a.Module == m && a.Name == n {
				return true
			}
		}
	}
	return false
}

// shape judges the arguments of a call: "" or what is wrong with them.
type shape func(c *Call) string

// shapes are the argument shapes that allow.tsv may name.
func shapes(name string) shape {
	switch name {
	case "any":
		return anything
	case "none":
		return none
	case "never":
		return never
	case "plain-1":
		return plainOne
	case "data":
		return bytesData
	case "class:pyx":
		return classOf(1, "pyx")
	case "class:index":
		return classOf(1, "index")
	case "pandas-index":
		return pandasIndex
	case "no-paths":
		return noPaths
	case "containers":
		return plainContainers
	case "class2:ndarray":
		return classOf(2, "ndarray")
	case "type-none":
		return typeOfSingleton
	case "codec-latin1":
		return codec
	case "reconstructor":
		return reconstructor
	case "newobj-func":
		return newobjFunc
	case "partial":
		return partialCall
	case "getattr-member":
		return getattrMember
	case "tz-key":
		return timezoneKey
	case "storage-bytes":
		return storageBytes
	}
	return numericShapes(name)
}

func numericShapes(name string) shape {
	switch name {
	case "ndarray-reconstruct":
		return ndarrayReconstruct
	case "dtype":
		return dtypeCall
	case "scalar":
		return scalarCall
	case "frombuffer":
		return frombuffer
	case "ufunc-reconstruct":
		return ufuncReconstruct
	case "numpy-random-ctor":
		return randomCtor
	case "arrow-array":
		return arrowArray
	case "sklearn-tree":
		return sklearnTree
	case "tensor-rebuild":
		return tensorRebuild
	case "tensor-class":
		return tensorClass
	case "rebuild-from-type":
		return rebuildFromType
	}
	return nil
}

// states are the shapes of BUILD's state that allow.tsv may name ("s:NAME").
func states(name string) shape {
	switch name {
	case "":
		return anyState
	case "dtype":
		return dtypeState
	case "partial":
		return partialState
	case "scipy-rv":
		return scipyState
	case "no-formula":
		return noFormula
	case "inert":
		return inertState
	case "pyx":
		return tupleState(0)
	case "random-state":
		return randomState
	case "ndarray":
		return ndarrayState
	case "dist-metric":
		return numberState(3, false)
	case "binary-tree":
		return numberState(13, true)
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(name, "len")); err == nil && strings.HasPrefix(name, "len") {
		return tupleState(n)
	}
	return nil
}

// tupleState accepts a tuple of n items, or of one or more if n is 0: compiled code reads some states without checking bounds.
func tupleState(n int) shape {
	return func(c *Call) string {
		if k := c.State.Kind(); k != pickle.KindTuple && k != pickle.KindRefTuple {
			return "its state is no tuple"
		}
		if have, ok := c.M.Len(c.State); !ok || have == 0 || n > 0 && have != n {
			return "its state is not a tuple of the right length"
		}
		return ""
	}
}

// Call judges a call of an allowed name in one of the ways of use: "" or why it is not allowed.
func (a *Allow) Call(use Use, c *Call) string {
	// An old-style instance without arguments is made like a new-style one.
	if use == Obj && (a.Can(Reduce) || a.Can(NewObj) && len(c.Args) == 0 && !c.More) {
		use = a.Uses & (Obj | Reduce | NewObj)
	}
	if !a.Can(use) {
		return "it is not known to be harmless when called like this"
	}
	s := shapes(a.shape)
	if s == nil {
		return "its arguments cannot be judged"
	}
	c.taken = 0
	if why := s(c); why != "" {
		return why
	}
	if use == Reduce || use == Obj {
		if why := c.inertArgs(); why != "" {
			return why
		}
	}
	return c.refs()
}

// refs checks that the globals among the arguments may be plain values.
func (c *Call) refs() string {
	for i, v := range c.Args {
		if i < 64 && c.taken&(1<<i) != 0 {
			continue
		}
		if _, ok := v.Global(); ok && !c.allowed(v).Can(Ref) {
			return "an argument is a global that is not known to be harmless"
		}
		if v.Kind() == pickle.KindForgotten {
			return "an argument lies too far back"
		}
	}
	return ""
}

// Build judges BUILD of an instance made by an allowed name: "" or why it is not allowed.
func (a *Allow) Build(c *Call) string {
	use := BuildOther
	switch c.State.Kind() {
	case pickle.KindDict:
		use = BuildDict
	case pickle.KindTuple, pickle.KindRefTuple, pickle.KindEmptyTuple:
		use = BuildTuple
	case pickle.KindNone:
		use = BuildDict | BuildTuple | BuildOther
	}
	if !a.Can(use) {
		return "setting such a state is not known to be harmless"
	}
	s := states(a.state)
	if s == nil {
		return "its state cannot be judged"
	}
	c.taken = 0
	if why := s(c); why != "" {
		return why
	}
	if why := c.attributes(c.State); why != "" {
		return why
	}
	if use == BuildTuple {
		c.Args, c.More = c.M.Items(c.State)
		return c.refs()
	}
	return ""
}

// hooks are attributes that the Unpickler itself looks up in an instance and calls.
var hooks = map[string]bool{"__setstate__": true, "append": true, "extend": true, "add": true, "__reduce_ex__": true, "persistent_load": true}

// attributes refuses states that put a callable where the next BUILD, APPENDS or ADDITEMS calls it. Keys beyond those that the machine keeps are not
// seen; Machine.Flag then tells the judge to refuse a further change of the object.
func (c *Call) attributes(state pickle.Value) string {
	if k := state.Kind(); k == pickle.KindTuple || k == pickle.KindRefTuple {
		pair, _ := c.M.Items(state)
		if len(pair) == 2 {
			for _, v := range pair {
				if why := c.attributes(v); v.Kind() == pickle.KindDict && why != "" {
					return why
				}
			}
		}
		return ""
	}
	if state.Kind() != pickle.KindDict {
		return ""
	}
	items, more := c.M.Items(state)
	if more {
		return "it has more attributes than can be judged"
	}
	for i := 0; i+1 < len(items); i += 2 {
		if items[i].IsPlain() && items[i].Kind() != pickle.KindStr {
			continue // no name of an attribute
		}
		s, ok := c.M.Text(items[i], 256)
		if items[i].Kind() != pickle.KindStr {
			return "its state has a computed name" // a str subclass can equal a name that it does not look like
		}
		if !ok {
			if _, n, _, read := c.M.Span(items[i]); !read || n <= 2048 {
				return "a name in its state could not be read"
			}
			continue // longer than any name
		}
		if s == "_response_method" && !c.responseMethod(items[i+1]) {
			return "its state names a method to call that is none of a predictor"
		}
		if hooks[s] || (shadowable()[s] || special(s) && !harmlessSpecial[s]) && !c.inert(items[i+1]) {
			return "its state replaces the method " + s
		}
	}
	return ""
}

// anyState accepts every state but slots whose names are special: (state, slots) is set attribute by attribute.
func anyState(c *Call) string {
	if k := c.State.Kind(); k != pickle.KindTuple && k != pickle.KindRefTuple {
		return ""
	}
	items, more := c.M.Items(c.State)
	if len(items) != 2 || more || items[1].Kind() != pickle.KindDict {
		if more && len(items) <= 2 {
			return "its state lies too far back"
		}
		return ""
	}
	pairs, more := c.M.Items(items[1])
	if more {
		return "its slots cannot be judged"
	}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := c.M.Text(pairs[i], 256)
		if !ok || len(name) > 4 && name[:2] == "__" && name[len(name)-2:] == "__" {
			return "its state sets a special attribute"
		}
	}
	return ""
}

func anything(*Call) string { return "" }

func never(*Call) string { return "it is no callable that a pickle needs to call" }

func none(c *Call) string {
	if len(c.Args) > 0 || c.More {
		return "it takes no arguments"
	}
	return ""
}

func plainOne(c *Call) string {
	if len(c.Args) != 1 || c.More || !plain(c, c.Args[0], 3) {
		return "it takes one plain value"
	}
	return ""
}

// plain reports whether v is a literal or a tuple of literals.
func plain(c *Call, v pickle.Value, depth int) bool {
	if v.IsPlain() {
		return true
	}
	if v.Kind() != pickle.KindTuple || depth == 0 {
		return false
	}
	items, more := c.M.Items(v)
	for _, item := range items {
		if !plain(c, item, depth-1) {
			return false
		}
	}
	return !more
}

// classOf accepts any arguments after n classes that carry the tag.
func classOf(n int, tag string) shape {
	return func(c *Call) string {
		if len(c.Args) < n {
			return "it takes a class"
		}
		for i := range n {
			if !c.allowed(c.Args[i]).Is(tag) {
				return "its class is not known to be harmless here"
			}
			c.take(i)
		}
		return ""
	}
}
