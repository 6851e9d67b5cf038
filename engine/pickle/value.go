package pickle

// Value is one symbolic value: an 8-bit [Kind] and a 56-bit payload whose meaning the kind gives. It is valid only together with the
// [Machine] that made it, until that machine's next Run.
type Value uint64

// Kind classifies a [Value].
type Kind uint8

// The kinds of values. Literals come first and stay contiguous (see isPlain).
const (
	KindAbsent     Kind = iota // no value: an empty memo slot
	KindNone                   // None
	KindBool                   // True, False; payload 0 or 1
	KindInt                    // an int that fits 56 bits; payload two's complement
	KindBigInt                 // a larger int; payload: offset of its opcode
	KindFloat                  // a float; payload: offset of its opcode
	KindStr                    // a str literal (also Python 2 strings); payload: offset of its opcode
	KindBytes                  // a bytes literal; payload: offset of its opcode
	KindByteArray              // a bytearray literal; payload: offset of its opcode
	KindBuffer                 // an out-of-band buffer
	KindEmptyTuple             // ()
	KindTuple                  // a tuple without a global among its direct elements; payload: cell
	KindRefTuple               // a tuple with a global among its direct elements; payload: cell
	KindList                   // a list; payload: cell
	KindDict                   // a dict; payload: cell
	KindSet                    // a set; payload: cell
	KindFrozenSet              // a frozenset; payload: cell
	KindGlobal                 // an imported global; payload: [GlobalID]
	KindObject                 // the result of a call; payload: GlobalID of the callable, record
	KindPersistent             // what a persistent_load hook returns; payload: record
	KindExtension              // an unregistered copyreg extension code; payload: the code
	KindForgotten              // a value that fell out of bounded memory
	KindUnknown                // the result of an operation that fails in Python
)

// String names the kind for messages.
func (k Kind) String() string {
	names := [...]string{"absent", "None", "bool", "int", "int", "float", "str", "bytes", "bytearray", "buffer", "tuple", "tuple", "tuple",
		"list", "dict", "set", "frozenset", "global", "object", "persistent object", "extension object", "forgotten value", "unknown value"}
	if int(k) < len(names) {
		return names[k]
	}
	return "invalid value"
}

const (
	payloadBits = 56
	payloadMask = 1<<payloadBits - 1
	offsetMask  = 1<<48 - 1
	recordBits  = 40
	recordMask  = 1<<recordBits - 1
	minSmallInt = -(1 << (payloadBits - 1))
	maxSmallInt = 1<<(payloadBits-1) - 1
)

const (
	valueNone       = Value(KindNone) << payloadBits
	valueFalse      = Value(KindBool) << payloadBits
	valueTrue       = valueFalse | 1
	valueEmptyTuple = Value(KindEmptyTuple) << payloadBits
	valueBuffer     = Value(KindBuffer) << payloadBits
	valueForgotten  = Value(KindForgotten) << payloadBits
	// valueForgottenData is forgotten too, but certainly neither a global nor a tuple with one.
	valueForgottenData = valueForgotten | 1
	valueUnknown       = Value(KindUnknown) << payloadBits
)

func mk(k Kind, payload uint64) Value { return Value(k)<<payloadBits | Value(payload&payloadMask) }

func mkInt(n int64) Value { return mk(KindInt, uint64(n)) }

func mkAt(k Kind, off int64) Value { return mk(k, uint64(off)&offsetMask) }

func mkObject(g GlobalID, rec uint64) Value {
	return mk(KindObject, uint64(g)<<recordBits|rec&recordMask)
}

// Kind gives the kind of v.
func (v Value) Kind() Kind { return Kind(v >> payloadBits) }

func (v Value) payload() uint64 { return uint64(v) & payloadMask }

// Global gives the id of an imported global; ok is false for every other kind.
func (v Value) Global() (id GlobalID, ok bool) {
	return GlobalID(v.payload() & 0xffff), v.Kind() == KindGlobal
}

// Int gives the value of a bool or small int; ok is false for every other kind.
func (v Value) Int() (n int64, ok bool) {
	switch v.Kind() {
	case KindBool:
		return int64(v.payload()), true
	case KindInt:
		return int64(uint64(v)<<8) >> 8, true
	}
	return 0, false
}

// Offset is the position of the opcode that pushed a literal held by reference; -1 for other values.
func (v Value) Offset() int64 {
	switch v.Kind() {
	case KindBigInt, KindFloat, KindStr, KindBytes, KindByteArray:
		return int64(v.payload() & offsetMask)
	}
	return -1
}

// ResultOf gives the global whose call made this object: the class of an instance (also of one made by copyreg._reconstructor and its like), or
// the function. ok is false if v is no call result or its callable is no global.
func (v Value) ResultOf() (id GlobalID, ok bool) {
	if v.Kind() != KindObject {
		return 0, false
	}
	id = GlobalID(v.payload() >> recordBits)
	return id, id != noGlobal
}

// IsPlain reports whether v is immutable data in which no global, object or container can hide.
func (v Value) IsPlain() bool {
	k := v.Kind()
	return k >= KindNone && k <= KindEmptyTuple
}
