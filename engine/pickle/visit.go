package pickle

// Site is where in the stream something happens.
type Site struct {
	Op     Opcode
	Offset int64 // of the opcode, in bytes from the start of the data given to Run
}

// Call is one call that Python would make.
type Call struct {
	Callable Value // what is called; for NEWOBJ and NEWOBJ_EX the class whose __new__ runs
	Args     Value // normally a tuple
	Kwargs   Value // NEWOBJ_EX: normally a dict; otherwise None
	Result   Value // the object that stands for the result
}

// Visitor is told what Python would do, in Python's order. Values may be inspected with the machine's methods during the call.
// Embed [Ignore] to implement only some methods.
type Visitor interface {
	// Import: find_class is asked for a global (GLOBAL, INST, STACK_GLOBAL, EXT of a registered code). Repeated for each opcode.
	Import(m *Machine, at Site, id GlobalID)
	// Unresolved: STACK_GLOBAL takes names that are not constant.
	Unresolved(m *Machine, at Site, module, name Value)
	// Call: REDUCE, NEWOBJ, NEWOBJ_EX, OBJ, INST.
	Call(m *Machine, at Site, c Call)
	// Build: BUILD, that is target.__setstate__(state) or attribute assignment.
	Build(m *Machine, at Site, target, state Value)
	// Mutate: APPEND(S), SETITEM(S) or ADDITEMS on something that is not known to be a list, dict or set, respectively; Python calls the target's
	// methods append or extend, __setitem__, add with the items. more reports that there are items beyond those given.
	Mutate(m *Machine, at Site, target Value, items []Value, more bool)
	// Persistent: PERSID, BINPERSID: persistent_load(id). The result stands for the object, for example a global among the parts of id; 0 for an opaque one.
	Persistent(m *Machine, at Site, id Value) Value
	// Extension: EXT1, EXT2, EXT4 with a code that this stream did not register itself.
	Extension(m *Machine, at Site, code int64)
	// Ref: a global becomes data: an element of a container, of a nested tuple, or the result of the stream. v is the global, or a forgotten value that may be one.
	Ref(m *Machine, at Site, v Value)
	// Nested: a string literal begins like a pickle, plain or encoded. Offset and length are those of its raw bytes in the stream.
	Nested(m *Machine, at Site, c Candidate)
}

// Ignore implements [Visitor] and does nothing.
type Ignore struct{}

// Import does nothing.
func (Ignore) Import(*Machine, Site, GlobalID) {}

// Unresolved does nothing.
func (Ignore) Unresolved(*Machine, Site, Value, Value) {}

// Call does nothing.
func (Ignore) Call(*Machine, Site, Call) {}

// Build does nothing.
func (Ignore) Build(*Machine, Site, Value, Value) {}

// Mutate does nothing.
func (Ignore) Mutate(*Machine, Site, Value, []Value, bool) {}

// Persistent does nothing.
func (Ignore) Persistent(*Machine, Site, Value) Value { return 0 }

// Extension does nothing.
func (Ignore) Extension(*Machine, Site, int64) {}

// Ref does nothing.
func (Ignore) Ref(*Machine, Site, Value) {}

// Nested does nothing.
func (Ignore) Nested(*Machine, Site, Candidate) {}

var _ Visitor = Ignore{}
