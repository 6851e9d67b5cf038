package python

import (
	"iter"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Node is a node of one [Tree]: an index into it. 0 is no node.
type Node int32

// node is what is stored of every node, 20 bytes. The meaning of a and b depends
// on the kind; view.go has the layouts.
type node struct {
	start, end int32 // byte offsets
	a, b       int32
	kind       Kind
	op         uint8 // Op, Const or conversion
	ctx        Context
	flag       uint8
}

// Flags of nodes.
const (
	flagU       uint8 = 1 << iota // Constant: the first string has the prefix u
	flagSimple                    // AnnAssign: the target is a bare name
	flagAsync                     // comprehension
	flagPython2                   // made from syntax of Python 2
)

// Tree is a parsed file. It is immutable and may be used by several goroutines.
type Tree struct {
	src      string // UTF-8 without BOM, NUL bytes kept
	nodes    []node
	extra    []Node   // child lists and records
	names    []string // identifiers by number; 0 is ""
	lines    []int32  // offset of every line's first byte
	comments []int32  // offset of every #
	errors   []SyntaxError
	nerr     int
	module   Node
}

// SyntaxError says what of a file is not Python, and where.
type SyntaxError struct {
	Offset  int // byte offset in [Tree.Source]
	Line    int // from 1
	Column  int // bytes, from 0
	Message string
}

func (e SyntaxError) Error() string { return e.Message }

// String is "line:column message".
func (e SyntaxError) String() string {
	return strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) + " " + e.Message
}

// Module returns the root. It is there for every file, even one that is not Python.
func (t *Tree) Module() Node { return t.module }

// Body returns the statements of the module.
func (t *Tree) Body() []Node { return t.Block(t.module) }

// Source returns the text that offsets refer to: UTF-8, without byte order mark.
func (t *Tree) Source() string { return t.src }

// Errors returns the first [MaxErrors] syntax errors, in the order of the text.
// A tree with errors has everything that could be kept.
func (t *Tree) Errors() []SyntaxError { return t.errors }

// ErrorCount returns how many syntax errors there are, also those not kept.
func (t *Tree) ErrorCount() int { return t.nerr }

// Len returns one more than the largest node: slices indexed by Node have this length.
func (t *Tree) Len() int { return len(t.nodes) }

// Kind returns the kind of a node; KindNone of 0.
func (t *Tree) Kind(n Node) Kind { return t.nodes[n].kind }

// Start returns the byte offset of a node's first byte, decorators not included.
func (t *Tree) Start(n Node) int { return int(t.nodes[n].start) }

// End returns the byte offset after a node's last byte.
func (t *Tree) End(n Node) int { return int(t.nodes[n].end) }

// Text returns the source text of a node.
func (t *Tree) Text(n Node) string { return t.src[t.nodes[n].start:t.nodes[n].end] }

// Lines returns the number of lines.
func (t *Tree) Lines() int { return len(t.lines) }

// Position converts a byte offset to a line from 1 and a column in bytes from 0,
// as CPython's lineno and col_offset.
func (t *Tree) Position(offset int) (line, col int) {
	i := sort.Search(len(t.lines), func(i int) bool { return int(t.lines[i]) > offset }) - 1
	return i + 1, offset - int(t.lines[i])
}

// Line returns the line of a node's first byte, from 1.
func (t *Tree) Line(n Node) int {
	line, _ := t.Position(t.Start(n))
	return line
}

// LineText returns a line without its end; line counts from 1.
func (t *Tree) LineText(line int) string {
	start, end := int(t.lines[line-1]), len(t.src)
	if line < len(t.lines) {
		end = int(t.lines[line])
	}
	for end > start && (t.src[end-1] == '\n' || t.src[end-1] == '\r') {
		end--
	}
	return t.src[start:end]
}

// Comment returns the comment of a line, from its # on; "" if it has none. line counts
// from 1.
func (t *Tree) Comment(line int) string {
	if line < 1 || line > len(t.lines) {
		return ""
	}
	start := int(t.lines[line-1])
	text := t.LineText(line)
	i, _ := slices.BinarySearch(t.comments, int32(start))
	if i == len(t.comments) || int(t.comments[i]) >= start+len(text) {
		return ""
	}
	return text[int(t.comments[i])-start:]
}

// Comments gives every comment, from its # to the end of the line, and the offset
// where it begins.
func (t *Tree) Comments() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for _, c := range t.comments {
			end := strings.IndexAny(t.src[c:], "\r\n")
			if end < 0 {
				end = len(t.src) - int(c)
			}
			if !yield(int(c), t.src[c:int(c)+end]) {
				return
			}
		}
	}
}

// Parents returns the parent of every node, by node; 0 for the module.
func (t *Tree) Parents() []Node {
	parents := make([]Node, t.Len())
	var buf []Node
	t.Walk(t.module, func(n Node) bool {
		buf = t.AppendChildren(buf[:0], n)
		for _, c := range buf {
			parents[c] = n
		}
		return true
	})
	return parents
}

// Context says whether a Name, Attribute, Subscript, Starred, List or Tuple is
// read, assigned or deleted.
func (t *Tree) Context(n Node) Context { return t.nodes[n].ctx }

// Op returns the operator of a BoolOp, BinOp, AugAssign or UnaryOp.
func (t *Tree) Op(n Node) Op {
	switch t.nodes[n].kind {
	case KindBoolOp, KindBinOp, KindAugAssign, KindUnaryOp:
		return Op(t.nodes[n].op)
	}
	return OpNone
}

// Const returns the type of a Constant or MatchSingleton.
func (t *Tree) Const(n Node) Const { return Const(t.nodes[n].op) }

// IsPython2 reports whether a node was made from syntax that only Python 2 has:
// print x and exec x become calls of print and exec, `x` a call of repr.
func (t *Tree) IsPython2(n Node) bool { return t.nodes[n].flag&flagPython2 != 0 }

// Memory returns how many bytes the tree takes, with its source.
func (t *Tree) Memory() int64 {
	return int64(len(t.src) + 20*len(t.nodes) + 4*len(t.extra) + 16*len(t.names) + 4*len(t.lines) + 4*len(t.comments))
}

// list returns n nodes of the extra slab.
func (t *Tree) list(off, n int32) []Node {
	return t.extra[off : off+n : off+n]
}

// Walk calls f for a node and everything below it, parents first and children in
// the order of [Tree.Children]. Where f returns false, the children are left out.
// It does not recurse.
func (t *Tree) Walk(n Node, f func(Node) bool) {
	if n == 0 {
		return
	}
	stack := append(make([]Node, 0, 64), n)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !f(n) {
			continue
		}
		mark := len(stack)
		stack = t.AppendChildren(stack, n)
		slices.Reverse(stack[mark:])
	}
}

// Children returns the children of a node.
func (t *Tree) Children(n Node) []Node { return t.AppendChildren(nil, n) }
