package pickle

import (
	"strings"

	"github.com/merlon-security/merlon/asset"
	machine "github.com/merlon-security/merlon/engine/pickle"
	"github.com/merlon-security/merlon/model/artifact/pickle/policy"
)

// joblib writes an array as an object of class NumpyArrayWrapper followed by the raw bytes of the array, in the middle of the stream: its loader reads
// them when BUILD has set the wrapper's attributes (joblib/numpy_pickle.py, NumpyArrayWrapper.read_array). Since joblib 1.3 a byte before the data tells how
// many bytes of padding follow it. An array of objects is a pickle of its own instead.
//
// A reader that is not joblib goes on with the next opcode, so the first opcodes in the raw bytes are tried as well.
//
// Where the raw bytes end has to be known exactly: what is taken for data here and for opcodes by joblib would run unseen.
func (j *judge) rawArray(m *machine.Machine, at machine.Site, n *name, state machine.Value) {
	if n.Name != "NumpyArrayWrapper" || !strings.HasSuffix(n.Module, "joblib.numpy_pickle") {
		return
	}
	a, ok := j.array(m, state)
	if !ok {
		j.lower(asset.Unverified)
		if j.fresh(ruleUnverified, "array") {
			j.report(ruleUnverified, at, "array", "holds an array whose raw data cannot be told from the rest of the file", nil)
		}
		return
	}
	off := m.Offset()
	if a.object {
		j.inline(m, off)
		return
	}
	if a.padded {
		var pad [1]byte
		if got, _ := m.Section(off, 1).ReadAt(pad[:], 0); got == 1 {
			off += 1 + int64(pad[0])
		}
	}
	j.tryPlain(m)
	m.Jump(min(off+a.size, m.End()))
}

// array is what joblib reads behind a wrapper.
type array struct {
	size   int64 // bytes
	padded bool  // a byte before the data counts the bytes of padding behind it
	object bool  // a pickle instead
}

// array reads the wrapper's state. ok is false where joblib might compute another size: every key has to be a literal, and there once.
func (j *judge) array(m *machine.Machine, state machine.Value) (a array, ok bool) {
	items, more := m.Items(state)
	if state.Kind() != machine.KindDict || more || len(items)%2 != 0 {
		return a, false
	}
	seen := map[string]bool{}
	count, width := int64(-1), int64(-1)
	for i := 0; i < len(items); i += 2 {
		key, isText := m.Text(items[i], 64)
		if !isText || seen[key] {
			return a, false
		}
		seen[key] = true
		switch v := items[i+1]; key {
		case "shape":
			if count, ok = j.count(m, v); !ok {
				return a, false
			}
		case "dtype":
			if width, a.object, ok = j.itemSize(m, v); !ok {
				return a, false
			}
		case "numpy_array_alignment_bytes":
			if a.padded = v.Kind() == machine.KindInt; !a.padded && v.Kind() != machine.KindNone {
				return a, false
			}
		}
	}
	if a.object {
		return a, true
	}
	if count < 0 || width < 0 || width > 0 && count > m.End()/width {
		return a, false
	}
	a.size = count * width
	return a, true
}

// count multiplies the dimensions of a shape.
func (j *judge) count(m *machine.Machine, shape machine.Value) (n int64, ok bool) {
	switch shape.Kind() {
	case machine.KindTuple, machine.KindRefTuple, machine.KindEmptyTuple:
	default:
		return 0, false
	}
	dims, more := m.Items(shape)
	n = 1
	for _, v := range dims {
		d, isInt := v.Int()
		if !isInt || d < 0 || d > 0 && n > m.End()/d {
			return 0, false
		}
		n *= d
	}
	return n, !more
}

// itemSize gives the bytes of one item of a dtype made by numpy.dtype(code, ...) and BUILD.
func (j *judge) itemSize(m *machine.Machine, v machine.Value) (width int64, object, ok bool) {
	id, made := v.ResultOf()
	c, at, known := m.CallOf(v)
	if !made || !known {
		return 0, false, false
	}
	if g := m.GlobalName(id); g.Module != "numpy" || g.Name != "dtype" {
		return 0, false, false
	}
	args, more := m.Items(c.Args)
	if len(args) == 0 || more {
		return 0, false, false
	}
	code, isText := m.Text(args[0], 32)
	kind, width, valid := policy.TypeCode(code)
	if !isText || !valid {
		return 0, false, false
	}
	state, built := j.dtypes[at.Offset]
	switch {
	case kind == 'O' || built && state.object:
		return 0, true, true
	case strings.IndexByte("SUVaT", kind) >= 0: // sized by the state
		return state.size, false, built && state.size >= 0
	}
	return width, false, width >= 0 && (!built || state.size < 0)
}

// inline judges the pickle of an object array, which lies in the stream itself, and goes on behind it.
func (j *judge) inline(m *machine.Machine, off int64) {
	if j.depth >= maxDepth {
		return
	}
	in := j.child(off)
	res := in.run(m.Section(0, m.End()), off, m.End())
	in.finish(res)
	j.adopt(in)
	if res.Stopped {
		m.Jump(res.End)
	}
}

// tryPlain judges the raw bytes as the opcodes that they are for other readers; data seldom survive the first of them.
func (j *judge) tryPlain(m *machine.Machine) {
	if j.depth >= maxDepth {
		return
	}
	in := j.child(m.Offset())
	res := in.run(m.Section(0, m.End()), m.Offset(), m.End())
	if !j.s.try(res.End - res.Start) {
		j.lower(asset.Failed)
		j.report(ruleBomb, machine.Site{Offset: res.Start}, "arrays", "holds more arrays than are analysed", nil)
	}
	if in.code && in.convincing(res, m.End()) {
		in.finish(machine.Result{Stopped: true})
		j.adopt(in)
	}
}
