package torchscript

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/merlon-security/merlon/asset"
)

// literal is a value of a pickle. Values may share others, so a literal is a graph,
// not a tree, and may be circular.
type literal struct {
	text   string
	isStr  bool
	num    int64
	isNum  bool
	items  []*literal // of a tuple or list
	pairs  []*literal // keys and values of a dict or of an object's state, in turn
	global string     // "torch.FloatStorage"
	stored *literal   // a storage: what identifies it
	tensor *asset.Tensor
}

const (
	maxLiterals = 1 << 20
	maxMemo     = 1 << 20
)

var errPickle = errors.New("not the plain pickle that PyTorch writes")

// readLiteral reads a pickle as torch/csrc/jit/serialization/pickler.cpp and
// torch.save write them, as far as it is data. The scanner of pickles judges the
// rest; here nothing is imported or called.
func readLiteral(b []byte) (*literal, error) {
	r := &literals{b: b}
	for r.pos < len(r.b) {
		done, err := r.step()
		if err != nil {
			return nil, fmt.Errorf("byte %d: %w", r.pos, err)
		}
		if done {
			if len(r.stack) != 1 || len(r.marks) != 0 {
				return nil, fmt.Errorf("%d values at the end: %w", len(r.stack), errPickle)
			}
			return r.stack[0], nil
		}
	}
	return nil, fmt.Errorf("no end: %w", errPickle)
}

type literals struct {
	b     []byte
	pos   int
	stack []*literal
	marks []int
	memo  map[uint32]*literal
	made  int
}

func (r *literals) take(n int) ([]byte, error) {
	if n < 0 || n > len(r.b)-r.pos {
		return nil, fmt.Errorf("cut off: %w", errPickle)
	}
	b := r.b[r.pos : r.pos+n]
	r.pos += n
	return b, nil
}

func (r *literals) push(l *literal) error {
	if r.made++; r.made > maxLiterals {
		return fmt.Errorf("more than %d values: %w", maxLiterals, errPickle)
	}
	r.stack = append(r.stack, l)
	return nil
}

// bottom is where the values since the last mark begin.
func (r *literals) bottom() int {
	if len(r.marks) == 0 {
		return 0
	}
	return r.marks[len(r.marks)-1]
}

func (r *literals) popMark() ([]*literal, error) {
	if len(r.marks) == 0 {
		return nil, errPickle
	}
	at := r.bottom()
	items := append([]*literal(nil), r.stack[at:]...)
	r.stack = r.stack[:at]
	r.marks = r.marks[:len(r.marks)-1]
	return items, nil
}

func (r *literals) top() (*literal, error) {
	if len(r.stack) <= r.bottom() {
		return nil, errPickle
	}
	return r.stack[len(r.stack)-1], nil
}

// step runs one opcode (Lib/pickletools.py names and explains them).
func (r *literals) step() (done bool, err error) {
	op := r.b[r.pos]
	r.pos++
	switch op {
	case '.':
		return true, nil
	case 0x80: // PROTO
		_, err = r.take(1)
	case '(': // MARK
		if len(r.marks) > maxLiterals {
			return false, errPickle
		}
		r.marks = append(r.marks, len(r.stack))
	case 't': // TUPLE
		items, err := r.popMark()
		if err != nil {
			return false, err
		}
		return false, r.push(&literal{items: items})
	case 0x85, 0x86, 0x87: // TUPLE1, TUPLE2, TUPLE3
		n := int(op - 0x84)
		if len(r.stack)-n < r.bottom() {
			return false, errPickle
		}
		items := append([]*literal(nil), r.stack[len(r.stack)-n:]...)
		r.stack = r.stack[:len(r.stack)-n]
		return false, r.push(&literal{items: items})
	case ')', ']': // EMPTY_TUPLE, EMPTY_LIST
		return false, r.push(&literal{})
	case 'e', 'a': // APPENDS, APPEND
		return false, r.extend(op == 'e')
	case 'N', 0x88, 0x89: // NONE, NEWTRUE, NEWFALSE
		return false, r.push(&literal{})
	case 'q', 'r', 'h', 'j': // BINPUT, LONG_BINPUT, BINGET, LONG_BINGET
		return false, r.remember(op)
	case '}', 'c', 'R', 'b', 'Q', 'u', 's', 0x81, 0x93:
		return false, r.object(op)
	case 0x94: // MEMOIZE
		x, err := r.top()
		if err != nil || len(r.memo) > maxMemo {
			return false, errPickle
		}
		if r.memo == nil {
			r.memo = map[uint32]*literal{}
		}
		r.memo[uint32(len(r.memo))] = x
	case 0x95: // FRAME
		_, err = r.take(8)
	default:
		return false, r.scalar(op)
	}
	return false, err
}

// object runs the opcodes that make objects. Nothing is imported or called: a name
// stays a name, and of calls only those that put tensors together have a meaning.
func (r *literals) object(op byte) error {
	pop := map[byte]int{'R': 2, 0x81: 2, 0x93: 2, 'Q': 1, 'b': 1, 's': 2}[op]
	if len(r.stack)-pop < r.bottom() {
		return errPickle
	}
	args := append([]*literal(nil), r.stack[len(r.stack)-pop:]...)
	r.stack = r.stack[:len(r.stack)-pop]
	switch op {
	case 'c': // GLOBAL: two lines
		var lines [2]string
		for i := range lines {
			n := bytes.IndexByte(r.b[r.pos:], '\n')
			if n < 0 {
				return errPickle
			}
			lines[i] = string(r.b[r.pos : r.pos+n])
			r.pos += n + 1
		}
		return r.push(&literal{global: lines[0] + "." + lines[1]})
	case 0x93: // STACK_GLOBAL
		return r.push(&literal{global: args[0].text + "." + args[1].text})
	case 'R': // REDUCE
		return r.push(rebuild(args[0].global, args[1].items))
	case 'Q': // BINPERSID
		return r.push(&literal{stored: args[0]})
	case 0x81, '}': // NEWOBJ, EMPTY_DICT
		return r.push(&literal{})
	}
	var items []*literal
	switch op {
	case 'b': // BUILD
		items = args[0].pairs
	case 's': // SETITEM
		items = args
	case 'u': // SETITEMS
		var err error
		if items, err = r.popMark(); err != nil {
			return err
		}
	}
	target, err := r.top()
	if err != nil {
		return err
	}
	if r.made += len(items); r.made > maxLiterals {
		return fmt.Errorf("more than %d values: %w", maxLiterals, errPickle)
	}
	target.pairs = append(target.pairs, items[:len(items)&^1]...)
	return nil
}

func (r *literals) extend(many bool) error {
	var items []*literal
	if many {
		var err error
		if items, err = r.popMark(); err != nil {
			return err
		}
	} else {
		x, err := r.top()
		if err != nil {
			return err
		}
		items = []*literal{x}
		r.stack = r.stack[:len(r.stack)-1]
	}
	list, err := r.top()
	if err != nil {
		return err
	}
	if r.made += len(items); r.made > maxLiterals {
		return fmt.Errorf("more than %d values: %w", maxLiterals, errPickle)
	}
	list.items = append(list.items, items...)
	return nil
}

func (r *literals) remember(op byte) error {
	width := 1
	if op == 'r' || op == 'j' {
		width = 4
	}
	b, err := r.take(width)
	if err != nil {
		return err
	}
	n := uint32(b[0])
	if width == 4 {
		n = binary.LittleEndian.Uint32(b)
	}
	if op == 'h' || op == 'j' {
		x, ok := r.memo[n]
		if !ok {
			return errPickle
		}
		return r.push(x)
	}
	x, err := r.top()
	if err != nil {
		return err
	}
	if r.memo == nil {
		r.memo = map[uint32]*literal{}
	}
	if len(r.memo) > maxMemo {
		return errPickle
	}
	r.memo[n] = x
	return nil
}

func (r *literals) scalar(op byte) error {
	num := func(b []byte, err error) error {
		if err != nil {
			return err
		}
		var v uint64
		for i := len(b) - 1; i >= 0; i-- {
			v = v<<8 | uint64(b[i])
		}
		if len(b) == 4 {
			v = uint64(int32(v))
		}
		return r.push(&literal{num: int64(v), isNum: true})
	}
	switch op {
	case 'K':
		return num(r.take(1))
	case 'M':
		return num(r.take(2))
	case 'J':
		return num(r.take(4))
	case 0x8a: // LONG1
		n, err := r.take(1)
		if err != nil || n[0] > 8 {
			return errPickle
		}
		return num(r.take(int(n[0])))
	case 'G': // BINFLOAT
		_, err := r.take(8)
		if err != nil {
			return err
		}
		return r.push(&literal{})
	case 'X', 0x8c: // BINUNICODE, SHORT_BINUNICODE
		width := 4
		if op == 0x8c {
			width = 1
		}
		b, err := r.take(width)
		if err != nil {
			return err
		}
		n := int(b[0])
		if width == 4 {
			n = int(binary.LittleEndian.Uint32(b))
		}
		text, err := r.take(n)
		if err != nil {
			return err
		}
		return r.push(&literal{text: string(text), isStr: true})
	}
	return fmt.Errorf("opcode %s: %w", strconv.QuoteRune(rune(op)), errPickle)
}

// readBytecode adds the functions of a bytecode.pkl (torch/csrc/jit/serialization/
// export_bytecode.cpp): (version, (name, (("instructions", ...), ("operators",
// ((name, overload, ...), ...)), ...), ...), ...).
func (p *program) readBytecode(b []byte, file string) error {
	root, err := readLiteral(b)
	if err != nil {
		return err
	}
	if len(root.items) == 0 || !root.items[0].isNum {
		return fmt.Errorf("does not begin with its version: %w", errPickle)
	}
	for _, fn := range root.items[1:] {
		if len(fn.items) < 2 || !fn.items[0].isStr {
			return fmt.Errorf("an entry is no function: %w", errPickle)
		}
		name := fn.items[0].text
		p.defs++
		if len(p.functions) < maxFunctions {
			p.functions = append(p.functions, name)
		}
		for _, table := range fn.items[1].items {
			if len(table.items) != 2 || table.items[0].text != "operators" {
				continue
			}
			for _, op := range table.items[1].items {
				if len(op.items) == 0 || !op.items[0].isStr {
					return fmt.Errorf("function %q: an operator without a name: %w", name, errPickle)
				}
				p.bytecodeOperator(op.items[0].text, file, name)
			}
		}
	}
	return nil
}

func (p *program) bytecodeOperator(op, file, in string) {
	if _, known := p.ops[op]; known || len(p.ops) < maxOps {
		p.ops[op]++
	}
	if hostOps[op] != "" && len(p.host) < maxMentions {
		p.host = append(p.host, mention{op: op, file: file, in: in})
	}
}
