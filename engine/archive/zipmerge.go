package archive

import (
	"cmp"
	"hash/maphash"
	"slices"
)

// merge makes members of everything found, and notes where the views differ.
func (p *zipParser) merge() {
	z := p.z
	z.members = make([]Member, 0, len(p.entries))
	first := make(map[int64]int32, len(p.entries)) // by local header
	others := map[int64][]int32{}
	for i := range p.entries {
		e := &p.entries[i]
		at, shared := first[e.local]
		if shared && p.known(e, at, others[e.local]) {
			continue
		}
		m := p.member(e)
		m.index = i
		k := int32(len(z.members))
		switch {
		case shared:
			m.note(KindShared, e.local, "shares its local header with %q", cut(z.members[at].Name))
			z.members[at].note(KindShared, e.local, "shares its local header with %q", cut(m.Name))
			if len(others[e.local]) < maxPerMember {
				others[e.local] = append(others[e.local], k)
			}
		default:
			first[e.local] = k
		}
		z.members = append(z.members, m)
		if v, ok := p.variant(e); ok {
			z.members = append(z.members, v)
		}
	}
	if len(p.entries) > 0 {
		z.Prefix = p.entries[0].local
		for i := range p.entries {
			z.Prefix = min(z.Prefix, p.entries[i].local)
		}
	}
	p.localOnly()
	if len(p.dirs) == 0 {
		z.note(KindNoDirectory, -1, "no central directory can be read")
	}
	if z.Prefix > 0 {
		z.note(KindPrefix, 0, "%d bytes before the first member", z.Prefix)
	}
	duplicates(z.members)
	overlaps(z.members)
}

// known reports whether a member was made of an entry that says the same as e: in
// another directory, or twice in one.
func (p *zipParser) known(e *centralEntry, at int32, others []int32) bool {
	for k := -1; k < len(others); k++ {
		if k >= 0 {
			at = others[k]
		}
		m := &p.z.members[at]
		o := &p.entries[m.index]
		if o.packed == e.packed && o.size == e.size && o.method == e.method && o.rawName == e.rawName {
			if o.dir == e.dir {
				m.note(KindDuplicate, e.pos, "listed twice in the directory")
			}
			return true
		}
	}
	return false
}

// localOnly adds the members that only local headers describe, in their order.
func (p *zipParser) localOnly() {
	var alone []*localHeader
	for _, h := range p.locals {
		if !h.named {
			alone = append(alone, h)
		}
	}
	slices.SortFunc(alone, func(a, b *localHeader) int { return cmp.Compare(a.off, b.off) })
	for i, h := range alone {
		if i == 0 && len(p.entries) == 0 {
			p.z.Prefix = h.off
		}
		m := localMember(h, p.z.size)
		m.note(KindLocalOnly, h.off, "no directory names it")
		p.z.members = append(p.z.members, m)
	}
}

// member reads an entry as readers of the directory do, and compares it with its
// local header.
func (p *zipParser) member(e *centralEntry) Member {
	m := Member{
		Views: Central, Header: e.local, Packed: e.packed, Size: e.size, Method: e.method, Flags: e.flags,
		CRC: e.crc, HasCRC: true, Symlink: e.mode&0xf000 == 0xa000,
		Special: e.mode&0xf000 == 0x2000 || e.mode&0xf000 == 0x6000,
	}
	m.nameIt(e.rawName, e.unicodeName, e.flags)
	if e.oddExtra {
		m.note(KindExtra, e.pos, "extra fields that readers take differently")
	}
	h := p.locals[e.local]
	if h == nil {
		m.Header = -1
		m.Offset = e.local + localLen + int64(len(e.rawName))
		m.note(KindCentralOnly, e.pos, "no local header at %d", e.local)
	} else {
		m.Views |= Local
		m.Offset = h.data
		p.compare(&m, e, h)
	}
	m.finish(p.z.size)
	return m
}

// compare notes how the local header differs from the directory's entry.
func (p *zipParser) compare(m *Member, e *centralEntry, h *localHeader) {
	if h.rawName != e.rawName {
		m.note(KindName, h.off, "directory says %q, local header %q", cut(e.rawName), cut(h.rawName))
		m.alias(decodeName(h.rawName, h.flags))
	}
	if h.unicodeName != "" && h.unicodeName != e.unicodeName {
		m.alias(h.unicodeName)
		m.note(KindName, h.off, "local header has another Unicode name, %q", cut(h.unicodeName))
	}
	if h.oddExtra && !e.oddExtra {
		m.note(KindExtra, h.off, "extra fields of the local header run over its end")
	}
	if diff := (h.flags ^ e.flags) &^ (3 << 1); diff != 0 { // bits 1 and 2 are hints about the compressor
		m.note(KindFlags, h.off, "directory says %#04x, local header %#04x", e.flags, h.flags)
		m.Flags |= h.flags
	}
	if h.method != e.method {
		m.note(KindMethod, h.off, "directory says %s, local header %s", methodName(e.method), methodName(h.method))
	}
	if h.flags&flagMasked != 0 {
		return // sizes and checksum are hidden on purpose
	}
	deferred := h.flags&flagDescriptor != 0
	if (h.packed != e.packed || h.size != e.size) && !(deferred && (h.packed == 0 || h.packed == e.packed) && (h.size == 0 || h.size == e.size)) {
		m.note(KindSize, h.off, "directory says %d bytes in %d, local header %d in %d", e.size, e.packed, h.size, h.packed)
	}
	if h.crc != e.crc && !(deferred && h.crc == 0) {
		m.note(KindCRC, h.off, "directory says %08x, local header %08x", e.crc, h.crc)
	}
	if deferred && p.descriptorLen(h.data+e.packed, e) == 0 {
		m.note(KindDescriptor, h.data+e.packed, "the data descriptor does not say what the directory says")
	}
}

// variant is what a reader of streams makes of an entry whose local header gives
// other data than the directory.
func (p *zipParser) variant(e *centralEntry) (Member, bool) {
	h := p.locals[e.local]
	if h == nil || h.flags&flagMasked != 0 {
		return Member{}, false
	}
	if _, known := h.ownEnd(); !known {
		if h.method == e.method {
			return Member{}, false
		}
		own := *h
		own.packed, own.size = e.packed, -1
		h = &own
	}
	if h.method == e.method && h.packed == e.packed {
		return Member{}, false
	}
	if h.packed == 0 {
		return Member{}, false // empty: nothing to see
	}
	m := localMember(h, p.z.size)
	m.Variant = true
	return m, true
}

func localMember(h *localHeader, size int64) Member {
	m := Member{
		Views: Local, Header: h.off, Offset: h.data, Packed: h.packed, Size: h.size, Method: h.method, Flags: h.flags,
		CRC: h.crc, HasCRC: h.size >= 0,
	}
	m.nameIt(h.rawName, h.unicodeName, h.flags)
	if h.oddExtra {
		m.note(KindExtra, h.off, "extra fields run over their end")
	}
	m.finish(size)
	return m
}

// finish notes what concerns one reading alone, and keeps the data inside the
// archive.
func (m *Member) finish(size int64) {
	if m.Flags&(flagEncrypted|flagStrong|flagMasked) != 0 || m.Method == methodAES {
		m.Encrypted = true
		m.note(KindEncrypted, m.Header, "the encryption bit is set")
	}
	if m.Method == methodStore && m.Size >= 0 && m.Size != m.Packed && !m.Encrypted {
		m.note(KindSize, m.Header, "stored, but %d bytes in %d", m.Size, m.Packed)
		m.Packed = max(m.Size, m.Packed) // either end is some reader's
	}
	if m.Offset < 0 || m.Offset > size {
		m.Offset = size
	}
	m.Packed = max(m.Packed, 0)
	if m.Packed > size-m.Offset {
		m.note(KindTruncated, m.Offset, "%d bytes, the archive ends after %d", m.Packed, size-m.Offset)
		m.Packed = size - m.Offset
	}
	if n := len(m.Name); n > 0 && m.Name[n-1] == '/' {
		// Some writers deflate nothing, which takes two bytes.
		m.Dir = m.Packed == 0 || m.Size == 0 && m.Method == methodDeflate && m.Packed == 2
		if !m.Dir {
			m.note(KindDirectoryData, m.Offset, "%d bytes of content", m.Packed)
		}
	}
}

// duplicates notes members of one name, and of one name after folding.
func duplicates(members []Member) {
	// A million names are remembered by their hashes; a hit is looked at again.
	hashed := maphash.MakeSeed()
	byFold := make(map[uint64]int32, len(members))
	see := func(i int, name string) {
		folded := Fold(name)
		key := maphash.String(hashed, folded)
		at, ok := byFold[key]
		if !ok {
			byFold[key] = int32(i)
			return
		}
		m, o := &members[i], &members[at]
		switch {
		case int(at) == i || !calls(o, folded):
		case m.Name == o.Name:
			m.note(KindDuplicate, m.Header, "the name is used before")
			o.note(KindDuplicate, o.Header, "the name is used again")
		default:
			m.note(KindFolded, m.Header, "some readers take it for %q", cut(o.Name))
			o.note(KindFolded, o.Header, "some readers take it for %q", cut(m.Name))
		}
	}
	for i := range members {
		if members[i].Variant || members[i].Dir { // a folder without content hides nothing
			continue
		}
		see(i, members[i].Name)
		for _, name := range members[i].Aliases {
			see(i, name)
		}
	}
}

// calls reports whether some reader would give m the name, after folding.
func calls(m *Member, folded string) bool {
	return Fold(m.Name) == folded || slices.ContainsFunc(m.Aliases, func(a string) bool { return Fold(a) == folded })
}

// overlaps notes members whose bytes overlap those of another.
func overlaps(members []Member) {
	order := make([]int, 0, len(members))
	for i := range members {
		if !members[i].Variant && members[i].Header >= 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(members[a].Header, members[b].Header) })
	last := -1
	for _, i := range order {
		m := &members[i]
		if last >= 0 {
			o := &members[last]
			if m.Header < o.Offset+o.Packed && m.Header != o.Header {
				m.note(KindOverlap, m.Header, "overlaps %q", cut(o.Name))
				o.note(KindOverlap, o.Header, "overlaps %q", cut(m.Name))
			}
			if m.Offset+m.Packed <= o.Offset+o.Packed {
				continue
			}
		}
		last = i
	}
}

// cut shortens a name for a message.
func cut(s string) string {
	if len(s) > 120 {
		return s[:117] + "..."
	}
	return s
}
