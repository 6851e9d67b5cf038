package skops

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/strictjson"
)

// node is one object of schema.json (skops/io/_audit.py). What it holds is judged
// while it is read; nothing below it is kept but what its parent needs.
type node struct {
	class, module, loader string
	hasClass, hasModule   bool
	isNode                bool
	file                  string // "file": member with the content
	fn                    string // "func" of a MethodNode's content
	obj                   *node  // "obj" of the same
	id                    string // "__id__"
	text                  string // "content" of a JsonNode, undecoded
	path                  string
	attrs                 *node    // "attrs" of an OperatorFuncNode
	words                 []string // strings among the JSON literals below, the first few
	generator             string   // bit generator of a RandomGeneratorNode
	kinds                 []string // of the items of an array or tuple, as [node.kind] says
	state                 []string // kinds of an ObjectNode's content, where that is a tuple of its own
	again                 bool     // its identity is that of a node before, which stands for it
	offset                int
}

func (n *node) name() string { return n.module + "." + n.class }

// reader reads a schema.
type reader struct {
	p        *strictjson.Parser
	visit    func(*node)
	ids      map[string]string // __id__ to loader and type of the first node that has it
	clash    func(n *node, first string)
	cached   []*node
	version  string
	protocol string
	count    int
}

const (
	maxDepth = 2000 // Python's own recursion ends at 1000
	maxWords = 8
	maxKinds = 14 // one more than the longest state that is known
	maxIDs   = 2_000_000
	maxPath  = 200
)

func newReader(doc []byte) *reader {
	return &reader{p: strictjson.New(doc, strictjson.Options{Python: true, Depth: maxDepth}), ids: map[string]string{}}
}

// read calls visit for every node, children first.
func (r *reader) read(visit func(*node), clash func(n *node, first string)) (*node, error) {
	r.visit, r.clash = visit, clash
	root, err := r.value("")
	if err == nil {
		err = r.p.End()
	}
	if err == nil && len(r.p.Duplicates) > 0 {
		d := r.p.Duplicates[0]
		err = fmt.Errorf("key %q is given twice (byte %d): readers differ in which one counts", d.Key, d.Offset)
	}
	if err == nil && (root == nil || !root.isNode) {
		err = errors.New("schema.json is no tree of skops: the root has no __loader__")
	}
	for _, n := range r.cached {
		if err == nil && (n.id == "" || r.ids[n.id] == "") {
			err = fmt.Errorf("cached node at %s refers to object %q, which there is not", n.path, n.id)
		}
	}
	return root, err
}

func (r *reader) value(path string) (*node, error) {
	switch r.p.Kind() {
	case strictjson.Object:
		return r.object(path)
	case strictjson.Array:
		sum := &node{path: path}
		err := r.p.Array(func(i int) error {
			child, err := r.value(extend(path, fmt.Sprint(i)))
			sum.adopt(child)
			if len(sum.kinds) < maxKinds {
				sum.kinds = append(sum.kinds, child.kind())
			}
			return err
		})
		return sum, err
	case strictjson.String:
		_, err := r.p.Text()
		return nil, err
	}
	return nil, r.p.Skip()
}

func extend(path, step string) string {
	if len(path)+len(step) >= maxPath {
		return path
	}
	if path == "" {
		return step
	}
	return path + "." + step
}

// adopt keeps of a child what a parent may need.
func (n *node) adopt(child *node) {
	if child == nil {
		return
	}
	for _, w := range child.words {
		if len(n.words) < maxWords {
			n.words = append(n.words, w)
		}
	}
}

// kind tells what an item of a state is: "number", "null", "array", "object" with its
// type, or "".
func (n *node) kind() string {
	switch {
	case n == nil || !n.isNode:
	case n.loader == "JsonNode" && n.text == "null":
		return "null"
	case n.loader == "JsonNode" && n.text != "" && strings.Trim(n.text, "0123456789.eE+-") == "":
		return "number"
	case n.loader == "NdArrayNode" && n.name() == "numpy.ndarray":
		return "array"
	case n.loader == "ObjectNode":
		return "object " + n.name()
	}
	return ""
}

func (r *reader) object(path string) (*node, error) {
	n := &node{path: path, offset: r.p.Offset()}
	var content *node
	err := r.p.Object(func(k []byte, _ int) error {
		key := string(k)
		text := func(into *string) error {
			if r.p.Kind() != strictjson.String {
				return fmt.Errorf("%s of the node at %q is no string", key, path)
			}
			s, err := r.p.Text()
			*into = s
			return err
		}
		switch key {
		case "__class__":
			n.hasClass = true
			return text(&n.class)
		case "__module__":
			n.hasModule = true
			return text(&n.module)
		case "__loader__":
			n.isNode = true
			return text(&n.loader)
		case "file":
			if r.p.Kind() == strictjson.String {
				return text(&n.file)
			}
		case "func":
			if r.p.Kind() == strictjson.String {
				return text(&n.fn)
			}
		case "_skops_version":
			if r.p.Kind() == strictjson.String {
				return text(&r.version)
			}
		case "protocol":
			if r.p.Kind() == strictjson.Number {
				s, err := r.p.Number()
				r.protocol = s
				return err
			}
		case "__id__":
			if r.p.Kind() == strictjson.Number {
				s, err := r.p.Number()
				n.id = s
				return err
			}
		case "content":
			if r.p.Kind() == strictjson.String {
				return text(&n.text)
			}
		}
		below := extend(path, key)
		if key == "content" {
			below = path
		}
		child, err := r.value(below)
		n.adopt(child)
		switch {
		case child == nil:
		case key == "content":
			content = child
		case key == "obj":
			n.obj = child
		case key == "attrs":
			n.attrs = child
		case key == "bit_generator":
			n.generator = child.generator
			if len(child.words) > 0 && child.loader == "JsonNode" {
				n.generator = child.words[0]
			}
		}
		return err
	})
	if err != nil {
		return n, err
	}
	if content != nil {
		switch {
		case !content.isNode: // an array
			n.kinds = content.kinds
		case content.loader == "TupleNode" && content.name() == "builtins.tuple" && !content.again:
			n.state = content.kinds
		}
		if n.fn == "" {
			n.fn = content.fn
		}
		if n.obj == nil {
			n.obj = content.obj
		}
		if n.generator == "" {
			n.generator = content.generator
		}
	}
	if n.loader == "JsonNode" {
		if s, ok := literal(n.text); ok {
			n.words = []string{s}
		}
	}
	if n.isNode {
		r.count++
		r.visit(n)
		r.remember(n)
	}
	return n, nil
}

// remember keeps the identity of a node. skops takes every later node of the same
// __id__ for the first, whatever it says itself.
func (r *reader) remember(n *node) {
	if n.loader == "CachedNode" {
		if len(r.cached) < maxIDs {
			r.cached = append(r.cached, &node{id: n.id, path: n.path, loader: n.loader})
		}
		return
	}
	if n.id == "" {
		return
	}
	if len(r.ids) >= maxIDs {
		n.again = true // or not: nobody remembers
		return
	}
	what := n.loader + " " + n.name()
	if first, seen := r.ids[n.id]; !seen {
		r.ids[n.id] = what
	} else if n.again = true; first != what {
		r.clash(n, first)
	}
}

// literal decodes the JSON string that a JsonNode holds.
func literal(text string) (string, bool) {
	p := strictjson.New([]byte(text), strictjson.Options{Python: true})
	if p.Kind() != strictjson.String {
		return "", false
	}
	s, err := p.Text()
	return s, err == nil
}

//go:embed types.txt
var typesText string

// harmless is the table types.txt: "object sklearn.pipeline.Pipeline".
var harmless = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(typesText) {
		m[strings.TrimSpace(line)] = true
	}
	return m
})
