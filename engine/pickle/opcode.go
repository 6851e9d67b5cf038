package pickle

// Opcode is one byte of a pickle stream that the Unpickler dispatches on.
type Opcode byte

// The 68 opcodes of protocols 0 to 5 (CPython Lib/pickletools.py).
const (
	MARK            Opcode = '('
	STOP            Opcode = '.'
	POP             Opcode = '0'
	POPMARK         Opcode = '1'
	DUP             Opcode = '2'
	FLOAT           Opcode = 'F'
	INT             Opcode = 'I'
	BININT          Opcode = 'J'
	BININT1         Opcode = 'K'
	LONG            Opcode = 'L'
	BININT2         Opcode = 'M'
	NONE            Opcode = 'N'
	PERSID          Opcode = 'P'
	BINPERSID       Opcode = 'Q'
	REDUCE          Opcode = 'R'
	STRING          Opcode = 'S'
	BINSTRING       Opcode = 'T'
	SHORTBINSTRING  Opcode = 'U'
	UNICODE         Opcode = 'V'
	BINUNICODE      Opcode = 'X'
	APPEND          Opcode = 'a'
	BUILD           Opcode = 'b'
	GLOBAL          Opcode = 'c'
	DICT            Opcode = 'd'
	EMPTYDICT       Opcode = '}'
	APPENDS         Opcode = 'e'
	GET             Opcode = 'g'
	BINGET          Opcode = 'h'
	INST            Opcode = 'i'
	LONGBINGET      Opcode = 'j'
	LIST            Opcode = 'l'
	EMPTYLIST       Opcode = ']'
	OBJ             Opcode = 'o'
	PUT             Opcode = 'p'
	BINPUT          Opcode = 'q'
	LONGBINPUT      Opcode = 'r'
	SETITEM         Opcode = 's'
	TUPLE           Opcode = 't'
	EMPTYTUPLE      Opcode = ')'
	SETITEMS        Opcode = 'u'
	BINFLOAT        Opcode = 'G'
	PROTO           Opcode = 0x80
	NEWOBJ          Opcode = 0x81
	EXT1            Opcode = 0x82
	EXT2            Opcode = 0x83
	EXT4            Opcode = 0x84
	TUPLE1          Opcode = 0x85
	TUPLE2          Opcode = 0x86
	TUPLE3          Opcode = 0x87
	NEWTRUE         Opcode = 0x88
	NEWFALSE        Opcode = 0x89
	LONG1           Opcode = 0x8a
	LONG4           Opcode = 0x8b
	BINBYTES        Opcode = 'B'
	SHORTBINBYTES   Opcode = 'C'
	SHORTBINUNICODE Opcode = 0x8c
	BINUNICODE8     Opcode = 0x8d
	BINBYTES8       Opcode = 0x8e
	EMPTYSET        Opcode = 0x8f
	ADDITEMS        Opcode = 0x90
	FROZENSET       Opcode = 0x91
	NEWOBJEX        Opcode = 0x92
	STACKGLOBAL     Opcode = 0x93
	MEMOIZE         Opcode = 0x94
	FRAME           Opcode = 0x95
	BYTEARRAY8      Opcode = 0x96
	NEXTBUFFER      Opcode = 0x97
	READONLYBUFFER  Opcode = 0x98
	highestProtocol        = 5
)

// String gives the name that pickletools uses, or "0xNN" for a byte that is no opcode.
func (op Opcode) String() string {
	if name := opcodeName(op); name != "" {
		return name
	}
	const hex = "0123456789abcdef"
	return "0x" + string([]byte{hex[op>>4], hex[op&15]})
}

// Known reports whether the byte is an opcode of protocols 0 to 5.
func (op Opcode) Known() bool { return opcodeName(op) != "" }

// opcodeName is a switch and not a map: it costs nothing at start-up.
func opcodeName(op Opcode) string {
	switch op {
	case MARK:
		return "MARK"
	case STOP:
		return "STOP"
	case POP:
		return "POP"
	case POPMARK:
		return "POP_MARK"
	case DUP:
		return "DUP"
	case FLOAT:
		return "FLOAT"
	case INT:
		return "INT"
	case BININT:
		return "BININT"
	case BININT1:
		return "BININT1"
	case LONG:
		return "LONG"
	case BININT2:
		return "BININT2"
	case NONE:
		return "NONE"
	case PERSID:
		return "PERSID"
	case BINPERSID:
		return "BINPERSID"
	case REDUCE:
		return "REDUCE"
	case STRING:
		return "STRING"
	case BINSTRING:
		return "BINSTRING"
	case SHORTBINSTRING:
		return "SHORT_BINSTRING"
	case UNICODE:
		return "UNICODE"
	case BINUNICODE:
		return "BINUNICODE"
	case APPEND:
		return "APPEND"
	case BUILD:
		return "BUILD"
	case GLOBAL:
		return "GLOBAL"
	case DICT:
		return "DICT"
	case EMPTYDICT:
		return "EMPTY_DICT"
	case APPENDS:
		return "APPENDS"
	case GET:
		return "GET"
	case BINGET:
		return "BINGET"
	case INST:
		return "INST"
	case LONGBINGET:
		return "LONG_BINGET"
	case LIST:
		return "LIST"
	case EMPTYLIST:
		return "EMPTY_LIST"
	case OBJ:
		return "OBJ"
	case PUT:
		return "PUT"
	case BINPUT:
		return "BINPUT"
	case LONGBINPUT:
		return "LONG_BINPUT"
	case SETITEM:
		return "SETITEM"
	case TUPLE:
		return "TUPLE"
	case EMPTYTUPLE:
		return "EMPTY_TUPLE"
	case SETITEMS:
		return "SETITEMS"
	case BINFLOAT:
		return "BINFLOAT"
	}
	return opcodeName2(op)
}

// opcodeName2 names the opcodes of protocol 2 and later.
func opcodeName2(op Opcode) string {
	switch op {
	case PROTO:
		return "PROTO"
	case NEWOBJ:
		return "NEWOBJ"
	case EXT1:
		return "EXT1"
	case EXT2:
		return "EXT2"
	case EXT4:
		return "EXT4"
	case TUPLE1:
		return "TUPLE1"
	case TUPLE2:
		return "TUPLE2"
	case TUPLE3:
		return "TUPLE3"
	case NEWTRUE:
		return "NEWTRUE"
	case NEWFALSE:
		return "NEWFALSE"
	case LONG1:
		return "LONG1"
	case LONG4:
		return "LONG4"
	case BINBYTES:
		return "BINBYTES"
	case SHORTBINBYTES:
		return "SHORT_BINBYTES"
	case SHORTBINUNICODE:
		return "SHORT_BINUNICODE"
	case BINUNICODE8:
		return "BINUNICODE8"
	case BINBYTES8:
		return "BINBYTES8"
	case EMPTYSET:
		return "EMPTY_SET"
	case ADDITEMS:
		return "ADDITEMS"
	case FROZENSET:
		return "FROZENSET"
	case NEWOBJEX:
		return "NEWOBJ_EX"
	case STACKGLOBAL:
		return "STACK_GLOBAL"
	case MEMOIZE:
		return "MEMOIZE"
	case FRAME:
		return "FRAME"
	case BYTEARRAY8:
		return "BYTEARRAY8"
	case NEXTBUFFER:
		return "NEXT_BUFFER"
	case READONLYBUFFER:
		return "READONLY_BUFFER"
	}
	return ""
}
