package match

// Stream looks for the literals in a text that comes in pieces. A hit is reported
// with the piece in which it ends. Not for concurrent use.
type Stream struct {
	a      *Automaton
	state  uint32
	offset int64
	before []byte // the last bytes, as many as the longest literal could reach back
}

// Stream begins a text.
func (a *Automaton) Stream() *Stream { return &Stream{a: a} }

// Append feeds the next piece and appends the hits that end in it to dst.
func (s *Stream) Append(dst []Hit, piece []byte) []Hit {
	dst, s.state = s.a.run(dst, piece, s.state, s.offset, s.before)
	s.offset += int64(len(piece))
	keep := s.a.longest
	if len(piece) >= keep {
		s.before = append(s.before[:0], piece[len(piece)-keep:]...)
		return dst
	}
	if over := len(s.before) + len(piece) - keep; over > 0 {
		s.before = append(s.before[:0], s.before[over:]...)
	}
	s.before = append(s.before, piece...)
	return dst
}
