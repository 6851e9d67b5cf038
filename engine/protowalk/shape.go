package protowalk

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Kind is how a field of a known message is encoded, and how often it may occur.
type Kind uint8

// The kinds. A Many of numbers may be packed.
const (
	Varint Kind = iota + 1
	I32
	I64
	Bytes      // strings, bytes and messages
	Many  Kind = 0x80
)

// Shape says which fields a message has.
type Shape map[protowire.Number]Kind

// Oddity is why a field does not fit the shape of its message.
type Oddity string

// The oddities.
const (
	Unknown  Oddity = "unknown field"   // parsers ignore it: content that nobody sees
	Repeated Oddity = "repeated field"  // parsers take the last one, or merge them
	Mistyped Oddity = "wrong wire type" // parsers treat it as an unknown field
)

// EachOf is [Walker.Each] for a message of a known shape: fields that do not fit it
// go to odd, which may be nil, instead of f. Of a field that occurs too often, the
// repetitions go to both.
func (w *Walker) EachOf(s Span, shape Shape, odd func(Field, Oddity) error, f func(Field) error) error {
	var seen []protowire.Number
	if odd == nil {
		odd = func(Field, Oddity) error { return nil }
	}
	return w.Each(s, func(field Field) error {
		kind, known := shape[field.Num]
		if !known {
			return odd(field, Unknown)
		}
		if !kind.fits(field.Type) {
			return odd(field, Mistyped)
		}
		if kind&Many == 0 {
			if slices.Contains(seen, field.Num) {
				if err := odd(field, Repeated); err != nil {
					return err
				}
			} else {
				seen = append(seen, field.Num)
			}
		}
		return f(field)
	})
}

// Type is the wire type of a kind.
func (k Kind) Type() protowire.Type {
	switch k &^ Many {
	case Varint:
		return protowire.VarintType
	case I32:
		return protowire.Fixed32Type
	case I64:
		return protowire.Fixed64Type
	}
	return protowire.BytesType
}

func (k Kind) fits(t protowire.Type) bool {
	return t == k.Type() || t == protowire.BytesType && k&Many != 0
}
