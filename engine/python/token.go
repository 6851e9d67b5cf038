package python

// tok is the kind of a token.
type tok uint8

const (
	tEOF tok = iota
	tNewline
	tIndent
	tDedent
	tError // something that is no token; nothing in the grammar takes it
	tNumber
	tString
	tFStart  // f" or t" with everything up to the text
	tFMiddle // literal text of an f-string
	tFEnd    // closing quotes
	tName

	// Punctuation.
	tLPar
	tRPar
	tLSqb
	tRSqb
	tLBrace
	tRBrace
	tComma
	tColon
	tDot
	tSemi
	tEqual
	tArrow
	tEllipsis
	tColonEqual
	tBang
	tBackquote // Python 2

	// Binary operators, in the order of binaryOps.
	tPlus
	tMinus
	tStar
	tAt
	tSlash
	tPercent
	tDoubleStar
	tLeftShift
	tRightShift
	tVBar
	tCircumflex
	tAmper
	tDoubleSlash
	tTilde

	tEqEqual
	tNotEqual
	tLess
	tLessEqual
	tGreater
	tGreaterEqual

	// Augmented assignment, in the order of the binary operators.
	tPlusEqual
	tMinusEqual
	tStarEqual
	tAtEqual
	tSlashEqual
	tPercentEqual
	tDoubleStarEqual
	tLeftShiftEqual
	tRightShiftEqual
	tVBarEqual
	tCircumflexEqual
	tAmperEqual
	tDoubleSlashEqual

	// Keywords, in the order of keywords.
	kFalse
	kNone
	kTrue
	kAnd
	kAs
	kAssert
	kAsync
	kAwait
	kBreak
	kClass
	kContinue
	kDef
	kDel
	kElif
	kElse
	kExcept
	kFinally
	kFor
	kFrom
	kGlobal
	kIf
	kImport
	kIn
	kIs
	kLambda
	kNonlocal
	kNot
	kOr
	kPass
	kRaise
	kReturn
	kTry
	kWhile
	kWith
	kYield
)

// keywords are the first identifiers of every tree: identifier i+1 is keyword i.
var keywords = [...]string{
	"False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
	"del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
	"lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
}

// Identifiers with a meaning of their own follow the keywords.
const (
	symMatch = int32(len(keywords)) + 1 + iota
	symCase
	symType
	symUnderscore
	symPrint
	symExec
	symRepr
	symStar
)

var softKeywords = [...]string{"match", "case", "type", "_", "print", "exec", "repr", "*"}

// startsStatement tells keywords that never stand inside brackets. One of them at
// the beginning of a line says that a bracket was never closed.
func startsStatement(k tok) bool {
	switch k {
	case kAssert, kBreak, kClass, kContinue, kDef, kDel, kElif, kExcept, kFinally, kGlobal, kImport,
		kNonlocal, kPass, kRaise, kReturn, kTry, kWhile, kWith:
		return true
	}
	return false
}

// token is a token, 16 bytes.
type token struct {
	start, end int32
	sym        int32 // of tName and keywords
	kind       tok
	flag       uint8 // of strings: strRaw ...; of numbers: a Const
}

// Prefixes of strings.
const (
	strRaw uint8 = 1 << iota
	strBytes
	strFormat
	strTemplate
	strU
	strTriple
	strText // a piece that is taken as it stands: f"{x = }"
)

// interner numbers identifiers.
type interner struct {
	names  []string
	hashes []uint32
	table  []int32 // open addressing, a power of two, 0 is free
}

const (
	hashSeed  = 2166136261
	hashPrime = 16777619
)

func hashString(s string) uint32 {
	h := uint32(hashSeed)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * hashPrime
	}
	return h
}

// reset forgets all but the keywords.
func (in *interner) reset() {
	in.names = append(in.names[:0], "")
	in.hashes = append(in.hashes[:0], 0)
	if len(in.table) == 0 || len(in.table) > 1<<14 {
		in.table = make([]int32, 512)
	} else {
		clear(in.table)
	}
	for _, k := range keywords {
		in.intern(k, hashString(k))
	}
	for _, k := range softKeywords {
		in.intern(k, hashString(k))
	}
}

// intern returns the number of s, whose hash is h.
func (in *interner) intern(s string, h uint32) int32 {
	mask := uint32(len(in.table) - 1)
	i := (h ^ h>>15) & mask
	for {
		n := in.table[i]
		if n == 0 {
			break
		}
		if in.hashes[n] == h && in.names[n] == s {
			return n
		}
		i = (i + 1) & mask
	}
	n := int32(len(in.names))
	in.names = append(in.names, s)
	in.hashes = append(in.hashes, h)
	in.table[i] = n
	if len(in.names)*2 > len(in.table) {
		in.grow()
	}
	return n
}

func (in *interner) grow() {
	in.table = make([]int32, 4*len(in.table))
	mask := uint32(len(in.table) - 1)
	for n := 1; n < len(in.names); n++ {
		h := in.hashes[n]
		i := (h ^ h>>15) & mask
		for in.table[i] != 0 {
			i = (i + 1) & mask
		}
		in.table[i] = int32(n)
	}
}
