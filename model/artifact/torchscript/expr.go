package torchscript

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
)

// judgeExpr decides about an expression that torch gives to sympy.sympify, which
// evaluates it as Python. Symbolic arithmetic needs names, numbers, operators and
// the names of symbols in quotes; it never needs an attribute.
func judgeExpr(expr string) threat {
	bad := func(format string, args ...any) threat {
		return threat{asset.Malicious, "is evaluated as Python when the program is loaded, and " + fmt.Sprintf(format, args...)}
	}
	lex := lexer{src: []byte(expr), line: 1}
	var prev token
	verdict := threat{asset.OK, ""}
	for {
		t, err := lex.next()
		if err != nil {
			return bad("is no arithmetic: %v", err)
		}
		if prev.kind == tokName {
			called := t.kind == tokOp && t.text == "("
			switch {
			case strings.Contains(prev.text, "__"), called && dangerousCall(prev.text), !called && keyword(prev.text):
				return bad("names %s", strconv.QuoteToASCII(prev.text))
			case called && !constructor(prev.text):
				verdict = threat{asset.Unverified, "is evaluated as Python when the program is loaded, and calls " + strconv.QuoteToASCII(prev.text)}
			}
		}
		switch {
		case t.kind == tokEnd:
			return verdict
		case t.kind == tokString && !plainName(t.text):
			return bad("holds a string that names no symbol")
		case t.kind == tokString && prev.text != "(":
			return bad("uses a string as a value")
		case t.kind == tokOp && !strings.Contains("()+-*/%,<>=!&|~", t.text):
			return bad("uses %q", t.text)
		}
		prev = t
	}
}

// plainName reports whether s can be the name of a symbol: s0, L['x'].size()[0] is
// not, as PyTorch gives such sources short names.
func plainName(s string) bool {
	for i := range len(s) {
		if !isNamePart(s[i]) {
			return false
		}
	}
	return s != "" && !strings.Contains(s, "__")
}

// constructor reports whether a name is a class of sympy's arithmetic or of
// torch/utils/_sympy/functions.py, which only compute.
func constructor(name string) bool {
	return slices.Contains([]string{"Symbol", "Integer", "Float", "Rational", "Add", "Mul", "Pow", "Mod", "Max", "Min", "Abs", "floor", "ceiling",
		"sqrt", "Piecewise", "ExprCondPair", "Tuple", "And", "Or", "Not", "Xor", "Eq", "Ne", "Lt", "Le", "Gt", "Ge", "Equality", "Unequality",
		"StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan", "FloorDiv", "CeilDiv", "CleanDiv", "ModularIndexing", "Where",
		"PythonMod", "TruncToFloat", "TruncToInt", "FloatPow", "FloatTrueDiv", "IntTrueDiv", "PowByNatural", "RoundDecimal", "RoundToInt",
		"CeilToInt", "FloorToInt", "ToFloat", "Identity", "LShift", "RShift", "IsNonOverlappingAndDenseIndicator", "BitwiseFn_bitwise_and",
		"BitwiseFn_bitwise_or"}, name)
}

// dangerousCall reports whether Python's eval finds a function of that name that
// runs or opens what it is given.
func dangerousCall(name string) bool {
	return slices.Contains([]string{"exec", "eval", "compile", "open", "getattr", "setattr", "delattr", "vars", "globals", "locals", "input",
		"breakpoint", "help", "exit", "quit", "type", "sympify", "parse_expr", "lambdify", "S", "preview", "test", "doctest", "source"}, name)
}

func keyword(name string) bool {
	return slices.Contains([]string{"lambda", "import", "for", "if", "else", "in", "is", "await", "yield", "async"}, name)
}
