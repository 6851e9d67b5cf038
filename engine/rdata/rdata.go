// Package rdata walks R's serialization (R Internals, section 1.8, and
// src/main/serialize.c) without building it: .rds files and the workspaces of
// save(), in XDR, native binary and text, versions 2 and 3.
//
// The walk tells of everything that is more than data: promises, closures, byte
// code, language objects, external pointers, references to packages. Compressed
// files must be decompressed first.
package rdata

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Thing is the kind of something that is more than data.
type Thing string

// The kinds of things.
const (
	Promise   Thing = "promise"  // evaluated when it is used
	Closure   Thing = "closure"  // a function written in R
	Bytecode  Thing = "bytecode" // its compiled form
	Language  Thing = "language" // a call or formula that is not evaluated by itself
	Builtin   Thing = "builtin"  // a function of R itself, by name
	Pointer   Thing = "external pointer"
	Namespace Thing = "namespace" // a package that is loaded
	Persist   Thing = "persistent reference"
	AltRep    Thing = "alternative representation" // made by a function of a package
)

// Found is one thing that is more than data.
type Found struct {
	Thing   Thing
	Path    string // names and positions that lead to it
	Offset  int64
	Detail  string // the names and strings of its code, a package, a function
	Frame   bool   // a promise in the frame of an environment, where functions leave them
	Forced  bool   // a promise that was evaluated before
	Top     bool   // the value of the file or of a variable in it
	Formula bool   // a language object of class formula
}

// Vector is an atomic vector of numbers.
type Vector struct {
	Path string
	Type string // "double", "integer", "logical", "complex", "raw"
	Len  int64
	Dim  []int64 // nil without dimensions
}

// File is what a walk found.
type File struct {
	Workspace bool   // of save(): variables; otherwise one value
	Encoding  string // "xdr", "binary", "ascii"
	Version   int    // of the format
	Writer    string // version of R, "4.2.2"
	Class     []string
	Type      string   // of the value
	Variables []string // of a workspace
	Found     []Found
	More      int // things beyond those kept
	Vectors   []Vector
	Omitted   int
	Items     int64
}

const (
	maxFound   = 2000
	maxVectors = 100_000
	maxDepth   = 4000
	maxRefs    = 4 << 20
	maxName    = 1 << 10
)

// Detect recognises a serialization by its first bytes: the encoding, and where it
// begins behind the header of a workspace.
func Detect(head []byte) (encoding string, start int64, ok bool) {
	if len(head) > 5 && bytes.HasPrefix(head, []byte("RD")) && head[4] == '\n' && (head[3] == '2' || head[3] == '3') {
		enc, _, ok := Detect(head[5:])
		want := map[byte]string{'X': "xdr", 'A': "ascii", 'B': "binary"}[head[2]]
		return enc, 5, ok && want == enc
	}
	if len(head) < 4 || head[1] != '\n' {
		return "", 0, false
	}
	rest := head[2:]
	switch head[0] {
	case 'X':
		return "xdr", 0, len(rest) >= 4 && (bytes.Equal(rest[:4], []byte{0, 0, 0, 2}) || bytes.Equal(rest[:4], []byte{0, 0, 0, 3}))
	case 'B':
		return "binary", 0, len(rest) >= 4 && (bytes.Equal(rest[:4], []byte{2, 0, 0, 0}) || bytes.Equal(rest[:4], []byte{3, 0, 0, 0}))
	case 'A':
		return "ascii", 0, rest[1] == '\n' && (rest[0] == '2' || rest[0] == '3')
	}
	return "", 0, false
}

// Walk reads everything in r, which is size bytes long. What was found before an
// error is returned with it.
func Walk(r io.ReaderAt, size int64) (*File, error) {
	head := make([]byte, min(size, 16))
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	enc, start, ok := Detect(head[:n])
	if !ok {
		return nil, errors.New("no serialization of R")
	}
	w := &walker{source: newSource(r, size), file: &File{Encoding: enc, Workspace: start > 0}}
	if err := w.pass(start + 2); err != nil {
		return w.file, err
	}
	switch enc {
	case "xdr":
		w.order = binary.BigEndian
	case "binary":
		w.order = binary.LittleEndian
	}
	if err := w.header(); err != nil {
		return w.file, err
	}
	v, err := w.item("", place{top: true, depth: 0})
	if err != nil {
		return w.file, err
	}
	w.file.Class, w.file.Type = v.class, typeName(v.kind)
	if left := w.left(); left > 0 {
		rest := make([]byte, min(left, 2))
		if err := w.take(rest); err != nil || left > 2 || len(bytes.TrimSpace(rest)) > 0 {
			return w.file, w.fail("%d bytes after the end of the value", left)
		}
	}
	return w.file, nil
}

// header reads the versions, and the encoding of strings in version 3.
func (w *walker) header() error {
	var v [3]int32
	for i := range v {
		n, err := w.int()
		if err != nil {
			return err
		}
		v[i] = n
	}
	w.file.Version = int(v[0])
	w.file.Writer = fmt.Sprintf("%d.%d.%d", v[1]>>16, v[1]>>8&0xff, v[1]&0xff)
	switch v[0] {
	case 2:
		return nil
	case 3:
		n, err := w.int()
		if err != nil {
			return err
		}
		if n < 0 || n > 64 {
			return w.fail("name of an encoding of %d bytes", n)
		}
		_, err = w.text(int64(n), 64)
		return err
	}
	return w.fail("version %d of the format is not known", v[0])
}
