package pickle

// GlobalID is the index of an interned (module, name) pair of one run.
type GlobalID uint16

const (
	noGlobal GlobalID = 0xffff // the callable of an object is not a global
	// OverflowGlobal is shared by all globals beyond the limit of distinct names: its name changes with each import, so nothing about it may be cached.
	OverflowGlobal GlobalID = 0xfffe
	maxGlobals              = 60000
	maxGlobalBytes          = 8 << 20
	maxNameLen              = 4096 // a longer module or name is cut there and recorded as an issue
)

// Global is one imported name as the stream spells it: no mapping of Python 2 names, dots kept.
type Global struct {
	Module, Name string
}

// String is module.name.
func (g Global) String() string { return g.Module + "." + g.Name }

type globals struct {
	list     []Global
	makers   []bool // copyreg's functions that make an instance of their first argument
	index    map[string]GlobalID
	overflow Global
	bytes    int
	key      []byte
	// names caches STACK_GLOBAL operands: direct-mapped by the two values.
	names [256]namePair
	pairs bool // names has entries
}

type namePair struct {
	module, name Value
	id           GlobalID
}

func (t *globals) reset() {
	t.list, t.makers = t.list[:0], t.makers[:0]
	if len(t.index) > 64 {
		t.index = nil
	}
	clear(t.index)
	t.bytes = 0
	t.overflow = Global{}
	if t.pairs {
		clear(t.names[:])
		t.pairs = false
	}
}

func (t *globals) get(id GlobalID) Global {
	if int(id) < len(t.list) {
		return t.list[id]
	}
	return t.overflow
}

// intern gives the id of the pair; full reports that the table's limit was reached and the id is [OverflowGlobal].
func (t *globals) intern(module, name []byte) (id GlobalID, full bool) {
	t.key = append(append(append(t.key[:0], module...), 0), name...)
	if id, ok := t.index[string(t.key)]; ok {
		return id, false
	}
	if len(t.list) >= maxGlobals || t.bytes+len(t.key) > maxGlobalBytes {
		t.overflow = Global{string(module), string(name)}
		return OverflowGlobal, true
	}
	if t.index == nil {
		t.index = make(map[string]GlobalID)
	}
	key := string(t.key)
	id = GlobalID(len(t.list))
	t.index[key] = id
	g := Global{key[:len(module)], key[len(module)+1:]}
	t.list = append(t.list, g)
	t.makers = append(t.makers, (g.Module == "copyreg" || g.Module == "copy_reg") &&
		(g.Name == "_reconstructor" || g.Name == "__newobj__" || g.Name == "__newobj_ex__"))
	t.bytes += len(key)
	return id, false
}

// maker reports whether calling the global makes an instance of its first argument, as NEWOBJ does.
func (t *globals) maker(id GlobalID) bool { return int(id) < len(t.makers) && t.makers[id] }
