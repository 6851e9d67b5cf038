package pickle

// memo maps indices to values like the Unpickler's memo array, in bounded memory: full chunks beyond maxMemoChunks are recycled, first in first out,
// except the first pinnedChunks. Globals and tuples with globals survive recycling, other values become forgotten.
type memo struct {
	table   []*memoChunk     // by index / memoChunkLen, for indices below memoDense
	last    *memoChunk       // chunk of the latest access
	lastN   int              // its number
	live    []int32          // recyclable chunks, oldest first
	globals map[uint64]Value // globals of recycled chunks
	sparse  map[uint64]Value // indices of memoDense and above
	filled  uint64           // number of distinct indices set: the index that MEMOIZE uses
	inexact bool             // a recycled chunk was not full: filled may be wrong
	sparseN int              // chunks recycled almost empty
	full    bool             // a value was dropped because the sparse part is full
	spare   []*memoChunk     // chunks kept between runs
}

type memoChunk struct {
	v    [memoChunkLen]Value
	used int
}

const (
	memoChunkLen    = 1 << 11
	memoDense       = 1 << 30
	maxMemoChunks   = 1024 // 16 MB
	pinnedChunks    = 256
	maxSparse       = 1 << 16
	maxSpare        = 16
	maxSparseChunks = 4096
)

// recycled marks the table slot of a chunk whose values were dropped.
var recycled = &memoChunk{}

func (m *memo) reset() {
	for _, c := range m.table {
		if c != nil && c != recycled && len(m.spare) < maxSpare {
			m.spare = append(m.spare, c)
		}
	}
	*m = memo{table: m.table[:0], live: m.live[:0], spare: m.spare, lastN: -1}
}

func (m *memo) get(i uint64) Value {
	n := int(i / memoChunkLen)
	if n == m.lastN && i < memoDense {
		return m.last.v[i%memoChunkLen]
	}
	if i >= memoDense {
		return m.sparse[i]
	}
	if n >= len(m.table) || m.table[n] == nil {
		return 0
	}
	c := m.table[n]
	if c == recycled {
		if v, ok := m.globals[i]; ok {
			return v
		}
		if len(m.globals) < maxSparse {
			return valueForgottenData
		}
		return valueForgotten
	}
	return c.v[i%memoChunkLen]
}

func (m *memo) put(i uint64, v Value) {
	n := int(i / memoChunkLen)
	if n != m.lastN || i >= memoDense {
		if i >= memoDense {
			m.putSparse(i, v)
			return
		}
		if !m.open(n) {
			m.full = true
			return
		}
	}
	p := &m.last.v[i%memoChunkLen]
	if *p == 0 {
		m.filled++
		m.last.used++
	}
	*p = v
}

func (m *memo) putSparse(i uint64, v Value) {
	if _, ok := m.sparse[i]; !ok {
		if len(m.sparse) >= maxSparse {
			m.full = true
			return
		}
		m.filled++
	}
	if m.sparse == nil {
		m.sparse = make(map[uint64]Value)
	}
	m.sparse[i] = v
}

// open makes chunk n the last one, creating it (and recycling another) if it is not there. It refuses once indices are so sparse that
// chunks are recycled almost empty.
func (m *memo) open(n int) bool {
	if m.sparseN > maxSparseChunks && (n >= len(m.table) || m.table[n] == nil || m.table[n] == recycled) {
		return false
	}
	if n >= len(m.table) {
		if n < cap(m.table) {
			old := len(m.table)
			m.table = m.table[:n+1]
			clear(m.table[old:])
		} else {
			t := make([]*memoChunk, n+1, max(16, n+1+n/4))
			copy(t, m.table)
			m.table = t
		}
	}
	c := m.table[n]
	if c == nil || c == recycled {
		if c == recycled {
			m.inexact = true // what was set before is not known any more
		}
		c = m.newChunk()
		m.table[n] = c
		if n >= pinnedChunks {
			m.live = append(m.live, int32(n))
		}
	}
	m.last, m.lastN = c, n
	return true
}

func (m *memo) newChunk() *memoChunk {
	if len(m.live) >= maxMemoChunks {
		return m.recycle()
	}
	if k := len(m.spare); k > 0 {
		c := m.spare[k-1]
		m.spare = m.spare[:k-1]
		*c = memoChunk{}
		return c
	}
	return new(memoChunk)
}

func (m *memo) recycle() *memoChunk {
	n := int(m.live[0])
	copy(m.live, m.live[1:])
	m.live = m.live[:len(m.live)-1]
	c := m.table[n]
	m.table[n] = recycled
	if c.used < memoChunkLen {
		m.inexact = true
	}
	if c.used < memoChunkLen/64 {
		m.sparseN++
	}
	for i, v := range c.v {
		if k := v.Kind(); k != KindGlobal && k != KindRefTuple {
			continue
		}
		if m.globals == nil {
			m.globals = make(map[uint64]Value)
		}
		if len(m.globals) < maxSparse {
			m.globals[uint64(n*memoChunkLen+i)] = v
		}
	}
	*c = memoChunk{}
	return c
}
