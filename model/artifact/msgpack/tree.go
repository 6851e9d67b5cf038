package msgpack

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/msgpack"
)

// The extension types of Flax (flax/serialization.py, _MsgpackExtType).
const (
	extArray   = 1
	extComplex = 2
	extScalar  = 3
)

const (
	maxDepth = 500 // Python's msgpack stops at 511
	maxKey   = 4 << 10
	maxKeys  = 1 << 20 // of one map
	maxDims  = 64
	maxPath  = 1000
)

// walker reads a whole file.
type walker struct {
	src     io.ReaderAt
	p       *msgpack.Parser
	tensors []asset.Tensor
	omitted int
	params  int64
	found   int64
	odd     []problem
	first   bool // stop at the first array
}

// problem is something in the file that is not plain data of Flax.
type problem struct {
	kind string // "object", "extension", "pickle", "dtype"
	path string
	what string
	off  int64
	n    int64 // bytes of an embedded pickle
}

const maxProblems = 1000

func (w *walker) note(p problem) {
	if len(w.odd) < maxProblems {
		w.odd = append(w.odd, p)
	}
}

// errFound ends a walk that only looks for an array.
var errFound = errors.New("found")

// value is what a parent may need of a child.
type value struct {
	text    string // of a short string or of bytes
	isText  bool
	num     int64
	off, n  int64 // of bytes
	isBytes bool
	truth   bool
}

func (w *walker) read(path string, depth int) (value, error) {
	if depth > maxDepth {
		return value{}, fmt.Errorf("byte %d: nested deeper than %d", w.p.Offset(), maxDepth)
	}
	h, err := w.p.Next()
	if err != nil {
		return value{}, err
	}
	switch h.Kind {
	case msgpack.Bool:
		return value{truth: h.Int == 1}, nil
	case msgpack.Int:
		return value{num: h.Int}, nil
	case msgpack.Str, msgpack.Bin:
		v := value{off: h.Offset, n: h.N, isBytes: h.Kind == msgpack.Bin}
		if h.N > maxKey {
			return v, w.p.Pass(h.N)
		}
		b, err := w.p.Bytes(h, maxKey)
		if err == nil && h.Kind == msgpack.Str && !utf8.Valid(b) {
			err = fmt.Errorf("byte %d: a string that is not UTF-8", h.Offset)
		}
		v.text, v.isText = string(b), true
		return v, err
	case msgpack.Array:
		for i := range h.N {
			if _, err := w.read(join(path, strconv.FormatInt(i, 10)), depth+1); err != nil {
				return value{}, err
			}
		}
		return value{}, nil
	case msgpack.Map:
		return w.object(h, path, depth)
	case msgpack.Ext:
		return value{}, w.extension(h, path)
	}
	return value{}, nil
}

func join(path, step string) string {
	switch {
	case path == "":
		return step
	case len(path)+len(step) > maxPath:
		return path
	}
	return path + "/" + step
}

var seed = maphash.MakeSeed()

func (w *walker) object(h msgpack.Head, path string, depth int) (value, error) {
	if h.N > maxKeys {
		return value{}, fmt.Errorf("byte %d: map of %d keys, at most %d are read", h.Offset, h.N, maxKeys)
	}
	seen := map[uint64]bool{}
	var nd, isChunked bool
	var kind, data value
	before := len(w.tensors)
	shape := map[string]int64{}
	for range h.N {
		at := w.p.Offset()
		k, err := w.key()
		if err != nil {
			return value{}, err
		}
		if sum := maphash.String(seed, k); seen[sum] {
			return value{}, fmt.Errorf("byte %d: key %q is given twice: readers differ in which one counts", at, k)
		} else {
			seen[sum] = true
		}
		if k == "shape" && isChunked {
			if err := w.shape(shape); err != nil {
				return value{}, err
			}
			continue
		}
		v, err := w.read(join(path, k), depth+1)
		if err != nil {
			return value{}, err
		}
		switch k {
		case "nd":
			nd = v.truth
		case "kind":
			kind = v
		case "data":
			data = v
		case "__msgpack_chunked_array__":
			isChunked = v.truth
		}
	}
	if nd && kind.text == "O" && data.n > 0 {
		w.note(problem{kind: "pickle", path: path, what: "an array of objects of msgpack-numpy, whose content is a pickle", off: data.off, n: data.n})
	}
	if isChunked {
		return value{}, w.unchunk(path, shape, before)
	}
	return value{}, nil
}

// key reads a key: text, or a number, as Flax allows.
func (w *walker) key() (string, error) {
	h, err := w.p.Next()
	if err != nil {
		return "", err
	}
	switch h.Kind {
	case msgpack.Str, msgpack.Bin:
		b, err := w.p.Bytes(h, maxKey)
		if err == nil && !utf8.Valid(b) {
			err = fmt.Errorf("byte %d: a key that is not UTF-8", h.Offset)
		}
		return string(b), err
	case msgpack.Int:
		return strconv.FormatInt(h.Int, 10), nil
	}
	return "", fmt.Errorf("byte %d: %s as a key", h.Offset, h.Kind)
}

// shape reads {"0": 2, "1": 3}.
func (w *walker) shape(into map[string]int64) error {
	h, err := w.p.Next()
	if err != nil {
		return err
	}
	if h.Kind != msgpack.Map || h.N > maxDims {
		return fmt.Errorf("byte %d: the shape of a chunked array is no short map", h.Offset)
	}
	for range h.N {
		k, err := w.key()
		if err != nil {
			return err
		}
		v, err := w.p.Next()
		if err != nil {
			return err
		}
		if v.Kind != msgpack.Int || v.Int < 0 {
			return fmt.Errorf("byte %d: a size of a chunked array is no number", v.Offset)
		}
		into[k] = v.Int
	}
	return nil
}

// unchunk replaces the parts of a chunked array, the tensors from before on, by it.
func (w *walker) unchunk(path string, shape map[string]int64, before int) error {
	t := asset.Tensor{Name: path, Shape: []int64{}}
	total := int64(1)
	for i := range len(shape) {
		n, ok := shape[strconv.Itoa(i)]
		if !ok || n > 0 && total > (1<<62)/n {
			return fmt.Errorf("chunked array %q: its shape cannot be read", path)
		}
		total *= n
		t.Shape = append(t.Shape, n)
	}
	items := int64(0)
	for _, part := range w.tensors[before:] {
		if len(part.Shape) != 1 || t.DType != "" && part.DType != t.DType {
			return fmt.Errorf("chunked array %q: its parts do not fit", path)
		}
		t.DType = part.DType
		t.Bytes += part.Bytes
		items += part.Shape[0]
	}
	if w.omitted == 0 && items != total {
		return fmt.Errorf("chunked array %q: %d items for a shape of %d", path, items, total)
	}
	w.tensors = append(w.tensors[:before], t)
	return nil
}

// extension reads one of Flax's own types.
func (w *walker) extension(h msgpack.Head, path string) error {
	switch h.Type {
	case extArray, extScalar:
		t, err := w.array(h, path)
		if err != nil {
			return fmt.Errorf("array %q: %w", path, err)
		}
		w.found++
		if w.first {
			return errFound
		}
		if len(w.tensors) < asset.MaxTensors {
			w.tensors = append(w.tensors, t)
		} else {
			w.omitted++
		}
		return w.p.Pass(h.N)
	case extComplex:
		return w.complex(h, path)
	}
	if h.Type >= 0 { // -1 is the time stamp of the specification
		w.note(problem{kind: "extension", path: path, what: fmt.Sprintf("extension type %d, which a reader may give any meaning", h.Type), off: h.Offset})
	}
	return w.p.Pass(h.N)
}

// array reads (shape, dtype name, bytes) inside an extension.
func (w *walker) array(h msgpack.Head, path string) (asset.Tensor, error) {
	t := asset.Tensor{Name: path, Shape: []int64{}}
	if h.N > w.p.Left() {
		return t, fmt.Errorf("%d bytes announced: %w", h.N, msgpack.ErrCut)
	}
	p := msgpack.New(io.NewSectionReader(w.src, h.Offset, h.N), h.N)
	if x, err := p.Next(); err != nil || x.Kind != msgpack.Array || x.N != 3 {
		return t, errors.New("is not shape, type and bytes")
	}
	x, err := p.Next()
	if err != nil || x.Kind != msgpack.Array || x.N > maxDims {
		return t, errors.New("its shape cannot be read")
	}
	items := int64(1)
	for range x.N {
		d, err := p.Next()
		if err != nil || d.Kind != msgpack.Int || d.Int < 0 || d.Big || d.Int > 0 && items > (1<<60)/d.Int {
			return t, errors.New("its shape cannot be read")
		}
		items *= d.Int
		t.Shape = append(t.Shape, d.Int)
	}
	if x, err = p.Next(); err != nil || x.Kind != msgpack.Str && x.Kind != msgpack.Bin {
		return t, errors.New("its type cannot be read")
	}
	name, err := p.Bytes(x, 64)
	if err != nil {
		return t, err
	}
	t.DType = string(name)
	if x, err = p.Next(); err != nil || x.Kind != msgpack.Bin && x.Kind != msgpack.Str {
		return t, errors.New("its bytes cannot be read")
	}
	t.Bytes = x.N
	if err := p.Pass(x.N); err != nil || p.Left() != 0 {
		return t, fmt.Errorf("%d bytes after its end", p.Left())
	}
	bits := bitsOf(t.DType)
	switch {
	case t.DType == "object" || t.DType == "O" || t.DType == "|O":
		w.note(problem{kind: "object", path: path, what: "an array of Python objects given as raw bytes", off: h.Offset})
		return t, nil
	case bits == 0:
		w.note(problem{kind: "dtype", path: path, what: fmt.Sprintf("an array of type %q", t.DType), off: h.Offset})
		return t, nil
	case (items*bits+7)/8 != t.Bytes:
		return t, fmt.Errorf("%d bytes for %v of %s, want %d", t.Bytes, t.Shape, t.DType, (items*bits+7)/8)
	}
	w.params += items
	return t, nil
}

// complex reads (real, imaginary).
func (w *walker) complex(h msgpack.Head, path string) error {
	b, err := w.p.Bytes(h, 64)
	if err != nil {
		return err
	}
	p := msgpack.New(bytesAt(b), int64(len(b)))
	x, err := p.Next()
	if err == nil && (x.Kind != msgpack.Array || x.N != 2) {
		err = errors.New("is no pair")
	}
	for range 2 {
		if err == nil {
			x, err = p.Next()
		}
		if err == nil && x.Kind != msgpack.Float && x.Kind != msgpack.Int {
			err = errors.New("is no pair of numbers")
		}
	}
	if err == nil && p.Left() != 0 {
		err = errors.New("has more than two parts")
	}
	if err != nil {
		return fmt.Errorf("complex number %q: %w", path, err)
	}
	return nil
}

type bytesAt []byte

func (b bytesAt) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// bitsOf is the size of an item of a NumPy or ml_dtypes type; 0 for types that
// hold more than numbers.
func bitsOf(name string) int64 {
	switch name {
	case "bool", "int8", "uint8", "int4", "uint4", "int2", "uint2", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e4m3b11fnuz", "float8_e5m2",
		"float8_e5m2fnuz", "float8_e3m4", "float8_e4m3", "float8_e8m0fnu":
		return 8 // ml_dtypes keeps the smaller ones in a byte each, too
	case "int16", "uint16", "float16", "bfloat16":
		return 16
	case "int32", "uint32", "float32":
		return 32
	case "int64", "uint64", "float64", "complex64", "datetime64[ns]":
		return 64
	case "complex128", "longdouble", "float128":
		return 128
	}
	return 0
}
