package python

import (
	"slices"
	"strings"
	"sync"
)

// MaxSize is the size in bytes beyond which a file is not parsed: its tree is an
// empty module with an error.
const MaxSize = 64 << 20

// maxNodes is where the parser stops between two statements: 640 MB.
const maxNodes = 1 << 25

// giant is the number of nodes from which buffers are given to the tree instead of
// being copied and kept for the next file.
const giant = 1 << 20

// parsers keeps the buffers of finished parsers.
var parsers = sync.Pool{New: func() any { return new(parser) }}

// Parse parses a Python file of any version from 3.8 to 3.14, and of Python 2 as far
// as it can. It always returns a tree: what is not Python is left out and recorded
// in [Tree.Errors]. It takes time and memory in proportion to the size of src and
// does not keep src.
func Parse(src []byte) *Tree {
	text, encErr := decode(src)
	p := parsers.Get().(*parser)
	p.reset(text)
	if encErr != nil {
		p.record(encErr.Offset, encErr.Message)
	}
	module := p.file()
	t := &Tree{
		src:      text,
		nodes:    p.nodes,
		extra:    p.extra,
		names:    slices.Clone(p.lex.in.names),
		lines:    lineStarts(text),
		comments: slices.Clone(p.lex.comments),
		errors:   slices.Clone(p.errors),
		nerr:     p.nerr,
		module:   module,
	}
	slices.SortStableFunc(t.errors, func(a, b SyntaxError) int { return a.Offset - b.Offset })
	for i := range t.errors {
		e := &t.errors[i]
		e.Line, e.Column = t.Position(e.Offset)
	}
	if cap(p.nodes) < giant {
		t.nodes, t.extra = slices.Clone(p.nodes), slices.Clone(p.extra)
		p.release()
		parsers.Put(p)
	}
	return t
}

func (p *parser) reset(text string) {
	p.lex = lexer{
		src: text, toks: p.lex.toks[:0], in: p.lex.in, comments: p.lex.comments[:0],
		indents: append(p.lex.indents[:0], indent{}),
		parens:  p.lex.parens[:0], opened: p.lex.opened[:0],
		hasCR:  strings.IndexByte(text, '\r') >= 0,
		report: p.record,
	}
	p.lex.in.reset()
	if n := len(text) / 12; n >= giant {
		p.nodes = make([]node, 0, n)
	}
	p.nodes = append(p.nodes[:0], node{})
	p.extra = append(p.extra[:0], 0)
	p.stack, p.errors = p.stack[:0], p.errors[:0]
	p.again = 4 * len(text)
	p.nerr, p.failed, p.quiet, p.depth, p.chain, p.lastEnd = 0, false, false, 0, 0, 0
}

// release drops the references to the text.
func (p *parser) release() {
	clear(p.lex.in.names)
	clear(p.errors)
	p.lex.src, p.lex.report = "", nil
}

// file parses the module.
func (p *parser) file() Node {
	p.nextLine()
	for p.t.kind != tEOF {
		if p.t.kind == tDedent {
			p.skipDent()
			continue
		}
		p.statement()
		if len(p.nodes) > maxNodes {
			p.record(p.lex.pos, "file is too large: the rest is left out")
			break
		}
	}
	p.future()
	n := int32(len(p.stack))
	m := p.add(KindModule, 0, p.take(0), n)
	p.nodes[m].end = int32(len(p.lex.src))
	return m
}

// future checks the imports from __future__ at the top, as CPython's parser does.
func (p *parser) future() {
	for i, n := range p.stack {
		v := &p.nodes[n]
		if v.kind == KindExpr && i == 0 && p.nodes[v.a].kind == KindConstant {
			continue
		}
		if v.kind != KindImportFrom || p.lex.in.names[v.a] != "__future__" || p.extra[v.b] != 0 {
			return
		}
		for _, a := range p.extra[v.b+2 : v.b+2+int32(p.extra[v.b+1])] {
			switch name := p.lex.in.names[p.nodes[a].a]; name {
			case "nested_scopes", "generators", "division", "absolute_import", "with_statement", "print_function",
				"unicode_literals", "barry_as_FLUFL", "generator_stop", "annotations":
			default:
				p.record(int(v.start), "future feature "+name+" is not defined")
			}
		}
	}
}

// lineStarts returns the offset of every line; \n, \r\n and \r end a line.
func lineStarts(s string) []int32 {
	lines := make([]int32, 1, 1+strings.Count(s, "\n")+1)
	if strings.IndexByte(s, '\r') >= 0 {
		for i := 0; i < len(s); i++ {
			if s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
			if s[i] == '\n' || s[i] == '\r' {
				lines = append(lines, int32(i+1))
			}
		}
		return lines
	}
	for i := 0; ; {
		n := strings.IndexByte(s[i:], '\n')
		if n < 0 {
			return lines
		}
		i += n + 1
		lines = append(lines, int32(i))
	}
}
