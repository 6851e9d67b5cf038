package scan

import (
	"bytes"
	"sync"

	"github.com/merlon-security/merlon/safeio"
)

// maxShared is the longest content that is kept for the next scanner of a file.
const maxShared = 16 << 20

// Bytes returns the whole content of a file of at most limit bytes; the error for a
// longer one wraps [safeio.ErrTooLarge]. All scanners of a file share the memory, so
// that a text is read once, however many look for something in it: nobody may change
// it. It outlives the Scan.
func Bytes(f File, limit int64) ([]byte, error) {
	x, ok := f.(*file)
	if !ok || x.Size() > min(limit, maxShared) {
		return safeio.ReadAll(f, limit)
	}
	return x.whole.read(x)
}

// shared is the content of a file, once somebody asked for it.
type shared struct {
	mu   sync.Mutex
	have bool
	b    []byte
	err  error
}

func (s *shared) read(f *file) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.have {
		s.have = true
		if int64(len(f.head)) == f.Size() {
			s.b = bytes.Clone(f.head) // the head is used again for the next file
		} else {
			s.b, s.err = safeio.ReadAll(f, maxShared)
		}
	}
	return s.b, s.err
}
