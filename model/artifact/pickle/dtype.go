package pickle

import (
	machine "github.com/merlon-security/merlon/engine/pickle"
)

// dtype is what BUILD made of a numpy.dtype.
type dtype struct {
	size   int64 // of an item, in bytes; -1: the type code says it
	object bool  // some part of it is an object
}

// maxDTypes bounds the types remembered per stream; real ones have a handful.
const maxDTypes = 10_000

// noteDType remembers the state of a numpy.dtype, which for strings and structures says more than its type code.
func (j *judge) noteDType(m *machine.Machine, n *name, target, state machine.Value) {
	if n.Name != "dtype" || n.Module != "numpy" || len(j.dtypes) >= maxDTypes {
		return
	}
	_, at, ok := m.CallOf(target)
	if !ok {
		return
	}
	items, _ := m.Items(state)
	if len(items) < 8 {
		return
	}
	size, ok := items[5].Int()
	flags, ok2 := items[7].Int()
	if !ok || !ok2 {
		return
	}
	if j.dtypes == nil {
		j.dtypes = map[int64]dtype{}
	}
	j.dtypes[at.Offset] = dtype{size, flags&1 != 0}
}

// dtypeOf is [policy.Call.DType].
func (j *judge) dtypeOf(m *machine.Machine) func(machine.Value) (size int64, object, built bool) {
	return func(v machine.Value) (int64, bool, bool) {
		_, at, ok := m.CallOf(v)
		if !ok {
			return 0, false, false
		}
		d, built := j.dtypes[at.Offset]
		return d.size, d.object, built
	}
}
