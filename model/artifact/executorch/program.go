package executorch

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/flatbuf"
)

// The numbers of the fields and unions of schema/program.fbs in ExecuTorch 1.5.
const (
	programVersion   = 0
	programPlans     = 1
	programConstants = 2
	programInline    = 3
	programSegments  = 4
	programConstSeg  = 5

	planName      = 0
	planValues    = 2
	planInputs    = 3
	planOutputs   = 4
	planChains    = 5
	planOperators = 6
	planDelegates = 7

	valueTensor = 5 // in the union KernelTypes

	callKernel   = 1 // in the union InstructionArguments
	callDelegate = 2
	callMove     = 3
	callJump     = 4
	callFree     = 5
)

// program is what a .pte file says.
type program struct {
	version   uint32
	methods   []string
	operators map[string]int
	delegates map[string]int64 // by name: bytes of their data
	tensors   []asset.Tensor
	omitted   int
	segments  []segment
	base      int64 // of segments
	calls     int64
}

type segment struct{ off, size int64 }

const (
	headLen  = 8 // offset of the root, identifier
	maxPlans = 1000
	maxNames = 100_000
)

// readProgram reads the whole FlatBuffer and checks every index in it: the runtime
// of a small device does not.
func readProgram(r io.ReaderAt, size int64) (*program, error) {
	p := &program{operators: map[string]int{}, delegates: map[string]int64{}}
	var head [headLen + 32]byte
	n, _ := r.ReadAt(head[:], 0)
	if size == 0 {
		return p, fmt.Errorf("ExecuTorch program: the file is empty: fetch it again")
	}
	if n < headLen || !isProgram(head[:n]) {
		return p, fmt.Errorf("no ExecuTorch program")
	}
	end := size
	if n >= headLen+24 && string(head[headLen:headLen+4]) == "eh00" {
		// The extended header: length, size of the program, where segments begin.
		e := head[headLen:]
		length := int64(binary.LittleEndian.Uint32(e[4:]))
		end, p.base = int64(binary.LittleEndian.Uint64(e[8:])), int64(binary.LittleEndian.Uint64(e[16:]))
		if length < 24 || end < headLen || end > size || p.base < 0 || p.base > size || p.base > 0 && p.base < end {
			return p, fmt.Errorf("header: program of %d bytes, segments from %d on, in a file of %d", end, p.base, size)
		}
	}
	b := flatbuf.New(io.NewSectionReader(r, 0, end), end)
	root := b.Root(string(head[4:8]))
	p.version = root.U32(programVersion)
	if err := p.readSegments(root, size); err != nil {
		return p, err
	}
	plans := root.Vector(programPlans, 4)
	if plans.Len > maxPlans {
		return p, fmt.Errorf("%d methods", plans.Len)
	}
	if b.Err() == nil && plans.Len == 0 {
		return p, fmt.Errorf("no method")
	}
	for i := range plans.Len {
		plan := plans.Table(i)
		name := plan.String(planName, 256)
		if err := p.readPlan(root, plan, name); err != nil {
			return p, fmt.Errorf("method %q: %w", name, err)
		}
		if b.Err() != nil {
			break
		}
	}
	return p, b.Err()
}

func isProgram(head []byte) bool {
	return len(head) >= headLen && head[4] == 'E' && head[5] == 'T' && head[6] >= '0' && head[6] <= '9' && head[7] >= '0' && head[7] <= '9'
}

func (p *program) readSegments(root flatbuf.Table, size int64) error {
	list := root.Vector(programSegments, 4)
	for i := range list.Len {
		s := list.Table(i)
		if !s.Has() {
			return nil // the buffer has an error
		}
		off, n := s.U64(0), s.U64(1)
		if off > uint64(size) || n > uint64(size) || p.base+int64(off)+int64(n) > size {
			return fmt.Errorf("segment %d has %d bytes at %d after %d, the file %d", i, n, off, p.base, size)
		}
		if len(p.segments) < maxNames {
			p.segments = append(p.segments, segment{p.base + int64(off), int64(n)})
		}
	}
	return nil
}

func (p *program) readPlan(root, plan flatbuf.Table, name string) error {
	p.methods = append(p.methods, name)
	values, chains := plan.Vector(planValues, 4), plan.Vector(planChains, 4)
	operators, delegates := plan.Vector(planOperators, 4), plan.Vector(planDelegates, 4)
	for i := range operators.Len {
		o := operators.Table(i)
		if !o.Has() {
			return nil
		}
		op := o.String(0, 256)
		if over := o.String(1, 256); over != "" {
			op += "." + over
		}
		if len(p.operators) < maxNames {
			p.operators[op]++
		}
	}
	for i := range delegates.Len {
		if err := p.readDelegate(root, delegates.Table(i)); err != nil {
			return fmt.Errorf("delegate %d: %w", i, err)
		}
	}
	for i := range values.Len {
		if err := p.readValue(root, values.Table(i), fmt.Sprintf("%s.%d", name, i)); err != nil {
			return fmt.Errorf("value %d: %w", i, err)
		}
	}
	for _, field := range []int{planInputs, planOutputs} {
		if err := indexes(plan.Vector(field, 4), values.Len); err != nil {
			return err
		}
	}
	for i := range chains.Len {
		if err := p.readChain(chains.Table(i), values.Len, operators.Len, delegates.Len); err != nil {
			return fmt.Errorf("chain %d: %w", i, err)
		}
	}
	return nil
}

// indexes checks a list of indexes of values.
func indexes(v flatbuf.Vector, values int) error {
	for i := range v.Len {
		if x := int(v.I32(i)); x < 0 || x >= values {
			return fmt.Errorf("value %d of %d is used", x, values)
		}
	}
	return nil
}

func (p *program) readDelegate(root, d flatbuf.Table) error {
	if !d.Has() {
		return nil
	}
	id, ref := d.String(0, 256), d.Table(1)
	size := int64(0)
	if ref.Has() {
		index := int64(ref.U32(1))
		if ref.U8(0) == 1 {
			if index >= int64(len(p.segments)) {
				return fmt.Errorf("its data are in segment %d of %d", index, len(p.segments))
			}
			size = p.segments[index].size
		} else {
			list := root.Vector(programInline, 4)
			if index >= int64(list.Len) {
				return fmt.Errorf("its data are in entry %d of %d", index, list.Len)
			}
			size = int64(list.Table(int(index)).Vector(0, 1).Len)
		}
	}
	if len(p.delegates) < maxNames {
		p.delegates[id] += size
	}
	return nil
}

// readValue keeps constant tensors, and checks that their bytes are there.
func (p *program) readValue(root, v flatbuf.Table, name string) error {
	if v.U8(0) != valueTensor {
		return nil
	}
	t := v.Table(1)
	if !t.Has() {
		return nil
	}
	index := int64(t.U32(5))
	sizes := t.Vector(2, 4)
	out := asset.Tensor{Name: name, DType: scalarType(t.U8(0)), Shape: []int64{}}
	items := int64(1)
	for i := range sizes.Len {
		n := int64(sizes.I32(i))
		if n < 0 || n > 0 && items > (1<<60)/n {
			return fmt.Errorf("a size of %d", n)
		}
		items *= n
		out.Shape = append(out.Shape, n)
	}
	out.Bytes = items * width(out.DType)
	if extra := t.Table(9); extra.Has() {
		if s := extra.String(1, 256); s != "" {
			out.Name = s
		}
		if extra.U8(2) == 1 { // the data are in another file
			out.File = "external"
			p.keep(out)
			return nil
		}
	}
	if index == 0 {
		return nil // filled while the program runs
	}
	if have, ok := p.constant(root, index); !ok || have < out.Bytes {
		return fmt.Errorf("tensor of %d bytes in buffer %d, which has %d", out.Bytes, index, have)
	}
	p.keep(out)
	return nil
}

func (p *program) keep(t asset.Tensor) {
	if len(p.tensors) < asset.MaxTensors {
		p.tensors = append(p.tensors, t)
	} else {
		p.omitted++
	}
}

// constant returns the bytes of a constant buffer, up to the end of its segment.
func (p *program) constant(root flatbuf.Table, index int64) (int64, bool) {
	if list := root.Vector(programConstants, 4); list.Len > 0 {
		if index >= int64(list.Len) {
			return 0, false
		}
		return int64(list.Table(int(index)).Vector(0, 1).Len), true
	}
	sub := root.Table(programConstSeg)
	offsets := sub.Vector(1, 8)
	seg := int64(sub.U32(0))
	if !sub.Has() || index >= int64(offsets.Len) || seg >= int64(len(p.segments)) {
		return 0, false
	}
	off := offsets.I64(int(index))
	return p.segments[seg].size - off, off >= 0
}

func (p *program) readChain(c flatbuf.Table, values, operators, delegates int) error {
	list := c.Vector(2, 4)
	for i := range list.Len {
		in := list.Table(i)
		if !in.Has() {
			return nil
		}
		p.calls++
		kind, call := in.U8(0), in.Table(1)
		var err error
		switch kind {
		case callKernel, callDelegate:
			limit := operators
			if kind == callDelegate {
				limit = delegates
			}
			if n := int(call.I32(0)); n < 0 || n >= limit {
				return fmt.Errorf("instruction %d calls %d of %d", i, n, limit)
			}
			err = indexes(call.Vector(1, 4), values)
		case callMove:
			err = inside(values, call.I32(0), call.I32(1))
		case callJump:
			if err = inside(values, call.I32(0)); err == nil {
				err = inside(list.Len+1, call.I32(1))
			}
		case callFree:
			err = inside(values, call.I32(0))
		default:
			return fmt.Errorf("instruction %d is of type %d, which is not known", i, kind)
		}
		if err != nil {
			return fmt.Errorf("instruction %d: %w", i, err)
		}
	}
	return nil
}

func inside(limit int, list ...int32) error {
	for _, x := range list {
		if x < 0 || int(x) >= limit {
			return fmt.Errorf("index %d of %d", x, limit)
		}
	}
	return nil
}

// foreign reports whether an operator needs kernels besides those of ExecuTorch.
func foreign(op string) bool {
	ns, _, _ := strings.Cut(op, "::")
	switch ns {
	case "aten", "executorch_prim", "dim_order_ops", "quantized_decomposed", "prim":
		return false
	}
	return true
}

// scalarType names the values of schema/scalar_type.fbs.
func scalarType(n uint8) string {
	names := map[uint8]string{0: "uint8", 1: "int8", 2: "int16", 3: "int32", 4: "int64", 5: "float16", 6: "float32", 7: "float64", 11: "bool",
		12: "qint8", 13: "quint8", 14: "qint32", 15: "bfloat16", 16: "quint4x2", 17: "quint2x4", 22: "bits16", 23: "float8_e5m2",
		24: "float8_e4m3fn", 25: "float8_e5m2fnuz", 26: "float8_e4m3fnuz", 27: "uint16", 28: "uint32", 29: "uint64"}
	if s, ok := names[n]; ok {
		return s
	}
	return fmt.Sprintf("type %d", n)
}

func width(dtype string) int64 {
	switch dtype {
	case "int16", "uint16", "float16", "bfloat16", "bits16":
		return 2
	case "int32", "uint32", "float32", "qint32":
		return 4
	case "int64", "uint64", "float64":
		return 8
	}
	return 1
}
