package osv

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Builder gathers advisories and writes them as an [Index]. It is not safe for use by
// several goroutines.
type Builder struct {
	packages   map[string]*gathered // by ecosystem, NUL, name
	sources    []Source
	exploited  map[string]bool
	epss       map[string]float64
	advisories int
	newest     time.Time
}

type gathered struct {
	ecosystem, name string
	notes           []note
}

// Source says where a part of an index came from and what became of it.
type Source struct {
	Name       string    `json:"name"`
	SHA256     string    `json:"sha256,omitempty"` // of the archive
	Advisories int       `json:"advisories"`       // taken
	Withdrawn  int       `json:"withdrawn"`        // left out, as withdrawn
	Newest     time.Time `json:"newest"`           // last modification of any of them
}

// NewBuilder is an empty builder.
func NewBuilder() *Builder {
	return &Builder{packages: map[string]*gathered{}}
}

// Exploited marks identifiers (CVE-...) that are known to be exploited. It counts for
// advisories that are added afterwards.
func (b *Builder) Exploited(ids map[string]bool) { b.exploited = ids }

// EPSS gives probabilities of exploitation by identifier (CVE-...), for advisories
// that are added afterwards.
func (b *Builder) EPSS(scores map[string]float64) { b.epss = scores }

// Add takes one advisory. A withdrawn one is counted and left out.
func (b *Builder) Add(s *Source, a *Advisory) {
	if a.Modified.After(s.Newest) {
		s.Newest = a.Modified
	}
	if a.Withdrawn {
		s.Withdrawn++
		return
	}
	for _, id := range append([]string{a.ID}, a.Aliases...) {
		a.Exploited = a.Exploited || b.exploited[id]
		a.EPSS = max(a.EPSS, b.epss[id])
	}
	s.Advisories++
	b.advisories++
	if a.Modified.After(b.newest) {
		b.newest = a.Modified
	}
	for _, in := range a.Affected {
		key := in.Ecosystem + "\x00" + in.Name
		p := b.packages[key]
		if p == nil {
			p = &gathered{ecosystem: in.Ecosystem, name: in.Name}
			b.packages[key] = p
		}
		p.notes = append(p.notes, note{a, in})
	}
}

// Close ends a source: what was added to it is told by the index.
func (b *Builder) Close(s Source) { b.sources = append(b.sources, s) }

// maxRecords bounds the records of one archive.
const maxRecords = 4_000_000

// AddZip takes every record of an archive as OSV publishes them, one for an ecosystem:
// name.json at the top. It stops at the first that is no advisory; a database that
// lacks some would answer "not affected".
func (b *Builder) AddZip(ctx context.Context, name string, r io.ReaderAt, size int64) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, size)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("%s: not a whole zip archive, download it again: %w", name, err)
	}
	if len(z.File) > maxRecords {
		return fmt.Errorf("%s: %d records, more than %d", name, len(z.File), maxRecords)
	}
	s := Source{Name: name, SHA256: fmt.Sprintf("%x", sum.Sum(nil))}
	var buf bytes.Buffer
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".json") {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := unpack(&buf, f); err != nil {
			return fmt.Errorf("%s: %s: %w", name, path.Base(f.Name), err)
		}
		a, err := ParseAdvisory(buf.Bytes())
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, path.Base(f.Name), err)
		}
		b.Add(&s, a)
	}
	if s.Advisories == 0 {
		return fmt.Errorf("%s: holds no advisories: want records in the OSV format, name.json each", name)
	}
	b.Close(s)
	return nil
}

func unpack(buf *bytes.Buffer, f *zip.File) error {
	buf.Reset()
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	n, err := io.Copy(buf, io.LimitReader(r, maxRecord+1))
	if err == nil && n > maxRecord {
		err = fmt.Errorf("%w: more than %d bytes", ErrRecord, maxRecord)
	}
	return err
}

// Layout of an index, all numbers little endian:
//
//	header  128 bytes: magic, version, CRC-32C of the header, lengths, offsets, SHA-256 of the rest
//	meta    JSON of Info
//	table   one entry a package, sorted by hash: hash, offset, length, CRC-32C of its block
//	blocks  one after another
const (
	indexMagic   = "merlonDB"
	indexVersion = 1
	headerSize   = 128
	entrySize    = 24
)

var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// Write writes the index; created is the time it says it was made. The same
// advisories and time give the same bytes.
func (b *Builder) Write(w io.Writer, created time.Time) error {
	if len(b.packages) == 0 {
		return errors.New("no advisories to write")
	}
	type entry struct {
		hash  uint64
		block []byte
		key   string
	}
	entries := make([]entry, 0, len(b.packages))
	for key, p := range b.packages {
		slices.SortFunc(p.notes, func(x, y note) int { return strings.Compare(x.advisory.ID, y.advisory.ID) })
		entries = append(entries, entry{hashKey(p.ecosystem, p.name), encodeBlock(p.ecosystem, p.name, p.notes), key})
	}
	slices.SortFunc(entries, func(x, y entry) int {
		return cmp.Or(cmp.Compare(x.hash, y.hash), strings.Compare(x.key, y.key))
	})
	info := Info{Created: created.UTC().Truncate(time.Second), Newest: b.newest, Advisories: b.advisories, Packages: len(entries), Sources: b.sources}
	meta, err := json.Marshal(info)
	if err != nil {
		return err
	}
	tableAt := headerSize + len(meta)
	offset := uint64(tableAt + len(entries)*entrySize)
	table := make([]byte, 0, len(entries)*entrySize)
	for _, e := range entries {
		table = binary.LittleEndian.AppendUint64(table, e.hash)
		table = binary.LittleEndian.AppendUint64(table, offset)
		table = binary.LittleEndian.AppendUint32(table, uint32(len(e.block)))
		table = binary.LittleEndian.AppendUint32(table, crc32.Checksum(e.block, castagnoli()))
		offset += uint64(len(e.block))
	}
	sum := sha256.New()
	sum.Write(meta)
	sum.Write(table)
	for _, e := range entries {
		sum.Write(e.block)
	}
	h := make([]byte, 0, headerSize)
	h = append(h, indexMagic...)
	h = binary.LittleEndian.AppendUint32(h, indexVersion)
	h = binary.LittleEndian.AppendUint32(h, 0) // CRC, below
	h = binary.LittleEndian.AppendUint64(h, offset)
	h = binary.LittleEndian.AppendUint32(h, uint32(len(meta)))
	h = binary.LittleEndian.AppendUint32(h, uint32(len(entries)))
	h = binary.LittleEndian.AppendUint32(h, crc32.Checksum(meta, castagnoli()))
	h = binary.LittleEndian.AppendUint32(h, crc32.Checksum(table, castagnoli()))
	h = sum.Sum(h)
	h = h[:headerSize]
	binary.LittleEndian.PutUint32(h[12:], crc32.Checksum(h, castagnoli()))
	for _, part := range [][]byte{h, meta, table} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if _, err := w.Write(e.block); err != nil {
			return err
		}
	}
	return nil
}

// hashKey is the place of a package in the table.
func hashKey(ecosystem, name string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, ecosystem)
	h.Write([]byte{0})
	io.WriteString(h, name)
	return h.Sum64()
}
