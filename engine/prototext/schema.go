// Package prototext turns protocol buffers in text form into their binary form, so
// that one reader serves both. The language is that of
// https://protobuf.dev/reference/protobuf/textformat-spec/; what is not in the schema is
// an error, as it is for the official parsers.
package prototext

import (
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Schema is a set of messages and enumerations by name.
type Schema struct {
	messages map[string]*message
	enums    map[string]map[string]int64
}

type message struct {
	name   string
	fields map[string]field
}

type field struct {
	num      protowire.Number
	kind     string // int, uint, sint, bool, enum, f32, f64, fix32, fix64, text, message
	repeated bool
	typ      string // of a message or enum
}

// wire is how the kinds of numbers and texts are encoded.
var wire = map[string]protowire.Type{
	"int": protowire.VarintType, "uint": protowire.VarintType, "sint": protowire.VarintType, "bool": protowire.VarintType, "enum": protowire.VarintType,
	"f32": protowire.Fixed32Type, "fix32": protowire.Fixed32Type, "f64": protowire.Fixed64Type, "fix64": protowire.Fixed64Type,
	"text": protowire.BytesType, "message": protowire.BytesType,
}

// ParseSchema reads the text that bench/formats/textschema.py makes from descriptors.
func ParseSchema(text string) (*Schema, error) {
	s := &Schema{messages: map[string]*message{}, enums: map[string]map[string]int64{}}
	var m *message
	var e map[string]int64
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || f[0] == "#":
			continue
		case f[0] == "message" && len(f) == 2:
			m = &message{f[1], map[string]field{}}
			s.messages[f[1]] = m
			continue
		case f[0] == "enum" && len(f) == 2:
			m, e = nil, map[string]int64{}
			s.enums[f[1]] = e
			continue
		}
		n, err := strconv.ParseInt(f[0], 10, 32)
		switch {
		case err != nil || len(f) < 2 || m == nil && e == nil:
			return nil, fmt.Errorf("schema: line %q", line)
		case m == nil:
			e[f[1]] = n
			continue
		case len(f) < 3:
			return nil, fmt.Errorf("schema: line %q", line)
		}
		x := field{num: protowire.Number(n)}
		x.kind, x.repeated = strings.CutSuffix(f[2], "*")
		if _, ok := wire[x.kind]; !ok {
			return nil, fmt.Errorf("schema: line %q: unknown kind", line)
		}
		if len(f) > 3 {
			x.typ = f[3]
		}
		m.fields[f[1]] = x
	}
	for _, m := range s.messages {
		for name, f := range m.fields {
			if f.kind == "message" && s.messages[f.typ] == nil || f.kind == "enum" && s.enums[f.typ] == nil {
				return nil, fmt.Errorf("schema: %s.%s is a %q, which is not in it", m.name, name, f.typ)
			}
		}
	}
	return s, nil
}
