// Package pickle interprets Python pickle streams abstractly: it runs every opcode of protocols 0 to 5 the way CPython's C
// Unpickler (Modules/_pickle.c) does, but on symbolic values, and never imports or calls anything.
//
// For most use cases call [Machine.Run] with a [Visitor]: the machine reports each global that would be imported, each call that
// would be made, and each value that would be changed, in the order in which Python would do it. It draws no conclusions.
//
// # Values
//
// A [Value] is one 64-bit word: a kind and a payload. Literals are not copied: their value is the offset of the opcode that pushed
// them and they are read again on demand ([Machine.Text], [Machine.Bytes]). Containers and call results live in rings of bounded size.
// A record that fell out of its ring is forgotten: its kind (and, for a call result, its callable) is still known, its contents are not,
// and every accessor then says so. Callers must treat "forgotten" as hostile when the contents matter.
//
// # Errors
//
// Python stops at the first error. The machine records an [Issue] and continues with an unknown value, so that it sees at least what
// Python sees: the set of globals equals Python's where Python loads the stream and contains it otherwise. It ends at STOP, at a byte that is no
// opcode, and at the end of the data.
//
// Sources: PEP 307, PEP 3154, PEP 574; CPython 3.14 Lib/pickletools.py (opcode table) and Modules/_pickle.c (behaviour).
package pickle
