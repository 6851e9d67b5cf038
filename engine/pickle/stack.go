package pickle

// The stack keeps at most maxStack values and maxMarks marks; when one is full its deeper half is dropped and reads as forgotten.
// Positions are absolute: position p is m.st[p-m.bot]. The fence (PEP 307's mark, as the C Unpickler implements it) is the topmost mark:
// no opcode but those that take the mark may pop below it.
const (
	maxStack = 1 << 20 // 8 MB
	maxMarks = 1 << 18 // 2 MB
)

type stack struct {
	st      []Value
	bot     int // absolute position of st[0]
	marks   []int
	dropped int // marks that were dropped at the deep end
	fence   int // relative to st, never negative
}

func (s *stack) reset() {
	s.st, s.marks = s.st[:0], s.marks[:0]
	s.bot, s.dropped, s.fence = 0, 0, 0
}

func (s *stack) push(v Value) {
	if len(s.st) == cap(s.st) {
		s.growStack()
	}
	s.st = append(s.st, v)
}

func (s *stack) growStack() {
	if cap(s.st) < maxStack {
		st := make([]Value, len(s.st), max(256, 2*cap(s.st)))
		copy(st, s.st)
		s.st = st
		return
	}
	half := len(s.st) / 2
	s.st = s.st[:copy(s.st, s.st[half:])]
	s.bot += half
	s.setFence()
}

// size is the absolute size of the stack.
func (s *stack) size() int { return s.bot + len(s.st) }

func (s *stack) setFence() {
	s.fence = max(0, s.fenceAbs()-s.bot)
}

func (s *stack) fenceAbs() int {
	if n := len(s.marks); n > 0 {
		return s.marks[n-1]
	}
	return 0
}

// pop takes the top value; ok is false on an underflow (the stack is then unchanged).
func (s *stack) pop() (v Value, ok bool) {
	if n := len(s.st); n > s.fence {
		v = s.st[n-1]
		s.st = s.st[:n-1]
		return v, true
	}
	if len(s.st) == 0 && s.bot > s.fenceAbs() {
		s.bot--
		return valueForgotten, true
	}
	return valueUnknown, false
}

// top gives the top value without taking it.
func (s *stack) top() (v Value, ok bool) {
	if n := len(s.st); n > s.fence {
		return s.st[n-1], true
	}
	if len(s.st) == 0 && s.bot > s.fenceAbs() {
		return valueForgotten, true
	}
	return valueUnknown, false
}

// mark pushes a mark; it reports false when deep marks had to be dropped.
func (s *stack) mark() (kept bool) {
	kept = true
	if len(s.marks) == maxMarks {
		half := maxMarks / 2
		copy(s.marks, s.marks[half:])
		s.marks = s.marks[:maxMarks-half]
		s.dropped += half
		kept = false
	}
	s.marks = append(s.marks, s.size())
	s.fence = len(s.st)
	return kept
}

// popMark takes the topmost mark and gives its absolute position; ok is false if there is none.
func (s *stack) popMark() (pos int, ok bool) {
	n := len(s.marks)
	if n == 0 {
		if s.dropped > 0 {
			s.dropped--
			return s.size(), true
		}
		return s.size(), false
	}
	pos = s.marks[n-1]
	s.marks = s.marks[:n-1]
	s.setFence()
	return pos, true
}

// above gives the values above absolute position pos, without popping them; cut reports that some of them were dropped.
// The slice is valid until the next push.
func (s *stack) above(pos int) (items []Value, cut bool) {
	if pos < s.bot {
		return s.st, true
	}
	return s.st[min(pos-s.bot, len(s.st)):], false
}

// truncate pops everything above absolute position pos.
func (s *stack) truncate(pos int) {
	if pos < s.bot {
		s.bot = pos
		s.st = s.st[:0]
		s.setFence()
		return
	}
	s.st = s.st[:min(pos-s.bot, len(s.st))]
}

// at gives the value at absolute position pos.
func (s *stack) at(pos int) Value {
	if pos < s.bot {
		return valueForgotten
	}
	return s.st[pos-s.bot]
}
