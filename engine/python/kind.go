package python

// Kind says what a node is. The names are those of CPython's ast module.
type Kind uint8

// The kinds. KindNone is the kind of node 0, which stands for "absent".
const (
	KindNone Kind = iota

	KindModule
	KindBad // statements that did not parse; what could be kept of them is inside

	// Statements.
	KindFunctionDef
	KindAsyncFunctionDef
	KindClassDef
	KindReturn
	KindDelete
	KindAssign
	KindTypeAlias
	KindAugAssign
	KindAnnAssign
	KindFor
	KindAsyncFor
	KindWhile
	KindIf
	KindWith
	KindAsyncWith
	KindMatch
	KindRaise
	KindTry
	KindTryStar
	KindAssert
	KindImport
	KindImportFrom
	KindGlobal
	KindNonlocal
	KindExpr
	KindPass
	KindBreak
	KindContinue

	// Expressions.
	KindBoolOp
	KindNamedExpr
	KindBinOp
	KindUnaryOp
	KindLambda
	KindIfExp
	KindDict
	KindSet
	KindListComp
	KindSetComp
	KindDictComp
	KindGeneratorExp
	KindAwait
	KindYield
	KindYieldFrom
	KindCompare
	KindCall
	KindFormattedValue
	KindInterpolation
	KindJoinedStr
	KindTemplateStr
	KindConstant
	KindAttribute
	KindSubscript
	KindStarred
	KindName
	KindList
	KindTuple
	KindSlice

	// Parts of statements and expressions.
	KindComprehension
	KindExceptHandler
	KindArguments
	KindArg
	KindKeyword
	KindAlias
	KindWithItem
	KindMatchCase

	// Patterns.
	KindMatchValue
	KindMatchSingleton
	KindMatchSequence
	KindMatchMapping
	KindMatchClass
	KindMatchStar
	KindMatchAs
	KindMatchOr

	// Type parameters.
	KindTypeVar
	KindParamSpec
	KindTypeVarTuple

	numKinds
)

var kindNames = [numKinds]string{
	"None", "Module", "Bad",
	"FunctionDef", "AsyncFunctionDef", "ClassDef", "Return", "Delete", "Assign", "TypeAlias", "AugAssign",
	"AnnAssign", "For", "AsyncFor", "While", "If", "With", "AsyncWith", "Match", "Raise", "Try", "TryStar",
	"Assert", "Import", "ImportFrom", "Global", "Nonlocal", "Expr", "Pass", "Break", "Continue",
	"BoolOp", "NamedExpr", "BinOp", "UnaryOp", "Lambda", "IfExp", "Dict", "Set", "ListComp", "SetComp",
	"DictComp", "GeneratorExp", "Await", "Yield", "YieldFrom", "Compare", "Call", "FormattedValue",
	"Interpolation", "JoinedStr", "TemplateStr", "Constant", "Attribute", "Subscript", "Starred", "Name",
	"List", "Tuple", "Slice",
	"comprehension", "ExceptHandler", "arguments", "arg", "keyword", "alias", "withitem", "match_case",
	"MatchValue", "MatchSingleton", "MatchSequence", "MatchMapping", "MatchClass", "MatchStar", "MatchAs",
	"MatchOr", "TypeVar", "ParamSpec", "TypeVarTuple",
}

// String returns the name of CPython's ast class.
func (k Kind) String() string {
	if k < numKinds {
		return kindNames[k]
	}
	return "invalid"
}

// IsStmt reports whether the kind is a statement, KindBad included.
func (k Kind) IsStmt() bool { return k >= KindBad && k <= KindContinue }

// IsExpr reports whether the kind is an expression.
func (k Kind) IsExpr() bool { return k >= KindBoolOp && k <= KindSlice }

// IsPattern reports whether the kind is a pattern of a match statement.
func (k Kind) IsPattern() bool { return k >= KindMatchValue && k <= KindMatchOr }

// Op is an operator of BoolOp, BinOp, AugAssign, UnaryOp or Compare.
type Op uint8

// The operators, named as in CPython's ast module.
const (
	OpNone Op = iota
	OpAnd
	OpOr
	OpAdd
	OpSub
	OpMult
	OpMatMult
	OpDiv
	OpMod
	OpPow
	OpLShift
	OpRShift
	OpBitOr
	OpBitXor
	OpBitAnd
	OpFloorDiv
	OpInvert
	OpNot
	OpUAdd
	OpUSub
	OpEq
	OpNotEq
	OpLt
	OpLtE
	OpGt
	OpGtE
	OpIs
	OpIsNot
	OpIn
	OpNotIn
	numOps
)

var opNames = [numOps]string{
	"", "And", "Or", "Add", "Sub", "Mult", "MatMult", "Div", "Mod", "Pow", "LShift", "RShift", "BitOr",
	"BitXor", "BitAnd", "FloorDiv", "Invert", "Not", "UAdd", "USub", "Eq", "NotEq", "Lt", "LtE", "Gt",
	"GtE", "Is", "IsNot", "In", "NotIn",
}

// String returns the name of CPython's ast class.
func (o Op) String() string {
	if o < numOps {
		return opNames[o]
	}
	return "invalid"
}

// Const is the type of a constant.
type Const uint8

// The types of constants.
const (
	ConstNone Const = iota // None
	ConstTrue
	ConstFalse
	ConstEllipsis
	ConstInt
	ConstFloat
	ConstImag // imaginary number
	ConstStr
	ConstBytes
)

// Context says whether an expression is read, assigned or deleted.
type Context uint8

// The contexts of Name, Attribute, Subscript, Starred, List and Tuple.
const (
	Load Context = iota
	Store
	Del
)
