package prototext

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	official "google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

const small = `
message M
1 n int
2 s text
3 m message M
4 many int*
5 f f32
6 d f64
7 b bool
8 e enum E
9 u uint
10 z sint
11 ms message* M
12 x fix32
13 y fix64
14 texts text*
enum E
0 NONE
3 THREE
`

func parse(t testing.TB, text string) *Schema {
	t.Helper()
	s, err := ParseSchema(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func binary(s *Schema, root, text string, lim Limits) ([]byte, error) {
	return Binary(context.Background(), strings.NewReader(text), int64(len(text)), s, root, lim)
}

func varint(num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), v)
}

func str(num protowire.Number, v string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, num, protowire.BytesType), v)
}

func TestForms(t *testing.T) {
	s := parse(t, small)
	long := strings.Repeat("x", 300)
	for text, want := range map[string][]byte{
		"":                                   {},
		"# only a comment":                   {},
		"n: 5":                               varint(1, 5),
		"n:-1;":                              varint(1, 1<<64-1),
		"n : 0x10 , # sixteen\n":             varint(1, 16),
		"n: 010":                             varint(1, 8),
		"u: 18446744073709551615":            varint(9, 1<<64-1),
		"z: - 1":                             varint(10, 1),
		`s: "a" 'b"' "\n\t\\\x41\101\u00e9"`: str(2, "ab\"\n\t\\AA\u00e9"),
		`s: ""`:                              str(2, ""),
		`s: "` + long + `"`:                  str(2, long),
		"m { n: 1 }":                         str(3, string(varint(1, 1))),
		"m: < n: 1 >":                        str(3, string(varint(1, 1))),
		"m { m { m {} } }":                   str(3, string(str(3, string(str(3, ""))))),
		"m { s: '" + long + "' }":            str(3, string(str(2, long))),
		"many: [1, 2]":                       append(varint(4, 1), varint(4, 2)...),
		"many: []":                           {},
		"many: 1 many: 2":                    append(varint(4, 1), varint(4, 2)...),
		"ms: [{n: 1}, <>]":                   append(str(11, string(varint(1, 1))), str(11, "")...),
		"ms {} ms {}":                        append(str(11, ""), str(11, "")...),
		"texts: ['a' 'b', 'c']":              append(str(14, "ab"), str(14, "c")...),
		"b: true":                            varint(7, 1),
		"b: f":                               varint(7, 0),
		"e: THREE":                           varint(8, 3),
		"e: 3":                               varint(8, 3),
		"f: 1.5":                             {0x2d, 0, 0, 0xc0, 0x3f},
		"f: -inf":                            {0x2d, 0, 0, 0x80, 0xff},
		"f: 15e-1f":                          {0x2d, 0, 0, 0xc0, 0x3f},
		"f: 1e99":                            {0x2d, 0, 0, 0x80, 0x7f},
		"d: .5":                              {0x31, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f},
		"x: 1":                               {0x65, 1, 0, 0, 0},
		"y: -1":                              {0x69, 255, 255, 255, 255, 255, 255, 255, 255},
		"n: 1 n: 2":                          append(varint(1, 1), varint(1, 2)...), // the reader of the binary form says so
	} {
		got, err := binary(s, "M", text, Limits{})
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%.40q gives %x %v, want %x", text, got, err, want)
		}
	}
}

func TestErrors(t *testing.T) {
	s := parse(t, small)
	for _, text := range []string{
		"q: 1", "n", "n 1", "n:", "n: a", "n: 'a'", "n: 99999999999999999999", "n: 1_0", "n: 0b1", "u: -1", "s: 1", "s: 'a", "s: 'a\n'", `s: '\q'`,
		`s: '\x'`, `s: '\u12'`, `s: '\U00110000'`, `s: "\`, "m {", "m { n: 1", "m }", "m: 1", "}", "n: [1]", "many: [1", "many: [1 2]", "many: [1,]",
		"b: 2", "b: -1", "e: FOUR", "f: 0x1p3", "f: abc", "[type.googleapis.com/x] {}", "m { n: 1 >", "\x00", "n: 1 \xff",
	} {
		if got, err := binary(s, "M", text, Limits{}); err == nil {
			t.Errorf("%q gives %x", text, got)
		}
	}
	for text, lim := range map[string]Limits{
		strings.Repeat("m {", 200):              {},
		"s: '" + strings.Repeat("x", 2000):      {Binary: 1000},
		strings.Repeat("m { ", 5):               {Depth: 4},
		strings.Repeat("n: 1 ", 600):            {Binary: 1000},
		"s: " + strings.Repeat("'xxxxx' ", 300): {Binary: 1000},
		strings.Repeat("n", 5000) + ": 1":       {},
	} {
		if _, err := binary(s, "M", text, lim); !errors.Is(err, ErrLimit) {
			t.Errorf("%.20q: %v, want a limit", text, err)
		}
	}
	if _, err := binary(s, "N", "", Limits{}); err == nil {
		t.Error("a message that is not in the schema")
	}
	for _, text := range []string{"1 n int", "message M\n1 n", "message M\nx n int", "message M\n1 n what", "message M\n1 n message N", "message M\n1 n enum N"} {
		if _, err := ParseSchema(text); err == nil {
			t.Errorf("schema %q is accepted", text)
		}
	}
}

// What comes before an error is there, whole.
func TestWhatComesBeforeAnError(t *testing.T) {
	got, err := binary(parse(t, small), "M", "n: 1 m { s: 'a' ms { n: 2 q: 3 } } n: 4", Limits{})
	want := append(varint(1, 1), str(3, string(append(str(2, "a"), str(11, string(varint(1, 2)))...)))...)
	if err == nil || !bytes.Equal(got, want) {
		t.Errorf("%x %v, want %x", got, err, want)
	}
	var at *Error
	if !errors.As(err, &at) || at.Line != 1 {
		t.Errorf("%v says no line", err)
	}
}

// describe writes the schema of a message as bench/formats/textschema.py does.
func describe(root protoreflect.MessageDescriptor) string {
	var b strings.Builder
	enums := map[protoreflect.FullName]protoreflect.EnumDescriptor{}
	seen := map[protoreflect.FullName]bool{}
	queue := []protoreflect.MessageDescriptor{root}
	for len(queue) > 0 {
		m := queue[0]
		if queue = queue[1:]; seen[m.FullName()] {
			continue
		}
		seen[m.FullName()] = true
		fmt.Fprintln(&b, "message", m.FullName())
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			kind := map[protoreflect.Kind]string{protoreflect.BoolKind: "bool", protoreflect.EnumKind: "enum", protoreflect.MessageKind: "message", protoreflect.StringKind: "text",
				protoreflect.BytesKind: "text", protoreflect.DoubleKind: "f64", protoreflect.Uint64Kind: "uint"}[f.Kind()]
			if kind == "" {
				kind = "int"
			}
			typ := ""
			if f.Message() != nil {
				typ = string(f.Message().FullName())
				queue = append(queue, f.Message())
			}
			if f.Enum() != nil {
				typ = string(f.Enum().FullName())
				enums[f.Enum().FullName()] = f.Enum()
			}
			if f.IsList() {
				kind += "*"
			}
			fmt.Fprintln(&b, f.Number(), f.Name(), kind, typ)
		}
	}
	for name, e := range enums {
		fmt.Fprintln(&b, "enum", name)
		for i := range e.Values().Len() {
			fmt.Fprintln(&b, e.Values().Get(i).Number(), e.Values().Get(i).Name())
		}
	}
	return b.String()
}

// The official parser and this one agree on a real message: the description of
// descriptions.
func TestOfficial(t *testing.T) {
	want := protodesc.ToFileDescriptorProto(descriptorpb.File_google_protobuf_descriptor_proto)
	want.Name = proto.String("odd \x01\"'\\\n\u00e9\U0001f600 name")
	s := parse(t, describe(want.ProtoReflect().Descriptor()))
	for _, o := range []official.MarshalOptions{{}, {Multiline: true}} {
		text, err := o.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		b, err := binary(s, "google.protobuf.FileDescriptorProto", string(text), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got := &descriptorpb.FileDescriptorProto{}
		if err := proto.Unmarshal(b, got); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(want, got) {
			t.Error("the official parser gives another message")
		}
	}
}

const sample = `n: -5 s: "a\x01" 'b' m { ms: [{ n: 1 }, <f: -1.5e3>] } many: [1, 0x2, 03] e: THREE b: true y: 7 # end`

// Every cut gives an error or a message that is whole.
func TestTruncation(t *testing.T) {
	s := parse(t, small)
	for n := range len(sample) {
		b, _ := binary(s, "M", sample[:n], Limits{})
		whole(t, b, sample[:n])
	}
}

func TestMutation(t *testing.T) {
	s, rng := parse(t, small), rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		b := []byte(sample)
		for range 1 + rng.IntN(4) {
			b[rng.IntN(len(b))] = "{}[]<>:\"'\\0-x,;#\n\xff"[rng.IntN(18)]
		}
		out, _ := binary(s, "M", string(b), Limits{})
		whole(t, out, string(b))
	}
}

func whole(t *testing.T, b []byte, of string) {
	t.Helper()
	for len(b) > 0 {
		_, _, n := protowire.ConsumeField(b)
		if n < 0 {
			t.Fatalf("%q gives a message that is cut: %x", of, b)
		}
		b = b[n:]
	}
}

func TestReaderThatFails(t *testing.T) {
	want := errors.New("broken")
	_, err := Binary(context.Background(), io.MultiReader(strings.NewReader("n: 1 s: 'a"), broken{want}), 100, parse(t, small), "M", Limits{})
	if !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Binary(ctx, strings.NewReader(strings.Repeat("n: 1 ", 10_000)), 100, parse(t, small), "M", Limits{})
	if d := cmp.Diff(true, errors.Is(err, context.Canceled)); d != "" {
		t.Errorf("a walk goes on after its end: %v", err)
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func FuzzBinary(f *testing.F) {
	s := parse(f, small)
	f.Add(sample)
	f.Fuzz(func(t *testing.T, text string) {
		b, _ := binary(s, "M", text, Limits{Binary: 1 << 16})
		whole(t, b, text)
	})
}
