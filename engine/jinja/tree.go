package jinja

// Template is a parsed template.
type Template struct {
	Source string
	Body   []*Stmt
}

// Op is the kind of an expression.
type Op uint8

// The kinds of expression and what their fields hold.
const (
	OpName    Op = iota + 1 // Name
	OpConst                 // Val: nil, bool, int64, float64 or string
	OpList                  // X: elements
	OpTuple                 // X: elements
	OpDict                  // X: keys and values in turn
	OpAttr                  // X[0].Name
	OpItem                  // X[0][X[1]]
	OpSlice                 // X: start, stop, step; each may be nil. Only as X[1] of OpItem
	OpCall                  // X[0](Args)
	OpFilter                // X[0]|Name(Args); X[0] is nil for the body of a filter block
	OpTest                  // X[0] is Name(Args)
	OpNot                   // not X[0]
	OpUnary                 // Name ("-" or "+") X[0]
	OpBinary                // X[0] Name X[1]: + - * / // % **
	OpConcat                // X joined by ~
	OpCompare               // X with Names between them: == != < <= > >= in, not in
	OpAnd                   // X[0] and X[1]
	OpOr                    // X[0] or X[1]
	OpCond                  // X[1] if X[0] else X[2]; X[2] may be nil
)

// Expr is an expression.
type Expr struct {
	Op    Op
	Pos   int // bytes from the start of the template
	Name  string
	Names []string
	Val   any
	X     []*Expr
	Args  []Arg
}

// Arg is an argument of a call, filter or test, or a parameter of a macro with its
// default.
type Arg struct {
	Name  string // of a keyword argument or parameter
	Stars int    // 1 for *x, 2 for **x
	Value *Expr  // nil for a parameter without a default
}

// StmtKind is the kind of a statement.
type StmtKind uint8

// The kinds of statement and what their fields hold.
const (
	Text       StmtKind = iota + 1 // Text
	Output                         // Value
	For                            // Target, Value, Test (may be nil), Body, Else
	If                             // Value, Body, Else
	Set                            // Target, Value
	SetBlock                       // Target, Value (filters over the body, or nil), Body
	Macro                          // Name, Params, Body
	CallBlock                      // Value (the call), Params, Body
	FilterTag                      // Value (filters over the body), Body
	With                           // Params (names with values), Body
	Block                          // Name, Body
	Load                           // Name ("extends", "include", "import", "from"), Value, Params (names that are bound)
	Do                             // Value
	LoopJump                       // Name ("break", "continue")
	Generation                     // Body: what a model is trained to write
	Scope                          // Name ("autoescape", "trans"), Body
)

// Stmt is a statement.
type Stmt struct {
	Kind       StmtKind
	Pos        int // bytes from the start of the template
	Name       string
	Text       string
	Target     *Expr
	Value      *Expr
	Test       *Expr
	Params     []Arg
	Body, Else []*Stmt
}

// Line returns the line, from 1, of a position in the template.
func (t *Template) Line(pos int) int {
	n := 1
	for i := 0; i < len(t.Source) && i < pos; i++ {
		if t.Source[i] == '\n' {
			n++
		}
	}
	return n
}
