package git

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/git/flate"
	"github.com/merlon-security/merlon/safeio"
)

// pack is a pack file with its index, version 2.
type pack struct {
	file   *os.File
	size   int64
	mapped []byte // the whole file, where the system can map it
	unmap  func()
	n      int
	hash   int // bytes of a name
	fanout [256]uint32
	ids    []byte // n names, sorted
	small  []byte // n offsets of 4 bytes
	large  []byte // offsets of 8 bytes

	mu    sync.Mutex
	cache map[int64]cached // recently read bases of deltas
	held  int
	order []int64
}

type cached struct {
	kind Kind
	data []byte
}

const (
	maxPacks   = 10_000
	maxIndex   = 4 << 30
	cacheBytes = 24 << 20
)

// follow opens the packs in a folder with objects.
func (r *Repo) follow(objects string) error {
	r.objects = append(r.objects, objects)
	dir := filepath.Join(objects, "pack")
	list, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("packs: %w", err)
	}
	for _, e := range list {
		name, ok := strings.CutSuffix(e.Name(), ".idx")
		if !ok || !e.Type().IsRegular() {
			continue
		}
		if len(r.packs) == maxPacks {
			return fmt.Errorf("more than %d packs", maxPacks)
		}
		p, err := openPack(filepath.Join(dir, name), r.hash)
		if err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
		r.packs = append(r.packs, p)
	}
	return nil
}

func openPack(base string, hash int) (*pack, error) {
	info, err := os.Stat(base + ".idx")
	if err != nil {
		return nil, err
	}
	if info.Size() > maxIndex {
		return nil, fmt.Errorf("index of %d bytes", info.Size())
	}
	idx, err := os.ReadFile(base + ".idx")
	if err != nil {
		return nil, err
	}
	if len(idx) < 8+1024+40 || !bytes.HasPrefix(idx, []byte("\xfftOc\x00\x00\x00\x02")) {
		return nil, errors.New("index is not of version 2: git index-pack writes a new one")
	}
	p := &pack{cache: map[int64]cached{}, hash: hash}
	last := uint32(0)
	for i := range p.fanout {
		p.fanout[i] = binary.BigEndian.Uint32(idx[8+4*i:])
		if p.fanout[i] < last {
			return nil, errors.New("index is broken: its fan-out falls")
		}
		last = p.fanout[i]
	}
	p.n = int(last)
	rest := idx[8+1024:]
	if len(rest) < p.n*(hash+8)+2*hash {
		return nil, errors.New("index is cut off")
	}
	p.ids, p.small, p.large = rest[:p.n*hash], rest[p.n*(hash+4):p.n*(hash+8)], rest[p.n*(hash+8):len(rest)-2*hash]
	if p.file, err = os.Open(base + ".pack"); err != nil {
		return nil, err
	}
	if info, err = p.file.Stat(); err != nil {
		p.close()
		return nil, err
	}
	p.size = info.Size()
	if p.size > 0 && p.size <= math.MaxInt {
		if b, unmap, err := safeio.MapFile(p.file, 0, int(p.size)); err == nil {
			p.mapped, p.unmap = b, unmap
		}
	}
	return p, nil
}

func (p *pack) close() {
	if p.unmap != nil {
		p.unmap()
	}
	if p.file != nil {
		_ = p.file.Close()
	}
}

// find returns the offset of an object.
func (p *pack) find(id ID) (int64, bool) {
	lo := 0
	if id[0] > 0 {
		lo = int(p.fanout[id[0]-1])
	}
	hi := int(p.fanout[id[0]])
	name := id[:p.hash]
	for lo < hi {
		i := int(uint(lo+hi) >> 1)
		switch c := bytes.Compare(p.ids[i*p.hash:(i+1)*p.hash], name); {
		case c == 0:
			return p.offset(i)
		case c < 0:
			lo = i + 1
		default:
			hi = i
		}
	}
	return 0, false
}

// offset returns where the i-th object is.
func (p *pack) offset(i int) (int64, bool) {
	off := binary.BigEndian.Uint32(p.small[4*i:])
	if off&(1<<31) == 0 {
		return int64(off), true
	}
	j := int(off&^(1<<31)) * 8
	if j+8 > len(p.large) {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(p.large[j:]) & (1<<63 - 1)), true
}

// maxChain is how many deltas are followed; git writes at most 4095.
const maxChain = 5000

// object reads the object at an offset, applying deltas from their base up.
func (p *pack) object(r *Repo, at int64) (Kind, []byte, error) {
	var deltas [][]byte
	var places []int64
	kind, data := Kind(0), []byte(nil)
	for {
		if c, ok := p.cached(at); ok {
			kind, data = c.kind, c.data
			break
		}
		if len(deltas) > maxChain {
			return 0, nil, errors.New("chain of deltas does not end")
		}
		h, err := p.header(at)
		if err != nil {
			return 0, nil, err
		}
		b, err := p.inflate(h.body, h.size)
		if err != nil {
			return 0, nil, fmt.Errorf("object at %d: %w", at, err)
		}
		if h.kind != ofsDelta && h.kind != refDelta {
			kind, data = h.kind, b
			p.keep(at, kind, data)
			break
		}
		deltas, places = append(deltas, b), append(places, at)
		if h.kind == ofsDelta {
			at = h.base
			continue
		}
		off, ok := p.find(h.id)
		if !ok {
			// Thin packs name bases that are elsewhere.
			if kind, data, err = r.readExcept(h.id, p); err != nil {
				return 0, nil, err
			}
			break
		}
		at = off
	}
	for i, d := range slices.Backward(deltas) {
		var err error
		if data, err = apply(data, d); err != nil {
			return 0, nil, err
		}
		p.keep(places[i], kind, data)
	}
	return kind, data, nil
}

func (p *pack) cached(at int64) (cached, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.cache[at]
	return c, ok
}

// keep remembers an object: the next one often is a delta on it.
func (p *pack) keep(at int64, kind Kind, data []byte) {
	if len(data) > cacheBytes/8 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.cache[at]; ok {
		return
	}
	p.cache[at] = cached{kind, data}
	p.order = append(p.order, at)
	p.held += len(data)
	for p.held > cacheBytes {
		old := p.order[0]
		p.order = p.order[1:]
		p.held -= len(p.cache[old].data)
		delete(p.cache, old)
	}
}

// entry is the header of an object in a pack.
type entry struct {
	kind Kind
	size int64
	base int64 // of an offset delta
	id   ID    // of a reference delta
	body int64 // where the compressed bytes begin
}

// read reads what there is at an offset.
func (p *pack) read(b []byte, at int64) (int, error) {
	if p.mapped == nil {
		return p.file.ReadAt(b, at)
	}
	if at < 0 || at >= p.size {
		return 0, io.EOF
	}
	return copy(b, p.mapped[at:]), nil
}

// inflate reads size bytes that are compressed from an offset on.
func (p *pack) inflate(at, size int64) ([]byte, error) {
	if at > p.size {
		return nil, io.ErrUnexpectedEOF
	}
	if p.mapped != nil && size <= maxQuick {
		src := p.mapped[at:]
		if size > flate.MaxRatio*int64(len(src)) {
			return nil, io.ErrUnexpectedEOF
		}
		b := make([]byte, size)
		return b, flate.Decompress(b, src)
	}
	if p.mapped != nil {
		return inflate(bytes.NewReader(p.mapped[at:]), size)
	}
	return inflate(bufio.NewReader(io.NewSectionReader(p.file, at, p.size-at)), size)
}

// maxQuick is the longest object that is decompressed in one go, in bytes.
const maxQuick = 16 << 20

func (p *pack) header(at int64) (entry, error) {
	var b [64]byte
	n, err := p.read(b[:], at)
	if n < 2 || at < 12 {
		return entry{}, fmt.Errorf("object at %d of %d bytes: %w", at, p.size, err)
	}
	e := entry{kind: Kind(b[0] >> 4 & 7), size: int64(b[0] & 15)}
	i, shift := 1, 4
	for c := b[0]; c&0x80 != 0; i++ {
		if i >= n || shift > 56 {
			return entry{}, fmt.Errorf("object at %d: broken header", at)
		}
		c = b[i]
		e.size |= int64(c&0x7f) << shift
		shift += 7
	}
	if e.size > MaxObject {
		return entry{}, fmt.Errorf("object of %d bytes: %w", e.size, ErrTooLarge)
	}
	switch e.kind {
	case CommitKind, TreeKind, BlobKind, TagKind:
	case ofsDelta:
		back := int64(0)
		for first := true; ; first = false {
			if i >= n || back > 1<<56 {
				return entry{}, fmt.Errorf("object at %d: broken header", at)
			}
			c := b[i]
			i++
			if !first {
				back++
			}
			back = back<<7 | int64(c&0x7f)
			if c&0x80 == 0 {
				break
			}
		}
		if e.base = at - back; back <= 0 || e.base < 12 {
			return entry{}, fmt.Errorf("object at %d: base lies outside the pack", at)
		}
	case refDelta:
		if i+p.hash > n {
			return entry{}, fmt.Errorf("object at %d: broken header", at)
		}
		i += copy(e.id[:], b[i:i+p.hash])
	default:
		return entry{}, fmt.Errorf("object at %d: unknown kind %d", at, e.kind)
	}
	e.body = at + int64(i)
	return e, nil
}
