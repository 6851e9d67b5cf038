package rdata

import "strconv"

// The types of items (Rinternals.h, and the pseudo types of serialize.c).
const (
	sxpNil      = 0
	sxpSym      = 1
	sxpList     = 2
	sxpClosure  = 3
	sxpEnv      = 4
	sxpPromise  = 5
	sxpLang     = 6
	sxpSpecial  = 7
	sxpBuiltin  = 8
	sxpChar     = 9
	sxpLogical  = 10
	sxpInt      = 13
	sxpReal     = 14
	sxpComplex  = 15
	sxpStr      = 16
	sxpDot      = 17
	sxpVec      = 19
	sxpExpr     = 20
	sxpBytecode = 21
	sxpExtPtr   = 22
	sxpWeakRef  = 23
	sxpRaw      = 24
	sxpS4       = 25

	psAltRep     = 238
	psAttrList   = 239
	psAttrLang   = 240
	psBaseEnv    = 241
	psEmptyEnv   = 242
	psBCRepRef   = 243
	psBCRepDef   = 244
	psGenericRef = 245
	psClassRef   = 246
	psPersist    = 247
	psPackage    = 248
	psNamespace  = 249
	psBaseNS     = 250
	psMissing    = 251
	psUnbound    = 252
	psGlobal     = 253
	psNilValue   = 254
	psRef        = 255
)

func typeName(kind int) string {
	names := map[int]string{sxpNil: "NULL", psNilValue: "NULL", sxpSym: "symbol", sxpList: "pairlist", sxpClosure: "closure", sxpEnv: "environment",
		sxpPromise: "promise", sxpLang: "language", sxpSpecial: "special", sxpBuiltin: "builtin", sxpLogical: "logical", sxpInt: "integer",
		sxpReal: "double", sxpComplex: "complex", sxpStr: "character", sxpVec: "list", sxpExpr: "expression", sxpBytecode: "bytecode",
		sxpExtPtr: "externalptr", sxpWeakRef: "weakref", sxpRaw: "raw", sxpS4: "S4", psAltRep: "alternative"}
	if n, ok := names[kind]; ok {
		return n
	}
	return "type " + strconv.Itoa(kind)
}

// walker reads items.
type walker struct {
	*source
	file *File
	refs []string // the names of symbols, packages and so on that later items refer to
	code []*code  // code being read, innermost last
}

// code gathers what the names and strings in a piece of code are.
type code struct{ words []string }

const maxWords = 24

func (w *walker) say(word string) {
	for _, c := range w.code {
		if len(c.words) < maxWords && word != "" {
			c.words = append(c.words, word)
		}
	}
}

// place says where an item stands.
type place struct {
	top   bool // the value of the file, or a variable of a workspace
	frame bool // a pair in the frame of an environment, or its value
	hash  bool // the table of frames of an environment
	code  bool
	depth int
}

func (p place) below() place { return place{code: p.code, depth: p.depth + 1} }

// value is what a parent may need of an item.
type value struct {
	kind  int
	text  string   // of a symbol or string
	texts []string // of a character vector, the first few
	ints  []int64  // of a short integer vector
	size  float64  // the first number of a short vector of numbers
	class []string
	names []string
	dim   []int64
}

const (
	flagObject = 1 << 8
	flagAttr   = 1 << 9
	flagTag    = 1 << 10
)

func (w *walker) note(f Found) {
	if len(w.file.Found) < maxFound {
		w.file.Found = append(w.file.Found, f)
	} else {
		w.file.More++
	}
}

func (w *walker) addRef(name string) error {
	if len(w.refs) >= maxRefs {
		return w.fail("more than %d symbols and environments", maxRefs)
	}
	w.refs = append(w.refs, name)
	return nil
}

// item reads one item with everything in it.
func (w *walker) item(path string, at place) (value, error) {
	if at.depth > maxDepth {
		return value{}, w.fail("nested deeper than %d", maxDepth)
	}
	off := w.pos
	flags, err := w.int()
	if err != nil {
		return value{}, err
	}
	w.file.Items++
	return w.itemOf(flags, off, path, at)
}

// itemOf reads an item whose flags, at off, were read.
func (w *walker) itemOf(flags int32, off int64, path string, at place) (value, error) {
	kind := int(flags & 0xff)
	v := value{kind: kind}
	switch kind {
	case sxpNil, psNilValue, psEmptyEnv, psBaseEnv, psGlobal, psUnbound, psMissing, psBaseNS:
		return v, nil
	case psRef:
		return w.reference(flags)
	case sxpSym:
		name, err := w.item(path, at.below())
		if err != nil {
			return v, err
		}
		if name.kind != sxpChar {
			return v, w.fail("a symbol without a name")
		}
		v.text = name.text
		w.say(name.text)
		return v, w.addRef(name.text)
	case psNamespace, psPackage, psPersist:
		return v, w.named(kind, path, off)
	case sxpEnv:
		return v, w.environment(path, at)
	case sxpList, sxpClosure, sxpPromise, sxpLang, sxpDot:
		return w.pairs(kind, flags, path, at, off)
	case sxpExtPtr:
		if err := w.addRef(""); err != nil {
			return v, err
		}
		w.note(Found{Thing: Pointer, Path: path, Offset: off})
		for range 2 {
			if _, err := w.item(path, at.below()); err != nil {
				return v, err
			}
		}
		return v, w.attributes(&v, flags, path, at)
	case sxpWeakRef:
		if err := w.addRef(""); err != nil {
			return v, err
		}
		return v, w.attributes(&v, flags, path, at)
	case sxpSpecial, sxpBuiltin:
		n, err := w.length(1)
		if err != nil {
			return v, err
		}
		name, err := w.text(n, maxName)
		w.say(name)
		if !at.code {
			w.note(Found{Thing: Builtin, Path: path, Offset: off, Detail: name})
		}
		if err == nil {
			err = w.attributes(&v, flags, path, at)
		}
		return v, err
	case sxpChar:
		return w.chars(v, flags)
	case psAltRep:
		return v, w.altrep(&v, path, at, off)
	case sxpBytecode:
		return v, w.bytecode(flags, path, at, off)
	case psClassRef, psGenericRef:
		return v, w.fail("an item that R itself cannot read (type %d)", kind)
	}
	return w.vector(kind, flags, path, at)
}

// reference reads a reference to an earlier symbol or environment.
func (w *walker) reference(flags int32) (value, error) {
	i := int64(flags >> 8)
	if i == 0 {
		n, err := w.int()
		if err != nil {
			return value{}, err
		}
		i = int64(n)
	}
	if i < 1 || i > int64(len(w.refs)) {
		return value{}, w.fail("reference %d of %d", i, len(w.refs))
	}
	w.say(w.refs[i-1])
	return value{kind: sxpSym, text: w.refs[i-1]}, nil
}

// chars reads a CHARSXP.
func (w *walker) chars(v value, flags int32) (value, error) {
	n, err := w.int()
	if err != nil || n == -1 { // NA
		return v, err
	}
	if n < 0 || int64(n) > w.left() {
		return v, w.fail("string of %d bytes, %d are left: %w", n, w.left(), ErrCut)
	}
	v.text, err = w.text(int64(n), maxName)
	if err == nil && flags&flagAttr != 0 {
		_, err = w.item("", place{depth: 1})
	}
	return v, err
}

// named reads the strings of a namespace, package or persistent reference.
func (w *walker) named(kind int, path string, off int64) error {
	if n, err := w.int(); err != nil || n != 0 {
		return w.fail("names of a package cannot be read")
	}
	n, err := w.length(4)
	if err != nil {
		return err
	}
	first := ""
	for i := range n {
		v, err := w.item(path, place{depth: 1})
		if err != nil {
			return err
		}
		if v.kind != sxpChar {
			return w.fail("names of a package cannot be read")
		}
		if i == 0 {
			first = v.text
		}
	}
	thing := Namespace
	if kind == psPersist {
		thing = Persist
	}
	w.say(first)
	w.note(Found{Thing: thing, Path: path, Offset: off, Detail: first})
	return w.addRef(first)
}

// environment reads enclosure, frame, hash table and attributes.
func (w *walker) environment(path string, at place) error {
	if _, err := w.int(); err != nil { // locked
		return err
	}
	if err := w.addRef(""); err != nil {
		return err
	}
	for i := range 4 {
		p := at.below()
		p.frame, p.hash = i == 1, i == 2
		if _, err := w.item(path, p); err != nil {
			return err
		}
	}
	return nil
}

// attributes reads the attributes of an item that has them.
func (w *walker) attributes(v *value, flags int32, path string, at place) error {
	if flags&flagAttr == 0 {
		return nil
	}
	return w.attributeList(v, path, at)
}

func (w *walker) attributeList(v *value, path string, at place) error {
	return w.pairList(path, at.below(), func(tag string, x value) {
		switch tag {
		case "class":
			v.class = x.texts
		case "names":
			v.names = x.texts
		case "dim":
			v.dim = x.ints
		}
	})
}
