package osv

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sort"
	"time"
)

// ErrIndex marks a file that is no index, or a damaged one.
var ErrIndex = errors.New("not a usable advisory index; make it again with: merlon db update")

// Info says what an index is made of.
type Info struct {
	Created    time.Time `json:"created"`
	Newest     time.Time `json:"newest"` // last modification of any advisory
	Advisories int       `json:"advisories"`
	Packages   int       `json:"packages"`
	Sources    []Source  `json:"sources"`
}

// Index answers for packages from one file. It reads its table when it is opened and
// the block of a package when it is asked for it; every part is checked against its
// checksum when it is read. It is safe for use by several goroutines.
type Index struct {
	r      io.ReaderAt
	close  func() error
	info   Info
	digest [sha256.Size]byte
	size   int64
	table  []byte
}

// maxTable bounds the table: 40 million packages.
const maxTable = 40 << 20

// Open opens an index file. The error wraps [ErrIndex] where the content is at fault.
func Open(name string) (*Index, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	x, err := NewIndex(f, st.Size())
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	x.close = f.Close
	return x, nil
}

// NewIndex reads an index of size bytes from r.
func NewIndex(r io.ReaderAt, size int64) (*Index, error) {
	h := make([]byte, headerSize)
	if size < headerSize {
		return nil, fmt.Errorf("%d bytes: %w", size, ErrIndex)
	}
	if _, err := r.ReadAt(h, 0); err != nil {
		return nil, err
	}
	if string(h[:8]) != indexMagic {
		return nil, fmt.Errorf("it does not begin as one: %w", ErrIndex)
	}
	if v := binary.LittleEndian.Uint32(h[8:]); v != indexVersion {
		return nil, fmt.Errorf("layout %d, this merlon reads %d: %w", v, indexVersion, ErrIndex)
	}
	want := binary.LittleEndian.Uint32(h[12:])
	binary.LittleEndian.PutUint32(h[12:], 0)
	if crc32.Checksum(h, castagnoli()) != want {
		return nil, fmt.Errorf("its header is damaged: %w", ErrIndex)
	}
	total := binary.LittleEndian.Uint64(h[16:])
	metaLen, entries := binary.LittleEndian.Uint32(h[24:]), binary.LittleEndian.Uint32(h[28:])
	if total != uint64(size) {
		return nil, fmt.Errorf("%d bytes of %d: %w", size, total, ErrIndex)
	}
	if int64(metaLen) > size || uint64(entries) > maxTable || headerSize+int64(metaLen)+int64(entries)*entrySize > size {
		return nil, fmt.Errorf("its header is damaged: %w", ErrIndex)
	}
	both := make([]byte, int(metaLen)+int(entries)*entrySize)
	if _, err := r.ReadAt(both, headerSize); err != nil {
		return nil, err
	}
	x := &Index{r: r, size: size, table: both[metaLen:]}
	copy(x.digest[:], h[40:])
	if crc32.Checksum(both[:metaLen], castagnoli()) != binary.LittleEndian.Uint32(h[32:]) ||
		crc32.Checksum(x.table, castagnoli()) != binary.LittleEndian.Uint32(h[36:]) {
		return nil, fmt.Errorf("its table is damaged: %w", ErrIndex)
	}
	if err := json.Unmarshal(both[:metaLen], &x.info); err != nil {
		return nil, fmt.Errorf("%v: %w", err, ErrIndex)
	}
	return x, nil
}

// Info says what the index is made of.
func (x *Index) Info() Info { return x.info }

// Digest is the SHA-256 of all but the header, in hex, as the header states it.
// [Index.Verify] says whether that is true.
func (x *Index) Digest() string { return fmt.Sprintf("%x", x.digest) }

// Close releases the file.
func (x *Index) Close() error {
	if x.close == nil {
		return nil
	}
	return x.close()
}

// Verify reads the whole file and compares it with its digest.
func (x *Index) Verify() error {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(x.r, headerSize, x.size-headerSize)); err != nil {
		return err
	}
	if [sha256.Size]byte(sum.Sum(nil)) != x.digest {
		return fmt.Errorf("its content differs from its digest: %w", ErrIndex)
	}
	return nil
}

// notes reads what is known of a package.
func (x *Index) notes(ecosystem, name string) ([]note, error) {
	h := hashKey(ecosystem, name)
	n := len(x.table) / entrySize
	at := func(i int) []byte { return x.table[i*entrySize : (i+1)*entrySize] }
	i := sort.Search(n, func(i int) bool { return binary.LittleEndian.Uint64(at(i)) >= h })
	for ; i < n && binary.LittleEndian.Uint64(at(i)) == h; i++ {
		e := at(i)
		off, length := binary.LittleEndian.Uint64(e[8:]), binary.LittleEndian.Uint32(e[16:])
		if off > uint64(x.size) || uint64(length) > uint64(x.size)-off {
			return nil, fmt.Errorf("its table is damaged: %w", ErrIndex)
		}
		block := make([]byte, length)
		if _, err := x.r.ReadAt(block, int64(off)); err != nil {
			return nil, err
		}
		if crc32.Checksum(block, castagnoli()) != binary.LittleEndian.Uint32(e[20:]) {
			return nil, fmt.Errorf("the part about %s is damaged: %w", name, ErrIndex)
		}
		notes, err := decodeBlock(block, ecosystem, name)
		if err != nil {
			return nil, fmt.Errorf("the part about %s: %v: %w", name, err, ErrIndex)
		}
		if notes != nil {
			return notes, nil
		}
	}
	return nil, nil
}
