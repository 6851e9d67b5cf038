package archive

import "bytes"

// directory is one place where a reader would look for the central directory.
type directory struct {
	end   int64 // offset of its end record
	start int64 // offset of its first entry
	base  int64 // what is added to the offsets in it
	size  int64 // as the end record claims
	count int64 // as the end record claims
}

const (
	endLen     = 22 // end of central directory record, 4.3.16
	end64Len   = 56 // Zip64 end of central directory record, 4.3.14
	locatorLen = 20 // Zip64 locator, 4.3.15
	entryLen   = 46 // central file header, 4.3.12
	// Every reader searches the end record no further from the end than this.
	endSearch = endLen + 1<<16
	// maxDirectories bounds the work on files made of end records.
	maxDirectories = 8
)

var (
	sigEnd     = []byte("PK\x05\x06")
	sigEnd64   = []byte("PK\x06\x06")
	sigLocator = []byte("PK\x06\x07")
	sigEntry   = []byte("PK\x01\x02")
	sigLocal   = []byte("PK\x03\x04")
	sigData    = []byte("PK\x07\x08")
)

// directories finds the end records near the end of the file, last first, and
// reads the directories they name. An end record inside a member of the last one's
// directory belongs to that member (a zip stored in a zip) and is left to it.
func (p *zipParser) directories() {
	from := max(0, p.z.size-endSearch)
	tail := make([]byte, p.z.size-from)
	n, _ := p.z.r.ReadAt(tail, from)
	tail = tail[:n]
	first := true
	var inside []extent
	for hi := len(tail); ; {
		i := bytes.LastIndex(tail[:hi], sigEnd)
		if i < 0 {
			return
		}
		hi = i
		pos := from + int64(i)
		if within(inside, pos) {
			continue
		}
		clean := p.endRecord(pos)
		if first && clean {
			first = false
			inside = p.claimed()
		}
	}
}

func within(es []extent, pos int64) bool {
	for _, e := range es {
		if pos >= e.from && pos < e.to {
			return true
		}
	}
	return false
}

// claimed returns the ranges that the entries read so far claim near the end of
// the file; those further away do not matter to the search for end records.
func (p *zipParser) claimed() []extent {
	var out []extent
	for i := range p.entries {
		e := &p.entries[i]
		const most = localLen + 1<<17 // of a header with its name and extra fields
		if e.local >= p.z.size || e.local+most+e.packed < p.z.size-endSearch {
			continue
		}
		if h := p.localAt(e.local); h != nil {
			end := h.data + e.packed
			out = append(out, extent{e.local, end})
		}
	}
	return out
}

// endRecord reads the end record at pos and the directories it can stand for. It
// reports whether the record ends exactly at the end of the file and gave one
// directory only.
func (p *zipParser) endRecord(pos int64) bool {
	b := bytes.Clone(p.w.at(pos, endLen))
	if len(b) < endLen {
		return false
	}
	known := len(p.dirs)
	disk, dirDisk := le.Uint16(b[4:]), le.Uint16(b[6:])
	here, total := int64(le.Uint16(b[8:])), int64(le.Uint16(b[10:]))
	size, off := int64(le.Uint32(b[12:])), int64(le.Uint32(b[16:]))
	comment := int64(le.Uint16(b[20:]))

	end := pos
	var wide []directory // what Zip64 records say: end holds their own offset
	if l := bytes.Clone(p.w.at(pos-locatorLen, locatorLen)); len(l) == locatorLen && bytes.HasPrefix(l, sigLocator) {
		wide = p.zip64Records(pos, int64(le.Uint64(l[8:])))
		if len(wide) == 0 {
			p.z.note(KindDirectorySize, pos, "Zip64 locator without a Zip64 end record")
		}
		end = pos - locatorLen
	}
	sentinel := total == 0xffff || size == 0xffffffff || off == 0xffffffff
	found := false
	for _, d := range wide {
		if !sentinel && (d.size != size || d.start != off || d.count != total) {
			p.z.note(KindDirectorySize, pos, "end record says %d entries in %d bytes at %d, its Zip64 record %d in %d at %d",
				total, size, off, d.count, d.size, d.start)
		}
		found = p.place(pos, d.end, d.start, d.size, d.count) || found
	}
	switch {
	case len(wide) == 0:
		found = p.place(pos, end, off, size, total)
	case !sentinel:
		// The Zip64 records lie between the directory and the end record: counting back
		// from the latter could end in the middle of the directory.
		found = p.place(pos, wide[0].end, off, size, total) || found
	}
	if !found && p.z.size-pos > endLen+comment {
		return false // a signature by chance
	}
	if !found {
		p.z.note(KindNoDirectory, pos, "end record names a directory at %d, where there is none", off)
	}
	if (disk != 0 && disk != 0xffff) || (dirDisk != 0 && dirDisk != 0xffff) || here != total {
		p.z.note(KindMultiDisk, pos, "disk %d, directory on disk %d, %d of %d entries", disk, dirDisk, here, total)
	}
	after := p.z.size - pos - endLen
	switch {
	case comment > after:
		p.z.note(KindComment, pos, "comment of %d bytes, %d are left", comment, after)
	case comment < after && known == 0:
		p.z.note(KindTrailing, pos+endLen+comment, "%d bytes after the end of the zip", after-comment)
	}
	if known > 0 && len(p.dirs) > known {
		p.z.note(KindDirectories, pos, "another end record")
	}
	p.cover(pos, pos+endLen+min(comment, max(after, 0)))
	return comment == after && len(p.dirs) == known+1
}

// zip64Records reads the records that a locator before the end record at pos can
// stand for: CPython takes the bytes before it, others follow its offset.
func (p *zipParser) zip64Records(pos, off int64) []directory {
	var out []directory
	for _, at := range []int64{pos - locatorLen - end64Len, off} {
		if len(out) > 0 && out[0].end == at {
			continue
		}
		if b := p.w.at(at, end64Len); len(b) == end64Len && bytes.HasPrefix(b, sigEnd64) {
			d := directory{end: at, count: int64(le.Uint64(b[32:])), size: int64(le.Uint64(b[40:])), start: int64(le.Uint64(b[48:]))}
			out = append(out, d)
			p.cover(at, at+end64Len)
			p.cover(pos-locatorLen, pos)
			if len(out) == 2 {
				p.z.note(KindDirectories, at, "two Zip64 end records")
			}
		}
	}
	return out
}

// place tries the places of a directory of the given size that an end record at
// offset end puts at off: there, or just before end. It reports whether any was
// read, or the directory is empty.
func (p *zipParser) place(record, end, off, size, count int64) bool {
	if size == 0 && count == 0 {
		p.addDirectory(directory{end: end, start: end, base: max(end-off, 0)})
		return true
	}
	found := false
	for _, d := range []directory{{start: off}, {start: end - size, base: end - size - off}} {
		d.end, d.size, d.count = end, size, count
		if d.start < 0 || d.start >= record || !bytes.Equal(p.w.at(d.start, 4), sigEntry) {
			continue
		}
		found = p.addDirectory(d) || found
	}
	return found
}

func (p *zipParser) addDirectory(d directory) bool {
	for _, o := range p.dirs {
		if o.start == d.start && o.base == d.base {
			return true
		}
	}
	if len(p.dirs) >= maxDirectories {
		p.z.note(KindTooManyMembers, d.start, "more than %d central directories", maxDirectories)
		return false
	}
	p.dirs = append(p.dirs, &d)
	p.readDirectory(&d, len(p.dirs)-1)
	return true
}

// readDirectory reads entries for as long as they have the signature, whatever the
// end record claims: readers stop by count, by size or by signature.
func (p *zipParser) readDirectory(d *directory, index int) {
	pos, n := d.start, int64(0)
	for pos < d.end {
		e, next := p.entry(pos)
		if next == 0 {
			break
		}
		if !p.room() {
			return
		}
		e.dir = index
		e.local += d.base
		if d.base != 0 && !p.hasLocal(e.local) && p.hasLocal(e.local-d.base) {
			e.local -= d.base // offsets that count from the start of the file after all
		}
		p.entries = append(p.entries, e)
		if alt := e.alternative; alt != nil {
			alt.dir, alt.local = index, alt.local+d.base
			p.entries = append(p.entries, *alt)
			p.entries[len(p.entries)-2].alternative = nil
		}
		pos = next
		n++
	}
	if n != d.count && (d.count != n&0xffff || n <= 0xffff) {
		p.z.note(KindDirectorySize, d.start, "end record counts %d entries, the directory holds %d", d.count, n)
	}
	if pos-d.start != d.size {
		p.z.note(KindDirectorySize, d.start, "end record says the directory has %d bytes, it has %d", d.size, pos-d.start)
	}
	p.cover(d.start, pos)
}

func (p *zipParser) hasLocal(off int64) bool { return bytes.Equal(p.w.at(off, 4), sigLocal) }
