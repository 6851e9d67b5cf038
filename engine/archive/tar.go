package archive

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
)

// Tar is everything that some reader would find in a tar: ustar, pax (POSIX.1-2001),
// GNU long names, sparse files and base-256 numbers, and the form before them.
type Tar struct {
	r         io.ReaderAt
	size      int64
	members   []Member
	sparse    map[int][]segment
	anomalies []Anomaly
}

// segment is a run of content of a sparse file; what lies between is zero.
type segment struct {
	at   int64 // in the content
	from int64 // in the archive
	n    int64
}

// maxTarHeader bounds the extended headers and long names that are read.
const maxTarHeader = 1 << 20

// Members implements [Container].
func (t *Tar) Members() []Member { return t.members }

// Anomalies implements [Container].
func (t *Tar) Anomalies() []Anomaly { return t.anomalies }

func (t *Tar) note(k Kind, off int64, format string, args ...any) {
	if len(t.anomalies) < maxAnomalies {
		t.anomalies = append(t.anomalies, Anomaly{Kind: k, Detail: fmt.Sprintf(format, args...), Offset: off})
	}
}

// ReadTar reads the headers of the tar in r, which is size bytes long. It goes on
// after end markers and damaged headers, as some readers do, and follows both
// sizes where a pax header contradicts the plain one. It fails when no header can
// be read.
func ReadTar(ctx context.Context, r io.ReaderAt, size int64, lim Limits) (*Tar, error) {
	t := &Tar{r: r, size: size, sparse: map[int][]segment{}}
	p := &tarParser{t: t, w: window{r: r, size: size}, lim: lim.withDefaults(size), seen: map[int64]bool{}, next: []int64{0}}
	for len(p.next) > 0 {
		off := p.next[len(p.next)-1]
		p.next = p.next[:len(p.next)-1]
		if err := p.walk(ctx, off); err != nil {
			return nil, err
		}
	}
	if len(t.members) == 0 && !p.ended {
		return nil, failf(Corrupt, "no tar header can be read")
	}
	duplicates(t.members)
	return t, nil
}

type tarParser struct {
	t      *Tar
	w      window
	lim    Limits
	seen   map[int64]bool // offsets of headers
	next   []int64        // where else a reader may stand
	global map[string]string
	ended  bool
}

// walk reads headers from off to the end of the archive, or up to one that is
// known.
func (p *tarParser) walk(ctx context.Context, off int64) error {
	var h tarHeader
	damaged, ended := false, false
	for ; off+blockLen <= p.t.size; off += blockLen {
		if off&(1<<20-1) == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		b := tarBlock(p.w.at(off, blockLen))
		if len(b) < blockLen {
			p.t.note(KindTruncated, off, "cannot be read further")
			return nil
		}
		if bytes.Equal(b, zeros[:blockLen]) {
			ended = true
			p.ended = true
			continue
		}
		if !b.valid() {
			if !damaged {
				p.t.note(KindHeader, off, "damaged header, looked for the next one")
			}
			damaged = true
			continue
		}
		if p.seen[off] {
			return nil
		}
		if len(p.seen) >= 2*p.lim.Members {
			p.t.note(KindTooManyMembers, off, "more than %d members", p.lim.Members)
			return nil
		}
		p.seen[off] = true
		if ended {
			p.t.note(KindAfterEnd, off, "members after the end marker")
		}
		damaged, ended = false, false
		off = p.header(bytes.Clone(b), off, &h) - blockLen
	}
	if off < p.t.size && !ended && !damaged {
		p.t.note(KindTruncated, off, "ends inside a block")
	}
	return nil
}

// tarHeader gathers what extended headers say about the next member.
type tarHeader struct {
	pax      map[string]string
	sparse   []string // numbers of GNU.sparse.offset and .numbytes, in turn
	longName string
	longLink string
	odd      []string
}

// header reads the header b at off and returns where the next one is.
func (p *tarParser) header(b tarBlock, off int64, h *tarHeader) int64 {
	size, ok := tarNumber(b[124:136])
	data := off + blockLen
	if !ok {
		p.t.note(KindHeader, off, "size cannot be read")
		size = 0
	}
	switch b.kind() {
	case 'x', 'X', 'g', 'L', 'K':
		body := p.body(data, size)
		switch b.kind() {
		case 'L':
			h.longName = cString(body)
		case 'K':
			h.longLink = cString(body)
		default:
			p.pax(b.kind() == 'g', body, h)
		}
		return data + pad(size)
	}
	m := Member{Header: off, Offset: data, Views: Local, Link: cString(b[157:257])}
	name := b.name()
	if h.longName != "" {
		name = h.longName
	}
	if h.longLink != "" {
		m.Link = h.longLink
	}
	get := func(key string) (string, bool) {
		if v, ok := h.pax[key]; ok {
			return v, true
		}
		v, ok := p.global[key]
		return v, ok
	}
	if v, ok := get("path"); ok {
		if name != v && h.longName != "" {
			m.Aliases = append(m.Aliases, name)
		}
		name = v
	}
	if v, ok := get("GNU.sparse.name"); ok {
		name = v
	}
	if v, ok := get("linkpath"); ok {
		m.Link = v
	}
	plain := size
	if v, ok := get("size"); ok {
		n, ok := laxInt(v, 10)
		switch {
		case !ok || n > 1<<60:
			m.note(KindHeader, off, "pax header gives the size as %q", cut(v))
		case n != size:
			if n < 1<<33 {
				m.note(KindSize, off, "header says %d bytes, its pax header %d", size, n)
				p.next = append(p.next, data+pad(size))
			}
			size = n
		}
	}
	for _, o := range h.odd {
		m.note(KindHeader, off, "%s", o)
	}
	m.nameIt(name, "", 0)
	end := p.place(&m, b, size, plain, h, get)
	*h = tarHeader{}
	return end
}

// place decides by the type what the member is, where its data end, and keeps it.
func (p *tarParser) place(m *Member, b tarBlock, size, plain int64, h *tarHeader, get func(string) (string, bool)) int64 {
	end := m.Offset + pad(size)
	m.Size, m.Packed = size, size
	if k := b.kind(); k >= '1' && k <= '6' {
		// Nothing follows these headers for CPython, the size's worth for others.
		switch k {
		case '1':
		case '2':
			m.Symlink = true
		case '5':
			m.Dir = true
		default:
			m.Special = true
		}
		if size > 0 {
			m.note(KindSize, m.Header, "%d bytes after a header that has no content", size)
			m.Dir = false
		}
		end = m.Offset
	} else {
		m.Link = ""
		if strings.HasSuffix(m.Name, "/") && size == 0 {
			m.Dir = true
		}
	}
	if m.Offset+size > p.t.size || size < 0 {
		m.note(KindTruncated, m.Offset, "%d bytes, the archive ends after %d", size, p.t.size-m.Offset)
		m.Packed = max(0, p.t.size-m.Offset)
		m.Size = m.Packed
	}
	if b.kind() == 'S' || h.sparse != nil || sparsePax(get) {
		if after := p.readSparse(m, b, h, get); b.kind() == 'S' {
			end = after + pad(plain)
		}
	}
	p.t.members = append(p.t.members, *m)
	return end
}

// body returns the content of an extended header, as far as it is read.
func (p *tarParser) body(off, size int64) []byte {
	n := min(size, maxTarHeader, p.t.size-off)
	if n <= 0 {
		return nil
	}
	if size > n {
		p.t.note(KindHeader, off, "extended header of %d bytes, %d are read", size, n)
	}
	b := make([]byte, n)
	got, _ := p.t.r.ReadAt(b, off)
	return b[:got]
}

func (p *tarParser) pax(global bool, body []byte, h *tarHeader) {
	into := &h.pax
	if global {
		into = &p.global
	}
	ok := paxRecords(body, func(k, v string) {
		switch k {
		case "GNU.sparse.offset", "GNU.sparse.numbytes":
			h.sparse = append(h.sparse, v)
			return
		case "path", "linkpath", "size", "GNU.sparse.name", "GNU.sparse.map", "GNU.sparse.size", "GNU.sparse.realsize", "GNU.sparse.major", "GNU.sparse.minor":
		default:
			return
		}
		if *into == nil {
			*into = map[string]string{}
		}
		if old, dup := (*into)[k]; dup && old != v {
			h.odd = append(h.odd, "pax header gives "+k+" twice")
		}
		(*into)[k] = v
	})
	if !ok {
		h.odd = append(h.odd, "damaged pax header")
	}
}

func pad(n int64) int64 { return (n + blockLen - 1) &^ (blockLen - 1) }

// Open implements [Container].
func (t *Tar) Open(i int) (*Stream, error) {
	m := &t.members[i]
	s := &Stream{member: m, src: &source{r: t.r, off: m.Offset, end: m.Offset + m.Packed}}
	if segs, ok := t.sparse[i]; ok {
		s.src.off = s.src.end
		s.r = &sparseReader{r: t.r, segs: segs, size: m.Size}
		return s.buffered(), nil
	}
	s.r = s.src
	return s.buffered(), nil
}

// Section implements [Container].
func (t *Tar) Section(i int) *io.SectionReader {
	if _, ok := t.sparse[i]; ok {
		return nil
	}
	return io.NewSectionReader(t.r, t.members[i].Offset, t.members[i].Packed)
}

var _ Container = (*Tar)(nil)
