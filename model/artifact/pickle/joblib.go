package pickle

import (
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	machine "github.com/merlon-security/merlon/engine/pickle"
)

// joblib writes an array as an object of class NumpyArrayWrapper followed by the raw bytes of the array, in the middle of the stream: its loader reads
// them when BUILD has set the wrapper's attributes (joblib/numpy_pickle.py, NumpyArrayWrapper.read_array). Since joblib 1.3 a byte before the data tells how
// many bytes of padding follow it. An array of objects is a pickle of its own instead.
//
// A reader that is not joblib goes on with the next opcode, so the first opcodes in the raw bytes are tried as well.
func (j *judge) rawArray(m *machine.Machine, n *name, state machine.Value) {
	if n.Name != "NumpyArrayWrapper" || !strings.HasSuffix(n.Module, "joblib.numpy_pickle") && n.Module != "joblib.numpy_pickle" {
		return
	}
	size, padded, object, ok := j.arraySize(m, state)
	if !ok {
		return
	}
	off := m.Offset()
	if object {
		j.inline(m, off)
		return
	}
	if padded {
		var pad [1]byte
		if got, _ := m.Section(off, 1).ReadAt(pad[:], 0); got == 1 {
			off += 1 + int64(pad[0])
		}
	}
	j.tryPlain(m)
	m.Jump(min(off+size, m.End()))
}

// arraySize reads the wrapper's state.
func (j *judge) arraySize(m *machine.Machine, state machine.Value) (size int64, padded, object, ok bool) {
	items, more := m.Items(state)
	if state.Kind() != machine.KindDict || more {
		return 0, false, false, false
	}
	size = 1
	width := int64(-1)
	for i := 0; i+1 < len(items); i += 2 {
		key, _ := m.Text(items[i], 64)
		switch key {
		case "shape":
			dims, more := m.Items(items[i+1])
			for _, d := range dims {
				n, isInt := d.Int()
				if !isInt || n < 0 || n > 0 && size > m.End()/n {
					return 0, false, false, false
				}
				size *= n
			}
			if more {
				return 0, false, false, false
			}
		case "dtype":
			width, object = itemSize(m, items[i+1])
		case "numpy_array_alignment_bytes":
			padded = items[i+1].Kind() == machine.KindInt
		}
	}
	if object {
		return 0, false, true, true
	}
	if width < 0 || width > 0 && size > m.End()/width {
		return 0, false, false, false
	}
	return size * width, padded, false, true
}

// itemSize gives the bytes of one item of a dtype made by numpy.dtype(code, ...) and, where the code does not tell, by BUILD.
func itemSize(m *machine.Machine, v machine.Value) (width int64, object bool) {
	c, _, ok := m.CallOf(v)
	if !ok {
		return -1, false
	}
	args, _ := m.Items(c.Args)
	if len(args) == 0 {
		return -1, false
	}
	code, ok := m.Text(args[0], 32)
	if !ok {
		return -1, false
	}
	code = strings.TrimLeft(code, "<>=|")
	if code == "" {
		return -1, false
	}
	if code[0] == 'O' {
		return 0, true
	}
	n, err := strconv.ParseInt(code[1:], 10, 40)
	if err != nil {
		return -1, false
	}
	if code[0] == 'U' {
		n *= 4
	}
	return n, false
}

// inline judges the pickle of an object array, which lies in the stream itself, and goes on behind it.
func (j *judge) inline(m *machine.Machine, off int64) {
	if j.depth >= maxDepth {
		return
	}
	in := j.child(off, true)
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
	in := j.child(m.Offset(), true)
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
