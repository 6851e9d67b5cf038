// Package strictyaml decodes YAML that people write by hand and programs rely on:
// an unknown key is an error that names the nearest known one, a key given twice is
// an error, and so are anchors, aliases and merge keys, which have no use in a
// configuration and make small files large. What looks like a number stays as it is
// written where text is expected.
package strictyaml

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MaxSize is the longest document that is read, in bytes.
const MaxSize = 1 << 20

// maxDepth bounds nesting; no configuration comes near it.
const maxDepth = 64

// Error is a mistake in the document, at a line and column counted from 1.
type Error struct {
	Line, Col int
	Msg       string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Col, e.Msg) }

// Unmarshal decodes one document into v, a pointer to a struct whose fields carry
// yaml tags. An empty document leaves v as it is.
func Unmarshal(doc []byte, v any) (err error) {
	if len(doc) > MaxSize {
		return fmt.Errorf("%d bytes, at most %d are read", len(doc), MaxSize)
	}
	if err := plausible(doc); err != nil {
		return err
	}
	defer func() {
		// The YAML library is not ours; a configuration must not crash the program.
		if p := recover(); p != nil {
			err = fmt.Errorf("not readable as YAML: %v", p)
		}
	}()
	file, err := parser.ParseBytes(doc, 0)
	if err != nil {
		return short(err)
	}
	var body ast.Node
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if body != nil {
			return at(d.Body, "only one document is allowed")
		}
		body = d.Body
	}
	if body == nil {
		return nil
	}
	if _, ok := body.(*ast.NullNode); ok {
		return nil
	}
	if err := check(body, reflect.TypeOf(v), "", 0); err != nil {
		return err
	}
	dec := yaml.NewDecoder(strings.NewReader(""), yaml.Strict())
	if err := dec.DecodeFromNode(body, v); err != nil && !errors.Is(err, io.EOF) {
		return short(err)
	}
	return nil
}

// plausible refuses what would cost the YAML parser more than a configuration may.
func plausible(doc []byte) error {
	depth := 0
	for i, c := range doc {
		switch c {
		case '[', '{':
			if depth++; depth > 1000 {
				return errors.New("nested too deeply")
			}
		case ']', '}':
			depth--
		case 0:
			return fmt.Errorf("NUL byte at offset %d: not a text file", i)
		}
	}
	return nil
}

// check compares the keys of a node with the fields of the type it is meant for.
func check(n ast.Node, t reflect.Type, path string, depth int) error {
	if depth > maxDepth {
		return at(n, "nested too deeply")
	}
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n := n.(type) {
	case *ast.AliasNode, *ast.AnchorNode:
		return at(n, "anchors and aliases are not supported: write the value out")
	case *ast.TagNode:
		return at(n, "tags are not supported: write the value without it")
	case *ast.MappingNode:
		return checkMapping(n.Values, t, path, depth)
	case *ast.MappingValueNode:
		return checkMapping([]*ast.MappingValueNode{n}, t, path, depth)
	case *ast.SequenceNode:
		var elem reflect.Type
		if t != nil && t.Kind() == reflect.Slice {
			elem = t.Elem()
		}
		for i, v := range n.Values {
			n.Values[i] = asText(v, elem)
			if err := check(v, elem, path, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkMapping(values []*ast.MappingValueNode, t reflect.Type, path string, depth int) error {
	seen := map[string]bool{}
	for _, kv := range values {
		key, ok := kv.Key.(ast.ScalarNode)
		if !ok {
			return at(kv.Key, "merge keys and complex keys are not supported")
		}
		name := fmt.Sprint(key.GetValue())
		if seen[name] {
			return at(kv.Key, fmt.Sprintf("key %q is given twice", path+name))
		}
		seen[name] = true
		var elem reflect.Type
		if t != nil {
			switch t.Kind() {
			case reflect.Struct:
				var known []string
				for f := range t.Fields() {
					tag, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
					known = append(known, tag)
					if tag == name {
						elem = f.Type
					}
				}
				if elem == nil {
					return at(kv.Key, unknown(path, name, known))
				}
			case reflect.Map:
				elem = t.Elem()
			}
		}
		kv.Value = asText(kv.Value, elem)
		if err := check(kv.Value, elem, path+name+".", depth+1); err != nil {
			return err
		}
	}
	return nil
}

// asText keeps what looks like a number as it is written where text is expected: a
// digest of digits only is no number.
func asText(n ast.Node, t reflect.Type) ast.Node {
	if t == nil || t.Kind() != reflect.String {
		return n
	}
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode, *ast.BoolNode:
		return ast.String(n.GetToken())
	}
	return n
}

func unknown(path, name string, known []string) string {
	msg := fmt.Sprintf("unknown key %q", path+name)
	if near := Nearest(name, known); near != "" {
		return msg + fmt.Sprintf("; did you mean %q?", path+near)
	}
	return msg + " (known: " + strings.Join(known, ", ") + ")"
}

func at(n ast.Node, msg string) error {
	e := &Error{Msg: msg}
	if tok := n.GetToken(); tok != nil && tok.Position != nil {
		e.Line, e.Col = tok.Position.Line, tok.Position.Column
	}
	return e
}

// short keeps the first line of the library's error, which goes on to quote the
// document: a configuration may hold what does not belong into a log.
func short(err error) error {
	msg, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(msg)
}
