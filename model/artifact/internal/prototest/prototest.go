// Package prototest writes protocol buffers for tests: valid ones, and those that no
// library would write.
package prototest

import "google.golang.org/protobuf/encoding/protowire"

// Msg is a message under construction; its zero value is an empty one. Methods
// return the longer message, so that calls chain.
type Msg []byte

// Int appends a varint field.
func (m Msg) Int(num int, v int64) Msg {
	return protowire.AppendVarint(protowire.AppendTag(m, protowire.Number(num), protowire.VarintType), uint64(v))
}

// Str appends a string or bytes field.
func (m Msg) Str(num int, s string) Msg {
	return protowire.AppendString(protowire.AppendTag(m, protowire.Number(num), protowire.BytesType), s)
}

// Sub appends a message field.
func (m Msg) Sub(num int, sub Msg) Msg { return m.Str(num, string(sub)) }

// F32 appends a fixed 32-bit field.
func (m Msg) F32(num int, v uint32) Msg {
	return protowire.AppendFixed32(protowire.AppendTag(m, protowire.Number(num), protowire.Fixed32Type), v)
}

// Lie appends a length-delimited field that claims n bytes and has none.
func (m Msg) Lie(num int, n uint64) Msg {
	return protowire.AppendVarint(protowire.AppendTag(m, protowire.Number(num), protowire.BytesType), n)
}

// Raw appends bytes as they are.
func (m Msg) Raw(b ...byte) Msg { return append(m, b...) }
