package rdata

import (
	"slices"
	"strconv"
	"strings"
)

// pairList reads a pair list cell by cell, so that a long one costs no stack, and
// calls each with the name and value of every cell.
func (w *walker) pairList(path string, at place, each func(tag string, x value)) error {
	for {
		flags, err := w.int()
		if err != nil {
			return err
		}
		w.file.Items++
		switch kind := int(flags & 0xff); kind {
		case psNilValue, sxpNil:
			return nil
		case sxpList:
		default:
			return w.fail("type %d in a list of attributes", kind)
		}
		tag, x, err := w.cell(flags, path, at)
		if err != nil {
			return err
		}
		each(tag, x)
	}
}

// cell reads attributes, tag and value of a pair; what follows is not read.
func (w *walker) cell(flags int32, path string, at place) (tag string, x value, err error) {
	if flags&flagAttr != 0 {
		if err := w.attributeList(&value{}, path, at); err != nil {
			return "", x, err
		}
	}
	if flags&flagTag != 0 {
		t, err := w.item(path, at.below())
		if err != nil {
			return "", x, err
		}
		tag = t.text
	}
	p := at.below()
	p.frame, p.top = at.frame, at.top
	x, err = w.item(join(path, tag), p)
	return tag, x, err
}

func join(path, name string) string {
	switch {
	case name == "" || len(path)+len(name) > maxName:
		return path
	case path == "":
		return name
	}
	return path + "$" + name
}

// pairs reads what is made of pairs: lists, closures, promises and calls.
func (w *walker) pairs(kind int, flags int32, path string, at place, off int64) (value, error) {
	v := value{kind: kind}
	if kind == sxpList || kind == sxpDot {
		return v, w.list(flags, path, at)
	}
	inner := at.below()
	inner.code = true
	c := &code{}
	outer := !at.code
	if outer {
		w.code = append(w.code, c)
	}
	err := w.codeParts(&v, kind, flags, path, inner, at, off, c)
	if outer {
		w.code = w.code[:len(w.code)-1]
	}
	return v, err
}

func (w *walker) codeParts(v *value, kind int, flags int32, path string, inner, at place, off int64, c *code) error {
	if err := w.attributes(v, flags, path, at); err != nil {
		return err
	}
	if flags&flagTag != 0 { // a closure's or promise's environment, a call's name
		outside := w.code
		w.code = nil // what is in the environment is not what the code says
		_, err := w.item(path, at.below())
		w.code = outside
		if err != nil {
			return err
		}
	}
	first, err := w.item(path, inner)
	if err != nil {
		return err
	}
	if kind == sxpLang {
		if err := w.rest(path, inner); err != nil {
			return err
		}
	} else if _, err := w.item(path, inner); err != nil {
		return err
	}
	if at.code {
		if kind == sxpPromise {
			// It is evaluated with the code around it, not by itself.
			w.note(Found{Thing: Promise, Path: path, Offset: off, Frame: true, Forced: first.kind != psUnbound})
		}
		return nil
	}
	f := Found{Path: path, Offset: off, Detail: strings.Join(c.words, " "), Frame: at.frame, Top: at.top}
	switch kind {
	case sxpPromise:
		f.Thing, f.Forced = Promise, first.kind != psUnbound
	case sxpClosure:
		f.Thing = Closure
	default:
		f.Thing, f.Formula = Language, slices.Contains(v.class, "formula")
	}
	w.note(f)
	return nil
}

// rest reads the arguments of a call.
func (w *walker) rest(path string, at place) error {
	for {
		flags, err := w.int()
		if err != nil {
			return err
		}
		w.file.Items++
		switch kind := int(flags & 0xff); kind {
		case psNilValue, sxpNil:
			return nil
		case sxpList, sxpLang, sxpDot:
			if _, _, err := w.cell(flags, path, at); err != nil {
				return err
			}
		default:
			return w.fail("type %d in the arguments of a call", kind)
		}
	}
}

// list reads a pair list whose first cell's flags were read. The pairs at the top
// of a workspace are its variables; R takes anything that ends a list.
func (w *walker) list(flags int32, path string, at place) error {
	for {
		tag, _, err := w.cell(flags, path, at)
		if err != nil {
			return err
		}
		if at.depth == 0 && w.file.Workspace && len(w.file.Variables) < maxFound {
			w.file.Variables = append(w.file.Variables, tag)
		}
		off := w.pos
		if flags, err = w.int(); err != nil {
			return err
		}
		w.file.Items++
		switch kind := int(flags & 0xff); kind {
		case psNilValue, sxpNil:
			return nil
		case sxpList, sxpDot:
		default: // anything may end a list, as R's wrapped vectors do
			p := at.below()
			p.frame = at.frame
			if p.depth > maxDepth {
				return w.fail("nested deeper than %d", maxDepth)
			}
			_, err := w.itemOf(flags, off, path, p)
			return err
		}
	}
}

// altrep reads an alternative representation: its class, its state, its attributes.
func (w *walker) altrep(v *value, path string, at place, off int64) error {
	c := &code{}
	w.code = append(w.code, c)
	before := len(w.file.Vectors)
	_, err := w.item(path, at.below())
	w.code = w.code[:len(w.code)-1]
	if err != nil {
		return err
	}
	w.file.Vectors = w.file.Vectors[:before] // the class is no data
	state, err := w.item(path, at.below())
	if err != nil {
		return err
	}
	class := ""
	if len(c.words) >= 2 && c.words[1] == "base" {
		class = c.words[0]
	}
	if !plainAltRep(class) {
		w.note(Found{Thing: AltRep, Path: path, Offset: off, Detail: strings.Join(append(c.words, state.texts...), " ")})
	}
	w.represent(class, path, before, state)
	// Attributes are always there, as an item.
	p := at.below()
	flags, err := w.int()
	if err != nil {
		return err
	}
	w.file.Items++
	switch int(flags & 0xff) {
	case psNilValue, sxpNil:
		return nil
	case sxpList:
		return w.list(flags, path, p)
	}
	return w.fail("attributes of type %d", flags&0xff)
}

// represent replaces the vectors of a state by the vector that it stands for.
func (w *walker) represent(class, path string, before int, state value) {
	if len(w.file.Vectors) == before {
		return
	}
	switch {
	case class == "compact_intseq", class == "compact_realseq":
		x := Vector{Path: path, Type: "integer", Len: int64(state.size)}
		if class == "compact_realseq" {
			x.Type = "double"
		}
		w.file.Vectors = append(w.file.Vectors[:before], x)
	case strings.HasPrefix(class, "wrap_"): // the data, then what is known about them
		w.file.Vectors = w.file.Vectors[:before+1]
		w.file.Vectors[before].Path = path
	default:
		w.file.Vectors = w.file.Vectors[:before]
	}
}

// plainAltRep reports whether a class of R itself only computes. Its classes mmap_*
// open the file that their state names.
func plainAltRep(class string) bool {
	switch class {
	case "compact_intseq", "compact_realseq", "deferred_string":
		return true
	}
	return strings.HasPrefix(class, "wrap_")
}

// vector reads an atomic vector or a list, with attributes.
func (w *walker) vector(kind int, flags int32, path string, at place) (value, error) {
	v := value{kind: kind}
	width := map[int]int64{sxpLogical: 4, sxpInt: 4, sxpReal: 8, sxpComplex: 16, sxpStr: 4, sxpVec: 4, sxpExpr: 4, sxpRaw: 1}[kind]
	if kind == sxpS4 {
		return v, w.attributes(&v, flags, path, at)
	}
	if width == 0 {
		return v, w.fail("items of type %d are not known", kind)
	}
	n, err := w.length(width)
	if err != nil {
		return v, err
	}
	slot := -1
	before := len(w.file.Vectors)
	var starts []int
	switch kind {
	case sxpStr:
		err = w.strings(&v, n)
	case sxpVec, sxpExpr:
		starts, err = w.items(n, path, at)
	case sxpRaw:
		err = w.raw(n)
	default:
		if kind == sxpReal && n == 3 { // the state of a compact sequence
			if v.size, err = w.real(); err == nil {
				err = w.numbers(2, width)
			}
		} else if kind == sxpInt && n <= 16 {
			for range n {
				var x int32
				if x, err = w.int(); err != nil {
					break
				}
				v.ints = append(v.ints, int64(x))
			}
		} else {
			err = w.numbers(n, width)
		}
	}
	if err != nil {
		return v, err
	}
	if kind != sxpStr && kind != sxpVec && kind != sxpExpr && !at.code {
		if slot = len(w.file.Vectors); slot < maxVectors {
			w.file.Vectors = append(w.file.Vectors, Vector{Path: path, Type: typeName(kind), Len: n})
		} else {
			slot = -1
			w.file.Omitted++
		}
	}
	mark := len(w.file.Vectors)
	if err := w.attributes(&v, flags, path, at); err != nil {
		return v, err
	}
	w.file.Vectors = w.file.Vectors[:mark] // attributes describe, they are no data
	if slot >= 0 {
		w.file.Vectors[slot].Dim = v.dim
	}
	w.rename(before, starts, v.names, path)
	return v, nil
}

const maxTexts = 1024

func (w *walker) strings(v *value, n int64) error {
	for range n {
		x, err := w.item("", place{depth: 1})
		if err != nil {
			return err
		}
		if x.kind != sxpChar {
			return w.fail("type %d in a vector of strings", x.kind)
		}
		w.say(strconv.Quote(x.text))
		if len(v.texts) < maxTexts {
			v.texts = append(v.texts, x.text)
		}
	}
	return nil
}

// items reads the elements of a list; starts says which vectors belong to which.
func (w *walker) items(n int64, path string, at place) (starts []int, err error) {
	for i := range n {
		if i < maxTexts {
			starts = append(starts, len(w.file.Vectors))
		}
		p := at.below()
		p.frame = at.hash
		if _, err := w.item(join(path, strconv.FormatInt(i+1, 10)), p); err != nil {
			return nil, err
		}
	}
	return append(starts, len(w.file.Vectors)), nil
}

// rename gives vectors in a list the names of its elements, which come after them.
func (w *walker) rename(before int, starts []int, names []string, path string) {
	if len(starts) == 0 || len(names) == 0 {
		return
	}
	for i := 0; i+1 < len(starts) && i < len(names); i++ {
		if names[i] == "" {
			continue
		}
		old, fresh := join(path, strconv.Itoa(i+1)), join(path, names[i])
		for k := max(starts[i], before); k < starts[i+1] && k < len(w.file.Vectors); k++ {
			if rest, ok := strings.CutPrefix(w.file.Vectors[k].Path, old); ok && (rest == "" || rest[0] == '$') {
				w.file.Vectors[k].Path = fresh + rest
			}
		}
	}
}
