package archive

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

func sparsePax(get func(string) (string, bool)) bool {
	_, mapped := get("GNU.sparse.map")
	_, major := get("GNU.sparse.major")
	return mapped || major
}

// readSparse reads the map of a sparse file in any of its four forms (GNU tar
// manual, "Storing Sparse Files") and returns the offset of the data.
func (p *tarParser) readSparse(m *Member, b tarBlock, h *tarHeader, get func(string) (string, bool)) int64 {
	var nums []int64
	data, real := m.Offset, m.Size
	bad := false
	number := func(s string) {
		v, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
		bad = bad || err != nil || v < 0
		nums = append(nums, v)
	}
	for _, key := range []string{"GNU.sparse.size", "GNU.sparse.realsize"} {
		if v, ok := get(key); ok {
			n, err := strconv.ParseInt(v, 10, 64)
			bad = bad || err != nil || n < 0
			real = n
		}
	}
	major, _ := get("GNU.sparse.major")
	switch {
	case b.kind() == 'S':
		nums, real, data, bad = p.oldSparse(b, m.Offset)
		m.Offset = data
		m.Packed = min(m.Packed, max(0, p.t.size-data))
	case major == "1":
		lines := newBlockLines(p, m.Offset, m.Packed)
		first, ok := lines.next()
		count, err := strconv.Atoi(first)
		bad = bad || !ok || err != nil || count < 0 || count > p.lim.Members
		for i := 0; !bad && i < 2*count; i++ {
			line, ok := lines.next()
			bad = bad || !ok
			number(line)
		}
		data = lines.end()
	case h.sparse != nil:
		for _, s := range h.sparse {
			number(s)
		}
	default:
		v, _ := get("GNU.sparse.map")
		for s := range strings.SplitSeq(v, ",") {
			number(s)
		}
	}
	var segs []segment
	from, last := data, int64(0)
	for i := 0; i+1 < len(nums) && !bad; i += 2 {
		at, n := nums[i], nums[i+1]
		if at < last || n < 0 || n > m.Packed || at > real-n || from+n > m.Offset+m.Packed {
			bad = true
			break
		}
		segs = append(segs, segment{at, from, n})
		from, last = from+n, at+n
	}
	if bad || real < 0 {
		m.note(KindHeader, m.Header, "damaged map of a sparse file")
		return data // read as plain data
	}
	m.Size = real
	p.t.sparse[len(p.t.members)] = segs
	return data
}

// oldSparse reads the map in a GNU header and its extension blocks.
func (p *tarParser) oldSparse(b tarBlock, off int64) (nums []int64, real, data int64, bad bool) {
	read := func(b []byte, n int) {
		for i := range 2 * n {
			f := b[i*12:][:12]
			if f[0] == 0 {
				return
			}
			v, ok := tarNumber(f)
			bad = bad || !ok
			nums = append(nums, v)
		}
	}
	read(b[386:], 4)
	real, ok := tarNumber(b[483:495])
	bad = bad || !ok
	more := b[482]
	for more != 0 {
		x := bytes.Clone(p.w.at(off, blockLen))
		if len(x) < blockLen || len(nums) > 2*p.lim.Members {
			return nums, real, off, true
		}
		read(x, 21)
		more = x[504]
		off += blockLen
	}
	return nums, real, off, bad
}

// blockLines reads the lines of a map that precedes the data and is padded to
// whole blocks.
type blockLines struct {
	p          *tarParser
	start, pos int64
	limit      int64
}

func newBlockLines(p *tarParser, off, n int64) *blockLines {
	return &blockLines{p, off, off, off + n}
}

func (l *blockLines) next() (string, bool) {
	b := l.p.w.at(l.pos, int(min(32, l.limit-l.pos)))
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return "", false
	}
	l.pos += int64(i) + 1
	return string(b[:i]), true
}

func (l *blockLines) end() int64 { return l.start + pad(l.pos-l.start) }

// sparseReader delivers the content of a sparse file.
type sparseReader struct {
	r    io.ReaderAt
	segs []segment
	pos  int64
	size int64
}

func (s *sparseReader) Read(p []byte) (int, error) {
	for len(s.segs) > 0 && s.pos >= s.segs[0].at+s.segs[0].n {
		s.segs = s.segs[1:]
	}
	if s.pos >= s.size {
		return 0, io.EOF
	}
	if len(s.segs) > 0 && s.pos >= s.segs[0].at {
		g := s.segs[0]
		skip := s.pos - g.at
		n, err := s.r.ReadAt(p[:min(int64(len(p)), g.n-skip)], g.from+skip)
		s.pos += int64(n)
		if n > 0 {
			err = nil
		}
		return n, err
	}
	hole := s.size - s.pos
	if len(s.segs) > 0 {
		hole = s.segs[0].at - s.pos
	}
	n := int(min(int64(len(p)), hole))
	clear(p[:n])
	s.pos += int64(n)
	return n, nil
}
