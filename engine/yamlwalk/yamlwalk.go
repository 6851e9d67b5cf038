// Package yamlwalk reads YAML of unknown origin without building what it describes:
// it lists every scalar with its path, tags and place. Anchors, aliases, merge keys
// and several documents are accepted, and none of them is expanded: what an alias
// stands for is listed once, where it is written.
package yamlwalk

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MaxSize is the longest document that is read, in bytes.
const MaxSize = 1 << 20

const (
	maxDepth = 200
	maxOpen  = 1000 // brackets open at once; more would cost the parser too much
)

// Scalar is one value that is no mapping and no sequence.
type Scalar struct {
	Path  string // keys from the outside in, joined by dots; positions in sequences count from 0
	Key   string // the last key; empty for an item of a sequence
	Value string // decoded; of an alias: "*name"
	Tag   string // "!!python/object", "!foo"; empty without one
	Line  int    // from 1
	Text  bool   // it is a string, not a number, boolean or null
}

// Duplicate is a key that its mapping has more than once.
type Duplicate struct {
	Path string
	Line int
}

// Result is what a document holds.
type Result struct {
	Scalars    []Scalar
	Tags       []Scalar // tagged mappings and sequences: Value is empty
	Duplicates []Duplicate
	Documents  int
}

// Read lists the scalars of all documents in doc. An error says that doc is too
// long, too deep or no YAML.
func Read(doc []byte) (res *Result, err error) {
	if len(doc) > MaxSize {
		return nil, fmt.Errorf("%d bytes, at most %d are read", len(doc), MaxSize)
	}
	open := 0
	for i, c := range doc {
		switch c {
		case '[', '{':
			if open++; open > maxOpen {
				return nil, errors.New("nested too deeply")
			}
		case ']', '}':
			open--
		case 0:
			return nil, fmt.Errorf("NUL byte at offset %d: not a text file", i)
		}
	}
	defer func() {
		// The YAML library is not ours.
		if p := recover(); p != nil {
			res, err = nil, fmt.Errorf("not readable as YAML: %v", p)
		}
	}()
	file, err := parser.ParseBytes(doc, 0)
	if err != nil {
		msg, _, _ := strings.Cut(err.Error(), "\n")
		return nil, errors.New(msg)
	}
	w := &walker{}
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		w.res.Documents++
		if err := w.node(d.Body, "", "", "", 0); err != nil {
			return nil, err
		}
	}
	return &w.res, nil
}

type walker struct{ res Result }

func line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

func (w *walker) node(n ast.Node, path, key, tag string, depth int) error {
	if depth > maxDepth {
		return errors.New("nested too deeply")
	}
	switch n := n.(type) {
	case nil:
		return nil
	case *ast.TagNode:
		tag := n.Start.Value
		switch n.Value.(type) {
		case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode, nil:
			w.res.Tags = append(w.res.Tags, Scalar{Path: path, Key: key, Tag: tag, Line: line(n)})
		}
		return w.node(n.Value, path, key, tag, depth+1)
	case *ast.AnchorNode:
		return w.node(n.Value, path, key, tag, depth+1)
	case *ast.AliasNode:
		name := ""
		if n.Value != nil {
			name = n.Value.String()
		}
		w.res.Scalars = append(w.res.Scalars, Scalar{Path: path, Key: key, Value: "*" + name, Tag: tag, Line: line(n)})
		return nil
	case *ast.MappingNode:
		return w.mapping(n.Values, path, depth)
	case *ast.MappingValueNode:
		return w.mapping([]*ast.MappingValueNode{n}, path, depth)
	case *ast.SequenceNode:
		for i, v := range n.Values {
			if err := w.node(v, join(path, fmt.Sprint(i)), "", "", depth+1); err != nil {
				return err
			}
		}
		return nil
	case *ast.LiteralNode:
		w.add(path, key, n.Value.Value, tag, n, true)
		return nil
	case *ast.StringNode:
		w.add(path, key, n.Value, tag, n, true)
		return nil
	case ast.ScalarNode:
		w.add(path, key, fmt.Sprint(n.GetValue()), tag, n, false)
		return nil
	}
	return nil
}

func (w *walker) add(path, key, value, tag string, n ast.Node, text bool) {
	w.res.Scalars = append(w.res.Scalars, Scalar{Path: path, Key: key, Value: value, Tag: tag, Line: line(n), Text: text})
}

func (w *walker) mapping(values []*ast.MappingValueNode, path string, depth int) error {
	seen := map[string]bool{}
	for _, kv := range values {
		name := "<<"
		switch k := kv.Key.(type) {
		case *ast.MergeKeyNode:
		case *ast.StringNode:
			name = k.Value
		case ast.ScalarNode:
			name = fmt.Sprint(k.GetValue())
		default:
			name = kv.Key.String()
			// A key may be anything, and what is in it counts too.
			if k, ok := kv.Key.(*ast.MappingKeyNode); ok && k.Value != nil {
				if err := w.node(k.Value, path, "", "", depth+1); err != nil {
					return err
				}
			}
		}
		if seen[name] && name != "<<" {
			w.res.Duplicates = append(w.res.Duplicates, Duplicate{Path: join(path, name), Line: line(kv.Key)})
		}
		seen[name] = true
		if err := w.node(kv.Value, join(path, name), name, "", depth+1); err != nil {
			return err
		}
	}
	return nil
}

// join bounds paths: what lies deeper than a thousand characters is still listed.
func join(path, step string) string {
	if path == "" {
		return step
	}
	if len(path)+len(step) > 1000 {
		return path
	}
	return path + "." + step
}
