package python

// A view is what one kind of node is made of. The slices are the tree's own: read
// only. A Node of 0 and a name of "" are absent.
//
// Kinds without a view of their own have their only child as [Tree.Value]: Return,
// Expr, Await, Yield, YieldFrom, Starred, UnaryOp, MatchValue; or their only list
// as [Tree.List]: Module, Bad, Delete, Import, BoolOp, JoinedStr, TemplateStr, List,
// Tuple, Set, MatchSequence, MatchOr.

// FunctionDef is the view of FunctionDef and AsyncFunctionDef.
type FunctionDef struct {
	Name       string
	Async      bool
	Args       Node // arguments
	Returns    Node // annotation
	Body       []Node
	Decorators []Node // expressions
	TypeParams []Node
}

// ClassDef is the view of ClassDef.
type ClassDef struct {
	Name       string
	Bases      []Node
	Keywords   []Node // keyword
	Body       []Node
	Decorators []Node
	TypeParams []Node
}

// Arguments is the view of arguments and tells the parameters of a function or lambda.
type Arguments struct {
	PosOnly    []Node // arg
	Args       []Node
	KwOnly     []Node
	Vararg     Node   // arg
	Kwarg      Node   // arg
	Defaults   []Node // of the last parameters of PosOnly and Args together
	KwDefaults []Node // one for each of KwOnly, 0 for none
}

// Arg is the view of arg, one parameter.
type Arg struct {
	Name       string
	Annotation Node
}

// Call is the view of Call.
type Call struct {
	Func     Node
	Args     []Node // Starred among them
	Keywords []Node // keyword
}

// Keyword is the view of keyword, in a call or class. Name is "" for **Value.
type Keyword struct {
	Name  string
	Value Node
}

// Assign is the view of Assign: Targets[0] = Targets[1] = Value.
type Assign struct {
	Targets []Node
	Value   Node
}

// AnnAssign is the view of AnnAssign.
type AnnAssign struct {
	Target, Annotation, Value Node
	Simple                    bool // a bare name
}

// AugAssign is the view of AugAssign.
type AugAssign struct {
	Target Node
	Op     Op
	Value  Node
}

// TypeAlias is the view of TypeAlias: type Name[TypeParams] = Value.
type TypeAlias struct {
	Name       Node
	TypeParams []Node
	Value      Node
}

// For is the view of For and AsyncFor.
type For struct {
	Target, Iter Node
	Body, Orelse []Node
	Async        bool
}

// While is the view of While.
type While struct {
	Test         Node
	Body, Orelse []Node
}

// If is the view of If. An elif is an If that is alone in Orelse.
type If struct {
	Test         Node
	Body, Orelse []Node
}

// With is the view of With and AsyncWith.
type With struct {
	Items []Node // withitem
	Body  []Node
	Async bool
}

// WithItem is the view of withitem.
type WithItem struct{ Context, Vars Node }

// Match is the view of Match.
type Match struct {
	Subject Node
	Cases   []Node // match_case
}

// MatchCase is the view of match_case.
type MatchCase struct {
	Pattern, Guard Node
	Body           []Node
}

// MatchAs is the view of MatchAs and MatchStar: a capture, "" for a wildcard.
type MatchAs struct {
	Pattern Node
	Name    string
}

// MatchMapping is the view of MatchMapping. Rest is the name after **.
type MatchMapping struct {
	Keys, Patterns []Node
	Rest           string
}

// MatchClass is the view of MatchClass. KwNames[i] belongs to KwPatterns[i].
type MatchClass struct {
	Class      Node
	Patterns   []Node
	KwNames    []string
	KwPatterns []Node
}

// Raise is the view of Raise.
type Raise struct{ Exc, Cause Node }

// Assert is the view of Assert.
type Assert struct{ Test, Msg Node }

// Try is the view of Try and TryStar.
type Try struct {
	Body     []Node
	Handlers []Node // ExceptHandler
	Orelse   []Node
	Finally  []Node
	Star     bool
}

// ExceptHandler is the view of ExceptHandler.
type ExceptHandler struct {
	Type Node
	Name string
	Body []Node
}

// ImportFrom is the view of ImportFrom. Level counts the leading dots.
type ImportFrom struct {
	Module string
	Names  []Node // alias; one with the name "*" for a star import
	Level  int
}

// Alias is the view of alias: Name as AsName.
type Alias struct{ Name, AsName string }

// Attribute is the view of Attribute: Value.Attr.
type Attribute struct {
	Value Node
	Attr  string
}

// Subscript is the view of Subscript.
type Subscript struct{ Value, Index Node }

// Slice is the view of Slice.
type Slice struct{ Lower, Upper, Step Node }

// BinOp is the view of BinOp.
type BinOp struct {
	Left  Node
	Op    Op
	Right Node
}

// Compare is the view of Compare: Left Op(0) Comparators[0] Op(1) ...
type Compare struct {
	Left        Node
	Comparators []Node
	ops         []Node
}

// Op returns the operator before Comparators[i].
func (c Compare) Op(i int) Op { return Op(c.ops[i]) }

// NamedExpr is the view of NamedExpr: Target := Value.
type NamedExpr struct{ Target, Value Node }

// IfExp is the view of IfExp.
type IfExp struct{ Test, Body, Orelse Node }

// Lambda is the view of Lambda.
type Lambda struct{ Args, Body Node }

// Dict is the view of Dict. A key of 0 is **value.
type Dict struct{ Keys, Values []Node }

// Comp is the view of ListComp, SetComp, GeneratorExp and DictComp.
type Comp struct {
	Elt        Node // key of a DictComp
	Value      Node // of a DictComp
	Generators []Node
}

// Comprehension is the view of comprehension: one for of a Comp.
type Comprehension struct {
	Target, Iter Node
	Ifs          []Node
	Async        bool
}

// FormattedValue is the view of FormattedValue and Interpolation.
type FormattedValue struct {
	Value      Node
	Conversion byte // 's', 'r', 'a' or 0
	FormatSpec Node // JoinedStr
}

// TypeParam is the view of TypeVar, ParamSpec and TypeVarTuple.
type TypeParam struct {
	Name           string
	Bound, Default Node
}
