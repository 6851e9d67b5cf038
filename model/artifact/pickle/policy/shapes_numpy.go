package policy

import (
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/engine/pickle"
)

// The shapes of numpy and the libraries on it.

var multiarray = []string{"numpy.core.multiarray", "numpy._core.multiarray"}

// ndarrayReconstruct: _reconstruct(class, (0,), b"b"): an empty array, filled by BUILD.
func ndarrayReconstruct(c *Call) string {
	if len(c.Args) != 3 || c.More || !c.allowed(c.Args[0]).Is("ndarray") {
		return "it takes an array class, a shape and a type code"
	}
	c.take(0)
	dims, more := c.M.Items(c.Args[1])
	total := int64(1)
	for _, d := range dims {
		n, ok := d.Int()
		if !ok || n < 0 || n > 1<<20 {
			return "its shape is not small"
		}
		total *= max(n, 1)
	}
	if more || total > 1<<20 || !isText(c, c.Args[2]) {
		return "its shape is not small"
	}
	return ""
}

// TypeCode splits a numpy type string such as "<f8" into its kind ('f') and the size of an item in bytes, -1 where the code does not say it. ok is
// false for codes that numpy's own pickles do not have.
func TypeCode(s string) (kind byte, size int64, ok bool) { return parseTypeCode(s) }

// parseTypeCode splits a type string such as "f8" into kind and size (of one item, in bytes; -1 where the state says it).
func parseTypeCode(s string) (kind byte, size int64, ok bool) {
	s = strings.TrimLeft(s, "<>=|")
	if s == "" || len(s) > 16 {
		return 0, 0, false
	}
	kind = s[0]
	if len(s) == 1 {
		return kind, -1, strings.IndexByte("?bBhHiIlLqQefdgFDGOSUVcmMT", kind) >= 0
	}
	n, err := strconv.ParseInt(s[1:], 10, 64)
	if err != nil || n < 0 || n > 1<<31 || strings.IndexByte("biufcOSUVmMaT", kind) < 0 {
		return 0, 0, false
	}
	if kind == 'U' {
		n *= 4
	}
	return kind, n, true
}

// dtypeCall: dtype("f8", False, True), dtype(numpy.record, False, True).
func dtypeCall(c *Call) string {
	if len(c.Args) == 0 || len(c.Args) > 4 || c.More {
		return "it takes a type code and flags"
	}
	if a := c.allowed(c.Args[0]); a != nil {
		if !a.Can(Ref) || !strings.HasPrefix(a.Module, "numpy") && a.Module != "builtins" {
			return "its type is not known to be harmless"
		}
		c.take(0)
	} else if _, _, ok := parseTypeCode(word(c, c.Args[0])); !ok {
		return "its type code is not a simple one"
	}
	for _, v := range c.Args[1:] {
		if !v.IsPlain() && v.Kind() != pickle.KindDict {
			return "it takes a type code and flags"
		}
	}
	return ""
}

// The bits of a dtype's flags (numpy/core/include/numpy/ndarraytypes.h). An object type without them makes numpy take raw bytes for pointers,
// another type with them makes it count references at addresses that the file gives.
const (
	flagsObject  = 63             // of type code O
	flagsOfField = 1 | 2 | 8 | 16 // what a structure inherits from an object field
	flagsPlain   = 0x80 | 8 | 16  // what other types may have: aligned, needs init, needs API
)

// dtypeState: dtype.__setstate__((version, byte order, base, names, fields, size, alignment, flags[, metadata])).
func dtypeState(c *Call) string {
	items, more := c.M.Items(c.State)
	if more || len(items) < 5 || len(items) > 9 {
		return "its state cannot be judged"
	}
	if version, ok := items[0].Int(); !ok || len(items) < 8 || version < 3 {
		return "its state is of an old version"
	}
	flags, ok := items[7].Int()
	size, ok2 := items[5].Int()
	if !ok || !ok2 || !isText(c, items[1]) {
		return "its state cannot be judged"
	}
	kind := c.kindOf(c.Args, 0)
	hasObject, why := c.parts(items, size)
	if why != "" {
		return why
	}
	switch {
	case kind == 'O':
		if flags != flagsObject {
			return "its flags do not fit an object type"
		}
	case hasObject:
		if flags&flagsOfField != flagsOfField {
			return "its flags do not fit its object fields"
		}
	case flags&^flagsPlain != 0:
		return "its flags make numpy take data for pointers"
	}
	if size >= 0 && strings.IndexByte("SUVaT", kind) < 0 {
		return "its item size does not fit its type"
	}
	return ""
}

// kindOf gives the type code's kind of a dtype call's arguments; V for classes and whatever cannot be read.
func (c *Call) kindOf(args []pickle.Value, i int) byte {
	if i < len(args) {
		if kind, _, ok := parseTypeCode(word(c, args[i])); ok {
			return kind
		}
	}
	return 'V'
}

// parts judges the base of a subarray type and the fields of a structure of the given size.
func (c *Call) parts(state []pickle.Value, size int64) (hasObject bool, why string) {
	if base := state[2]; base.Kind() != pickle.KindNone {
		pair, more := c.M.Items(base)
		if more || len(pair) != 2 {
			return false, "its base type cannot be judged"
		}
		obj, width, why := c.inner(pair[0])
		if why != "" {
			return false, why
		}
		if !c.times(pair[1], width, size) {
			return false, "its item size does not fit its base type and shape"
		}
		hasObject = obj
	}
	if state[4].Kind() == pickle.KindNone {
		return hasObject, ""
	}
	fields, more := c.M.Items(state[4])
	if more || state[4].Kind() != pickle.KindDict {
		return false, "its fields cannot be judged"
	}
	for i := 0; i+1 < len(fields); i += 2 {
		field, more := c.M.Items(fields[i+1])
		if more || len(field) < 2 {
			return false, "its fields cannot be judged"
		}
		offset, ok := field[1].Int()
		obj, width, why := c.inner(field[0])
		if why != "" {
			return false, why
		}
		if !ok || offset < 0 || width > size || offset > size-width {
			return false, "a field lies outside the item"
		}
		hasObject = hasObject || obj
	}
	return hasObject, ""
}

// times reports whether a subarray of the given shape, an int or a tuple of ints, of items of width bytes takes size bytes.
func (c *Call) times(shape pickle.Value, width, size int64) bool {
	dims := []pickle.Value{shape}
	if shape.Kind() != pickle.KindInt {
		var more bool
		if dims, more = c.M.Items(shape); more {
			return false
		}
	}
	n := width
	for _, v := range dims {
		d, ok := v.Int()
		if !ok || d < 0 || d > 0 && n > size/d {
			return false
		}
		n *= d
	}
	return n == size
}

// inner gives whether a dtype that is part of another holds objects, and its size.
func (c *Call) inner(v pickle.Value) (hasObject bool, size int64, why string) {
	if !c.is(v, []string{"numpy"}, "dtype") {
		return false, 0, "a part of it is no dtype"
	}
	made, _, ok := c.M.CallOf(v)
	if !ok {
		return false, 0, "a part of it lies too far back"
	}
	args, more := c.M.Items(made.Args)
	if more || len(args) == 0 {
		return false, 0, "a part of it lies too far back"
	}
	kind, size, ok := parseTypeCode(word(c, args[0]))
	if !ok {
		kind = 'V' // a class
	}
	if strings.IndexByte("SUVaT", kind) < 0 {
		return kind == 'O', size, sizeless(size)
	}
	// Strings and structures are what their own state says.
	if c.DType == nil {
		return false, 0, "a part of it cannot be judged"
	}
	size, object, built := c.DType(v)
	if !built {
		return false, 0, "a part of it has no state"
	}
	return object, size, sizeless(size)
}

func sizeless(size int64) string {
	if size < 0 {
		return "a part of it has no size"
	}
	return ""
}

// scalarCall: scalar(dtype, bytes).
func scalarCall(c *Call) string {
	if len(c.Args) == 0 || len(c.Args) > 2 || c.More || !c.isDtype(c.Args[0]) {
		return "it takes a dtype and bytes"
	}
	if len(c.Args) == 2 && !isText(c, c.Args[1]) && !c.is(c.Args[1], multiarray, "_reconstruct", "scalar") {
		return "it takes a dtype and bytes"
	}
	return ""
}

func (c *Call) isDtype(v pickle.Value) bool {
	if c.is(v, []string{"numpy"}, "dtype") {
		return true
	}
	a := c.madeBy(v)
	return a != nil && (strings.HasPrefix(a.Module, "numpy.dtypes") || a.Name == "_convert_to_stringdtype_kwargs")
}

// frombuffer: _frombuffer(buffer, dtype, shape, order); numpy refuses dtypes with objects.
func frombuffer(c *Call) string {
	if len(c.Args) != 4 || c.More || !isText(c, c.Args[0]) || !c.isDtype(c.Args[1]) {
		return "it takes a buffer, a dtype, a shape and an order"
	}
	return ""
}

// ufuncReconstruct: _ufunc_reconstruct(module, name) imports the module, so the pair must itself be allowed.
func ufuncReconstruct(c *Call) string {
	if len(c.Args) == 2 && !c.More {
		if d := Look(word(c, c.Args[0]), word(c, c.Args[1])); d.Allow.Can(Ref) {
			return ""
		}
	}
	return "it imports a module and takes a name from it"
}

// randomCtor: __generator_ctor("PCG64", constructor), __bit_generator_ctor(PCG64), and their like.
func randomCtor(c *Call) string {
	if len(c.Args) > 2 || c.More {
		return "it takes a bit generator"
	}
	for i, v := range c.Args {
		a := c.allowed(v)
		switch {
		case a.Is("bitgen"), a != nil && a.Name == "__bit_generator_ctor":
			c.take(i)
		case c.is(v, []string{"numpy.random._pickle"}, "__bit_generator_ctor"):
		default:
			switch word(c, v) {
			case "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64", "DSFMT", "ThreeFry", "Xoroshiro128", "Xorshift1024":
			default:
				return "it takes a bit generator"
			}
		}
	}
	return ""
}

// randomState: a dict, or the tuple of two or five items; numpy up to 1.16 crashes on shorter ones.
func randomState(c *Call) string {
	if c.State.Kind() == pickle.KindDict {
		return ""
	}
	if n, ok := c.M.Len(c.State); !ok || n != 2 && n != 5 {
		return "its state has not the right length"
	}
	return ""
}

// sklearnTree: Tree(features, classes array, outputs); __setstate__ checks types and sizes.
func sklearnTree(c *Call) string {
	if len(c.Args) != 3 || c.More || c.Args[1].Kind() != pickle.KindObject {
		return "it takes two numbers and an array"
	}
	for _, i := range []int{0, 2} {
		if n, ok := c.Args[i].Int(); (!ok || n < 0 || n > 1<<31) && !c.is(c.Args[i], multiarray, "scalar") {
			return "it takes two numbers and an array"
		}
	}
	return ""
}

// noFormula: statsmodels evaluates the formula of a state that asks to restore it.
func noFormula(c *Call) string {
	items, more := c.M.Items(c.State)
	if c.State.Kind() != pickle.KindDict || more {
		return "its state cannot be judged"
	}
	for i := 0; i < len(items); i += 2 {
		if k := word(c, items[i]); k == "" || k == "restore_design_info" {
			return "its state has a formula that is evaluated as Python"
		}
	}
	return ""
}
