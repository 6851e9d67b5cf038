package torchscript

import (
	"fmt"
	"slices"
	"strings"
)

// program is what the source files of an archive say together.
type program struct {
	ops       map[string]int  // "aten::add" to how often it is mentioned
	classes   map[string]bool // custom C++ classes, "quantized.LinearPackedParamsBase"
	methods   map[string]bool // names of functions and attributes that the archive itself defines
	functions []string        // "__torch__.M.forward", the first maxFunctions
	defs      int             // all of them
	host      []mention       // operators that reach the host, wherever they are named
	loose     []mention       // names of such operators on values of which nothing is known
	roots     []mention       // torch, ops or a namespace of ops used as a value
}

// mention is a place in the source where an operator is named.
type mention struct {
	op     string // "aten::save"
	detail string // its first string argument, decoded
	file   string // member of the archive
	line   int
	in     string // function
}

const (
	maxFunctions = 1000
	maxMentions  = 200
	maxOps       = 20_000
)

func newProgram() *program {
	return &program{ops: map[string]int{}, classes: map[string]bool{}, methods: map[string]bool{}}
}

// maxTokens bounds one function.
const maxTokens = 1 << 19

// read adds one source file. module is the name of what it defines,
// "__torch__.torch.nn.modules.linear".
func (p *program) read(src []byte, file, module string) error {
	lex := lexer{src: src, line: 1}
	r := reader{p: p, file: file, module: module}
	for {
		t, err := lex.next()
		if err != nil {
			return err
		}
		if t.kind == tokEnd || t.kind == tokName && (t.text == "def" || t.text == "class") {
			r.block()
			r.tok = r.tok[:0]
		}
		if t.kind == tokEnd {
			return nil
		}
		if len(r.tok) >= maxTokens {
			return fmt.Errorf("line %d: function of more than %d tokens: %w", t.line, maxTokens, errSource)
		}
		r.tok = append(r.tok, t)
	}
}

// reader walks the tokens of one function, or of a class up to its first.
type reader struct {
	p            *program
	tok          []token
	file, module string
	class, fn    string
}

// is reports whether token i is the given name or operator.
func (r *reader) is(i int, text string) bool {
	return i < len(r.tok) && r.tok[i].kind != tokString && r.tok[i].text == text
}

func (r *reader) kind(i int) tokenKind {
	if i < 0 || i >= len(r.tok) {
		return tokEnd
	}
	return r.tok[i].kind
}

func (r *reader) block() {
	i := 0
	switch {
	case r.is(0, "class") && r.kind(1) == tokName:
		r.class, r.fn = r.tok[1].text, ""
		i = 2
		for j := i; j < len(r.tok); j++ { // attributes: NAME : TYPE
			if r.kind(j) == tokName && r.is(j+1, ":") {
				r.p.methods[r.tok[j].text] = true
			}
		}
	case r.is(0, "def") && r.kind(1) == tokName:
		r.define(r.tok[1].text)
		i = 2
	}
	for i < len(r.tok) {
		switch {
		case r.kind(i) != tokName:
			i++
		case i > 0 && r.is(i-1, "."): // an attribute of something that is no plain name
			r.attribute(r.tok[i].text, i)
			i++
		case r.is(i, "getattr") && r.is(i+1, "("):
			i = r.getattr(i)
		default:
			parts, end := r.chain(i)
			r.resolve(parts, end)
			i = end
		}
	}
}

func (r *reader) define(name string) {
	r.p.methods[name] = true
	r.p.defs++
	r.fn = r.module
	if r.class != "" {
		r.fn += "." + r.class
	}
	r.fn += "." + name
	if len(r.p.functions) < maxFunctions {
		r.p.functions = append(r.p.functions, r.fn)
	}
}

// chain takes NAME(.NAME)* and returns the token after it.
func (r *reader) chain(i int) (parts []string, end int) {
	parts = []string{r.tok[i].text}
	for i++; r.is(i, ".") && r.kind(i+1) == tokName; i += 2 {
		parts = append(parts, r.tok[i+1].text)
	}
	return parts, i
}

// getattr takes getattr(VALUE, "NAME"), which PyTorch resolves when it compiles.
func (r *reader) getattr(i int) int {
	i += 2
	for r.is(i, "(") {
		i++
	}
	if r.kind(i) != tokName {
		// The value is no name: what stands for NAME is judged as an attribute.
		for j := i; j < min(i+64, len(r.tok)); j++ {
			if r.kind(j) == tokString && r.is(j-1, ",") {
				r.attribute(r.tok[j].text, j+1)
			}
		}
		return i
	}
	parts, end := r.chain(i)
	at := end
	for r.is(at, ")") {
		at++
	}
	if !r.is(at, ",") || r.kind(at+1) != tokString {
		r.resolve(parts, end)
		return end
	}
	r.resolve(append(parts, r.tok[at+1].text), at+2)
	return at + 2
}

// resolve says which operator a dotted name means. end is the token after it.
func (r *reader) resolve(parts []string, end int) {
	switch {
	case parts[0] == "torch" && len(parts) == 1, parts[0] == "ops" && len(parts) <= 2:
		// "torch: Tensor" and "torch=x" are names of parameters.
		if !r.is(end, ":") && !r.is(end, "=") {
			r.add(&r.p.roots, strings.Join(parts, "."), end)
		}
	case parts[0] == "torch":
		r.operator("aten", parts[1], end)
	case parts[0] == "ops":
		r.operator(parts[1], parts[2], end)
	case parts[0] == "__torch__" && len(parts) > 4 && parts[1] == "torch" && parts[2] == "classes":
		if len(r.p.classes) < maxOps {
			r.p.classes[strings.Join(parts[3:], ".")] = true
		}
	default:
		for _, name := range parts[1:] {
			r.attribute(name, end)
		}
	}
}

// operator records that an operator is named.
func (r *reader) operator(ns, name string, end int) {
	op := ns + "::" + name
	if _, known := r.p.ops[op]; known || len(r.p.ops) < maxOps {
		r.p.ops[op]++
	}
	if hostOps[op] != "" {
		r.add(&r.p.host, op, end)
	}
}

// attribute records the name of a host operator on a value that is not known: the
// module may hide behind a variable.
func (r *reader) attribute(name string, end int) {
	for op := range hostOps {
		if _, base, _ := strings.Cut(op, "::"); base == name {
			r.add(&r.p.loose, op, end)
			return
		}
	}
}

// add records a mention of op, whose arguments begin at token end.
func (r *reader) add(list *[]mention, op string, end int) {
	if len(*list) >= maxMentions {
		return
	}
	m := mention{op: op, file: r.file, in: r.fn, line: r.tok[min(end, len(r.tok))-1].line}
	for j := end; j < min(end+32, len(r.tok)) && !r.is(j, "="); j++ {
		if r.kind(j) == tokString {
			m.detail = r.tok[j].text
			break
		}
	}
	*list = append(*list, m)
}

// reached lists the operators that reach the host. A name on an unknown value
// counts when the module may hide behind that value: no class of the archive has a
// method of that name, or torch itself is passed around.
func (p *program) reached() []mention {
	list := slices.Clone(p.host)
	for _, m := range p.loose {
		_, base, _ := strings.Cut(m.op, "::")
		if !p.methods[base] || len(p.roots) > 0 {
			list = append(list, m)
		}
	}
	return list
}
