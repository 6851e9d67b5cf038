package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/safeio"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/tessera/api/layout"
)

// entriesLevel stands for the entry bundles among the levels of hash tiles.
const entriesLevel = -1

// tileID names a tile by its level (entriesLevel for a bundle of entries) and index.
type tileID struct {
	level int
	index uint64
}

func (t tileID) path(width uint8) string {
	if t.level == entriesLevel {
		return filepath.Join(logDir, filepath.FromSlash(layout.EntriesPath(t.index, width)))
	}
	return filepath.Join(logDir, filepath.FromSlash(layout.TilePath(uint64(t.level), t.index, width)))
}

// tiles are the tile files of a ledger: which widths of which tile exist. 0 stands
// for the full width of 256. Values become true when a file was compared.
type tiles struct {
	dir   string
	files map[tileID]map[uint8]bool
	edge  map[int]*bytes.Buffer // content of the tile that is being filled, by level
	width map[int]int
}

// listTiles finds the tile files. Names that are not those of tiles are what an
// interrupted write leaves behind, and nobody reads them.
func listTiles(dir string) (*tiles, error) {
	t := &tiles{dir: dir, files: map[tileID]map[uint8]bool{}, edge: map[int]*bytes.Buffer{}, width: map[int]int{}}
	root := filepath.Join(dir, logDir, "tile")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if path == root && errors.Is(err, fs.ErrNotExist) {
				return nil // an empty ledger
			}
			return err
		}
		if d.IsDir() {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if id, width, ok := parseTile(filepath.ToSlash(rel)); ok {
			if t.files[id] == nil {
				t.files[id] = map[uint8]bool{}
			}
			t.files[id][width] = false
		}
		return nil
	})
	return t, err
}

// parseTile reads a path below tile/.
func parseTile(rel string) (id tileID, width uint8, ok bool) {
	level, index, ok := strings.Cut(rel, "/")
	if !ok {
		return id, 0, false
	}
	id.level = entriesLevel
	if level != "entries" {
		n, err := strconv.ParseUint(level, 10, 6)
		if err != nil || level != strconv.FormatUint(n, 10) {
			return id, 0, false
		}
		id.level = int(n)
	}
	var err error
	if id.index, width, err = layout.ParseTileIndexPartial(index); err != nil {
		return id, 0, false
	}
	// Only the spelling that readers ask for.
	if filepath.ToSlash(id.path(width)) != logDir+"/tile/"+rel {
		return id, 0, false
	}
	return id, width, true
}

// add sees an entry and every node that is complete with it, and compares each tile
// file when its content is complete.
func (t *tiles) add(tr tree, line []byte) error {
	seq := tr.size()
	bundle := binary.BigEndian.AppendUint16(nil, uint16(len(line)))
	err := t.put(tileID{entriesLevel, seq / layout.EntryBundleWidth}, append(bundle, line...), seq)
	tr.add(line, func(n compact.NodeID, hash []byte) {
		if err == nil && n.Level%layout.TileHeight == 0 {
			err = t.put(tileID{int(n.Level / layout.TileHeight), n.Index / layout.TileWidth}, hash, seq)
		}
	})
	return err
}

func (t *tiles) put(id tileID, b []byte, seq uint64) error {
	buf := t.edge[id.level]
	if buf == nil {
		buf = new(bytes.Buffer)
		t.edge[id.level] = buf
	}
	buf.Write(b)
	t.width[id.level]++
	width := uint8(t.width[id.level]) // 256 becomes 0, the full width
	if _, exists := t.files[id][width]; exists {
		if err := t.compare(id, width, buf.Bytes(), seq); err != nil {
			return err
		}
	}
	if width == 0 {
		buf.Reset()
		t.width[id.level] = 0
	}
	return nil
}

func (t *tiles) compare(id tileID, width uint8, want []byte, seq uint64) error {
	name := id.path(width)
	got, err := safeio.ReadFile(filepath.Join(t.dir, name), int64(len(want))+1)
	if errors.Is(err, os.ErrNotExist) && width != 0 {
		// A writer that runs beside us removes partial tiles when full ones are there.
		if _, err := os.Stat(filepath.Join(t.dir, id.path(0))); err == nil {
			t.files[id][width] = true
			return nil
		}
	}
	if err != nil && !errors.Is(err, safeio.ErrTooLarge) {
		return err
	}
	if !bytes.Equal(got, want) {
		bad := t.firstBad(id, got, want, seq)
		return &TamperError{Seq: &bad, File: name, Reason: "does not hold what the write-ahead log says"}
	}
	t.files[id][width] = true
	return nil
}

// firstBad names the first entry whose record differs. Above the lowest level a node
// stands for many entries: then it is the first of them.
func (t *tiles) firstBad(id tileID, got, want []byte, seq uint64) uint64 {
	n := 0
	for n < len(got) && n < len(want) && got[n] == want[n] {
		n++
	}
	if id.level == entriesLevel {
		first := id.index * layout.EntryBundleWidth
		for at := 0; first < seq && at+2 <= len(want); first++ {
			at += 2 + int(binary.BigEndian.Uint16(want[at:]))
			if n < at {
				break
			}
		}
		return first
	}
	node := id.index*layout.TileWidth + uint64(n/32)
	return min(node<<(layout.TileHeight*id.level), seq)
}

// required checks that every tile exists which a reader of a checkpoint of size
// entries asks for.
func (t *tiles) required(size uint64) error {
	has := func(id tileID, width uint8) error {
		w := t.files[id]
		if _, ok := w[width]; ok {
			return nil
		}
		if _, ok := w[0]; ok {
			return nil
		}
		return &TamperError{File: id.path(width), Reason: fmt.Sprintf("is missing: a checkpoint over %d entries needs it", size)}
	}
	for level := entriesLevel; ; level++ {
		n := size
		if level > 0 {
			n >>= layout.TileHeight * level
		}
		if n == 0 {
			return nil
		}
		for i := range n / layout.TileWidth {
			if err := has(tileID{level, i}, 0); err != nil {
				return err
			}
		}
		if rest := n % layout.TileWidth; rest > 0 {
			if err := has(tileID{level, n / layout.TileWidth}, uint8(rest)); err != nil {
				return err
			}
		}
	}
}

// unseen names a tile that holds more than the write-ahead log.
func (t *tiles) unseen(entries uint64) error {
	first := ""
	for id, widths := range t.files {
		for w, seen := range widths {
			if name := id.path(w); !seen && (first == "" || name < first) {
				first = name
			}
		}
	}
	if first == "" {
		return nil
	}
	return &TamperError{Seq: &entries, File: first, Reason: fmt.Sprintf("goes beyond the %d entries of %s", entries, walFile)}
}

// tidy removes partial tiles whose full tile is there: C2SP tlog-tiles allows it, and
// nobody needs them.
func tidy(dir string, size uint64) error {
	for level := entriesLevel; ; level++ {
		n := size
		if level > 0 {
			n >>= layout.TileHeight * level
		}
		full := n / layout.TileWidth
		if full == 0 {
			return nil
		}
		// From the newest backwards, until one was tidied before.
		for i := full; i > 0; i-- {
			partial := filepath.Join(dir, tileID{level, i - 1}.path(0)+".p")
			if _, err := os.Stat(partial); errors.Is(err, fs.ErrNotExist) {
				break
			}
			if err := os.RemoveAll(partial); err != nil {
				return err
			}
		}
	}
}
