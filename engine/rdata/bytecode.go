package rdata

import "strings"

// bytecode reads compiled code: its source is among the constants.
func (w *walker) bytecode(flags int32, path string, at place, off int64) error {
	c := &code{}
	outer := !at.code
	if outer {
		w.code = append(w.code, c)
	}
	inner := at.below()
	inner.code = true
	err := w.bytecodeBody(flags, path, inner, at)
	if outer {
		w.code = w.code[:len(w.code)-1]
		if err == nil {
			w.note(Found{Thing: Bytecode, Path: path, Offset: off, Detail: strings.Join(c.words, " ")})
		}
	}
	return err
}

func (w *walker) bytecodeBody(flags int32, path string, inner, at place) error {
	n, err := w.int()
	if err != nil {
		return err
	}
	if n < 0 || int64(n) > w.left() {
		return w.fail("%d shared parts of byte code", n)
	}
	if err := w.bytecodeBlock(path, inner); err != nil {
		return err
	}
	return w.attributes(&value{}, flags, path, at)
}

// bytecodeBlock is ReadBC1: instructions, then constants.
func (w *walker) bytecodeBlock(path string, at place) error {
	if at.depth > maxDepth {
		return w.fail("nested deeper than %d", maxDepth)
	}
	if _, err := w.item(path, at.below()); err != nil {
		return err
	}
	n, err := w.int()
	if err != nil {
		return err
	}
	if n < 0 || int64(n) > w.left() {
		return w.fail("%d constants of byte code", n)
	}
	for range n {
		kind, err := w.int()
		if err != nil {
			return err
		}
		switch kind {
		case sxpBytecode:
			err = w.bytecodeBlock(path, at.below())
		case sxpLang, sxpList, psBCRepDef, psBCRepRef, psAttrLang, psAttrList:
			err = w.bytecodeLang(kind, path, at.below())
		default:
			_, err = w.item(path, at.below())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bytecodeLang is ReadBCLang: calls in the constants share parts.
func (w *walker) bytecodeLang(kind int32, path string, at place) error {
	for {
		if at.depth > maxDepth {
			return w.fail("nested deeper than %d", maxDepth)
		}
		switch kind {
		case psBCRepRef:
			_, err := w.int()
			return err
		case sxpLang, sxpList, psBCRepDef, psAttrLang, psAttrList:
		default:
			_, err := w.item(path, at.below())
			return err
		}
		var err error
		if kind == psBCRepDef {
			if _, err = w.int(); err != nil {
				return err
			}
			if kind, err = w.int(); err != nil {
				return err
			}
		}
		if kind == psAttrLang || kind == psAttrList {
			if _, err := w.item(path, at.below()); err != nil {
				return err
			}
		}
		if _, err := w.item(path, at.below()); err != nil { // tag
			return err
		}
		first, err := w.int()
		if err != nil {
			return err
		}
		if err := w.bytecodeLang(first, path, at.below()); err != nil {
			return err
		}
		if kind, err = w.int(); err != nil {
			return err
		}
	}
}
