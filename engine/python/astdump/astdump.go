// Package astdump prints trees of engine/python as bench/python/oracle.py prints
// those of CPython's ast, for comparison. It is used by tests and tools.
package astdump

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// Dump returns the dump of a whole tree. Trees with Bad nodes have dumps that
// CPython never makes.
func Dump(t *python.Tree) []byte {
	d := dumper{t: t}
	d.node(t.Module())
	return d.out
}

type dumper struct {
	t   *python.Tree
	out []byte
}

func (d *dumper) line(s string) {
	d.out = append(d.out, s...)
	d.out = append(d.out, '\n')
}

func (d *dumper) int(v int) { d.line(strconv.Itoa(v)) }

// text prints a string, as s, its length and its bytes.
func (d *dumper) text(tag byte, s string) {
	d.out = append(d.out, tag)
	d.out = strconv.AppendInt(d.out, int64(len(s)), 10)
	d.out = append(d.out, ':')
	d.line(s)
}

// name prints an identifier, - for none.
func (d *dumper) name(s string) {
	if s == "" {
		d.line("-")
		return
	}
	d.text('s', s)
}

func (d *dumper) list(l []python.Node) {
	d.line("#" + strconv.Itoa(len(l)))
	for _, n := range l {
		d.node(n)
	}
}

func (d *dumper) names(l []string) {
	d.line("#" + strconv.Itoa(len(l)))
	for _, s := range l {
		d.name(s)
	}
}

func (d *dumper) ctx(n python.Node) {
	d.line([...]string{"Load", "Store", "Del"}[d.t.Context(n)])
}

// header prints the kind and, where ast has them, the positions.
func (d *dumper) header(n python.Node) {
	k := d.t.Kind(n)
	d.out = append(d.out, k.String()...)
	switch k {
	case python.KindModule, python.KindComprehension, python.KindArguments, python.KindWithItem, python.KindMatchCase:
	default:
		for _, offset := range [...]int{d.t.Start(n), d.t.End(n)} {
			line, col := d.t.Position(offset)
			d.out = append(d.out, ' ')
			d.out = strconv.AppendInt(d.out, int64(line), 10)
			d.out = append(d.out, ' ')
			d.out = strconv.AppendInt(d.out, int64(col), 10)
		}
	}
	d.out = append(d.out, '\n')
}

func (d *dumper) constant(n python.Node) {
	text := strings.ReplaceAll(d.t.Text(n), "_", "")
	switch d.t.Const(n) {
	case python.ConstNone:
		d.line("None")
	case python.ConstTrue:
		d.line("True")
	case python.ConstFalse:
		d.line("False")
	case python.ConstEllipsis:
		d.line("Ellipsis")
	case python.ConstInt:
		v, _ := new(big.Int).SetString(strings.ToLower(text), 0)
		if v == nil {
			v, _ = new(big.Int).SetString(text, 10) // 00
		}
		d.line("i" + v.Text(16))
	case python.ConstFloat:
		d.float('f', text)
	case python.ConstImag:
		d.float('j', text[:len(text)-1])
	case python.ConstStr:
		s, _ := d.t.String(n)
		d.text('s', s)
	case python.ConstBytes:
		s, _ := d.t.String(n)
		d.text('b', s)
	}
}

func (d *dumper) float(tag byte, text string) {
	v, _ := strconv.ParseFloat(text, 64)
	d.out = append(d.out, tag)
	d.line(hex.EncodeToString(binary.BigEndian.AppendUint64(nil, math.Float64bits(v))))
}

func (d *dumper) node(n python.Node) {
	if n == 0 {
		d.line("-")
		return
	}
	d.header(n)
	t := d.t
	switch k := t.Kind(n); {
	case k.IsStmt():
		d.stmt(n, k)
	case k.IsExpr():
		d.expr(n, k)
	case k.IsPattern():
		d.pattern(n, k)
	default:
		d.part(n, k)
	}
}

func (d *dumper) part(n python.Node, k python.Kind) {
	t := d.t
	switch k {
	case python.KindModule:
		d.list(t.List(n))
	case python.KindComprehension:
		c := t.Comprehension(n)
		d.node(c.Target)
		d.node(c.Iter)
		d.list(c.Ifs)
		d.bool(c.Async)
	case python.KindExceptHandler:
		h := t.ExceptHandler(n)
		d.node(h.Type)
		d.name(h.Name)
		d.list(h.Body)
	case python.KindArguments:
		a := t.Arguments(n)
		d.list(a.PosOnly)
		d.list(a.Args)
		d.node(a.Vararg)
		d.list(a.KwOnly)
		d.list(a.KwDefaults)
		d.node(a.Kwarg)
		d.list(a.Defaults)
	case python.KindArg:
		a := t.Arg(n)
		d.name(a.Name)
		d.node(a.Annotation)
	case python.KindKeyword:
		w := t.Keyword(n)
		d.name(w.Name)
		d.node(w.Value)
	case python.KindAlias:
		a := t.Alias(n)
		d.name(a.Name)
		d.name(a.AsName)
	case python.KindWithItem:
		w := t.WithItem(n)
		d.node(w.Context)
		d.node(w.Vars)
	case python.KindMatchCase:
		m := t.MatchCase(n)
		d.node(m.Pattern)
		d.node(m.Guard)
		d.list(m.Body)
	case python.KindTypeVar, python.KindParamSpec, python.KindTypeVarTuple:
		p := t.TypeParam(n)
		d.name(p.Name)
		if k == python.KindTypeVar {
			d.node(p.Bound)
		}
		d.node(p.Default)
	}
}

func (d *dumper) bool(b bool) {
	if b {
		d.line("1")
	} else {
		d.line("0")
	}
}

func (d *dumper) pattern(n python.Node, k python.Kind) {
	t := d.t
	switch k {
	case python.KindMatchValue:
		d.node(t.Value(n))
	case python.KindMatchSingleton:
		d.constant(n)
	case python.KindMatchSequence, python.KindMatchOr:
		d.list(t.List(n))
	case python.KindMatchMapping:
		m := t.MatchMapping(n)
		d.list(m.Keys)
		d.list(m.Patterns)
		d.name(m.Rest)
	case python.KindMatchClass:
		m := t.MatchClass(n)
		d.node(m.Class)
		d.list(m.Patterns)
		d.names(m.KwNames)
		d.list(m.KwPatterns)
	case python.KindMatchStar:
		d.name(t.MatchAs(n).Name)
	case python.KindMatchAs:
		m := t.MatchAs(n)
		d.node(m.Pattern)
		d.name(m.Name)
	}
}
