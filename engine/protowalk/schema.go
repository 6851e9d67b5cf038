package protowalk

import (
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Schema is a set of messages by name, for formats whose messages are too many to
// write down by hand.
type Schema map[string]*Message

// Message is one message of a schema.
type Message struct {
	Name   string
	Fields map[protowire.Number]Info
	shape  Shape
}

// Info is what a schema says about a field.
type Info struct {
	Name string
	Kind Kind
	Type string // of a message field: the message's name
}

// ParseSchema reads the text that bench/formats/schema.py makes from descriptors: a
// line "message NAME", then a line "NUMBER NAME KIND [TYPE]" per field.
func ParseSchema(text string) (Schema, error) {
	s := Schema{}
	var m *Message
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || f[0] == "#":
			continue
		case f[0] == "message" && len(f) == 2:
			m = &Message{Name: f[1], Fields: map[protowire.Number]Info{}, shape: Shape{}}
			s[m.Name] = m
			continue
		case m == nil || len(f) < 3:
			return nil, fmt.Errorf("schema: line %q", line)
		}
		n, err := strconv.Atoi(f[0])
		if err != nil {
			return nil, fmt.Errorf("schema: line %q: %w", line, err)
		}
		name, repeated := strings.CutSuffix(f[2], "*")
		kind, ok := map[string]Kind{"varint": Varint, "i32": I32, "i64": I64, "bytes": Bytes, "message": Bytes}[name]
		if !ok {
			return nil, fmt.Errorf("schema: line %q: unknown kind", line)
		}
		if repeated {
			kind |= Many
		}
		info := Info{Name: f[1], Kind: kind}
		if len(f) > 3 {
			info.Type = f[3]
		}
		m.Fields[protowire.Number(n)] = info
		m.shape[protowire.Number(n)] = kind
	}
	for _, m := range s {
		for _, f := range m.Fields {
			if f.Type != "" && s[f.Type] == nil {
				return nil, fmt.Errorf("schema: %s.%s is a %s, which is not in it", m.Name, f.Name, f.Type)
			}
		}
	}
	return s, nil
}

// Shape returns the message's fields as [Walker.EachOf] takes them.
func (m *Message) Shape() Shape { return m.shape }

// Walk calls f for every field of the message in s.
func (m *Message) Walk(w *Walker, s Span, odd func(Field, Oddity) error, f func(Field, Info) error) error {
	return w.EachOf(s, m.shape, odd, func(field Field) error { return f(field, m.Fields[field.Num]) })
}
