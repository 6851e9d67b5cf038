package astdump

import (
	"strconv"

	"github.com/merlon-security/merlon/engine/python"
)

func (d *dumper) stmt(n python.Node, k python.Kind) {
	t := d.t
	switch k {
	case python.KindFunctionDef, python.KindAsyncFunctionDef:
		f := t.FunctionDef(n)
		d.name(f.Name)
		d.node(f.Args)
		d.list(f.Body)
		d.list(f.Decorators)
		d.node(f.Returns)
		d.list(f.TypeParams)
	case python.KindClassDef:
		c := t.ClassDef(n)
		d.name(c.Name)
		d.list(c.Bases)
		d.list(c.Keywords)
		d.list(c.Body)
		d.list(c.Decorators)
		d.list(c.TypeParams)
	case python.KindReturn, python.KindExpr:
		d.node(t.Value(n))
	case python.KindDelete, python.KindImport, python.KindBad:
		d.list(t.List(n))
	case python.KindAssign:
		a := t.Assign(n)
		d.list(a.Targets)
		d.node(a.Value)
	case python.KindTypeAlias:
		a := t.TypeAlias(n)
		d.node(a.Name)
		d.list(a.TypeParams)
		d.node(a.Value)
	case python.KindAugAssign:
		a := t.AugAssign(n)
		d.node(a.Target)
		d.line(a.Op.String())
		d.node(a.Value)
	case python.KindAnnAssign:
		a := t.AnnAssign(n)
		d.node(a.Target)
		d.node(a.Annotation)
		d.node(a.Value)
		d.bool(a.Simple)
	case python.KindFor, python.KindAsyncFor:
		f := t.For(n)
		d.node(f.Target)
		d.node(f.Iter)
		d.list(f.Body)
		d.list(f.Orelse)
	case python.KindWhile:
		w := t.While(n)
		d.node(w.Test)
		d.list(w.Body)
		d.list(w.Orelse)
	case python.KindIf:
		i := t.If(n)
		d.node(i.Test)
		d.list(i.Body)
		d.list(i.Orelse)
	case python.KindWith, python.KindAsyncWith:
		w := t.With(n)
		d.list(w.Items)
		d.list(w.Body)
	case python.KindMatch:
		m := t.Match(n)
		d.node(m.Subject)
		d.list(m.Cases)
	case python.KindRaise:
		r := t.Raise(n)
		d.node(r.Exc)
		d.node(r.Cause)
	case python.KindTry, python.KindTryStar:
		r := t.Try(n)
		d.list(r.Body)
		d.list(r.Handlers)
		d.list(r.Orelse)
		d.list(r.Finally)
	case python.KindAssert:
		a := t.Assert(n)
		d.node(a.Test)
		d.node(a.Msg)
	case python.KindImportFrom:
		i := t.ImportFrom(n)
		d.name(i.Module)
		d.list(i.Names)
		d.int(i.Level)
	case python.KindGlobal, python.KindNonlocal:
		d.names(t.Names(n))
	}
}

func (d *dumper) expr(n python.Node, k python.Kind) {
	t := d.t
	switch k {
	case python.KindBoolOp:
		d.line(t.Op(n).String())
		d.list(t.List(n))
	case python.KindNamedExpr:
		e := t.NamedExpr(n)
		d.node(e.Target)
		d.node(e.Value)
	case python.KindBinOp:
		b := t.BinOp(n)
		d.node(b.Left)
		d.line(b.Op.String())
		d.node(b.Right)
	case python.KindUnaryOp:
		d.line(t.Op(n).String())
		d.node(t.Value(n))
	case python.KindLambda:
		l := t.Lambda(n)
		d.node(l.Args)
		d.node(l.Body)
	case python.KindIfExp:
		e := t.IfExp(n)
		d.node(e.Test)
		d.node(e.Body)
		d.node(e.Orelse)
	case python.KindDict:
		e := t.Dict(n)
		d.list(e.Keys)
		d.list(e.Values)
	case python.KindSet, python.KindJoinedStr, python.KindTemplateStr:
		d.list(t.List(n))
	case python.KindListComp, python.KindSetComp, python.KindDictComp, python.KindGeneratorExp:
		c := t.Comp(n)
		d.node(c.Elt)
		if k == python.KindDictComp {
			d.node(c.Value)
		}
		d.list(c.Generators)
	case python.KindAwait, python.KindYield, python.KindYieldFrom:
		d.node(t.Value(n))
	case python.KindCompare:
		c := t.Compare(n)
		d.node(c.Left)
		d.line("#" + strconv.Itoa(len(c.Comparators)))
		for i := range c.Comparators {
			d.line(c.Op(i).String())
		}
		d.list(c.Comparators)
	case python.KindCall:
		c := t.Call(n)
		d.node(c.Func)
		d.list(c.Args)
		d.list(c.Keywords)
	case python.KindFormattedValue, python.KindInterpolation:
		f := t.FormattedValue(n)
		d.node(f.Value)
		if k == python.KindInterpolation {
			d.text('s', t.InterpolationText(n))
		}
		conv := int(f.Conversion)
		if conv == 0 {
			conv = -1
		}
		d.int(conv)
		d.node(f.FormatSpec)
	case python.KindConstant:
		d.constant(n)
		if t.IsUnicodePrefixed(n) {
			d.line("u")
		} else {
			d.line("-")
		}
	case python.KindAttribute:
		a := t.Attribute(n)
		d.node(a.Value)
		d.name(a.Attr)
		d.ctx(n)
	case python.KindSubscript:
		s := t.Subscript(n)
		d.node(s.Value)
		d.node(s.Index)
		d.ctx(n)
	case python.KindStarred:
		d.node(t.Value(n))
		d.ctx(n)
	case python.KindName:
		d.name(t.Name(n))
		d.ctx(n)
	case python.KindList, python.KindTuple:
		d.list(t.List(n))
		d.ctx(n)
	case python.KindSlice:
		s := t.Slice(n)
		d.node(s.Lower)
		d.node(s.Upper)
		d.node(s.Step)
	}
}
