// Package cachefile keeps what a scan found out for the next one, in one file for
// each thing that is scanned.
//
// # What it trusts
//
// Who can write the folder can make a scan say anything. So the folder and its files
// must belong to the user who runs merlon and to nobody else (mode 0700, no link). That
// it did not come with what is scanned is for the caller to see to: a checkout under a
// strict umask has such modes too. A file that is damaged, cut off or of another build is not used, and replaced.
//
// Any number of runs may use a folder at the same time, and may be killed: a file
// appears under its name as a whole or not at all, and the last one stays.
package cachefile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/merlon-security/merlon/safeio"
)

// Bounds of one file and of a folder, in bytes.
const (
	maxFile   = 256 << 20
	maxFolder = 1 << 30
)

// magic begins a file and changes with its format.
const magic = "merlon cache 1\n"

const suffix = ".cache"

// Key names everything that a value depends on.
type Key = [sha256.Size]byte

// Cache is what one scan knows from earlier ones of the same thing. It is safe for
// concurrent use.
type Cache struct {
	dir, path string
	mu        sync.Mutex
	old       map[Key][]byte
	now       map[Key][]byte // used or found out by this run
	fresh     bool           // something was found out
}

// Open reads what is known about the thing that name stands for. The folder is made
// where it is missing. The error is about a folder that cannot be used; a file that
// cannot be is the same as none.
func Open(dir string, name Key) (*Cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if err := private(dir); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	c := &Cache{dir: dir, path: filepath.Join(dir, hex.EncodeToString(name[:16])+suffix), old: map[Key][]byte{}, now: map[Key][]byte{}}
	if b, err := read(c.path); err == nil {
		c.old = parse(b)
	}
	return c, nil
}

func read(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if err := own(info); err != nil {
		return nil, err
	}
	return safeio.ReadFile(path, maxFile)
}

// parse reads a file. What is not exactly as [Cache.Save] wrote it is nothing.
func parse(b []byte) map[Key][]byte {
	entries := map[Key][]byte{}
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok || len(rest) < sha256.Size {
		return entries
	}
	sum, rest := rest[:sha256.Size], rest[sha256.Size:]
	if got := sha256.Sum256(rest); !bytes.Equal(sum, got[:]) {
		return entries
	}
	for len(rest) > 0 {
		if len(rest) < sha256.Size {
			return map[Key][]byte{}
		}
		k := Key(rest[:sha256.Size])
		n, w := binary.Uvarint(rest[sha256.Size:])
		if rest = rest[sha256.Size:]; w <= 0 || n > uint64(len(rest)-w) {
			return map[Key][]byte{}
		}
		entries[k] = rest[w : w+int(n) : w+int(n)]
		rest = rest[w+int(n):]
	}
	return entries
}

// Get returns the value of a key; nil where there is none. Nobody may change it.
func (c *Cache) Get(k Key) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.now[k]; ok {
		return v
	}
	return c.old[k]
}

// Keep says that a value that [Cache.Get] gave was right, so that the next run knows
// it too. Values that are neither kept nor put are forgotten.
func (c *Cache) Keep(k Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.old[k]; ok {
		c.now[k] = v
	}
}

// Put stores a value.
func (c *Cache) Put(k Key, v []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now[k] = v
	c.fresh = true
}

// Save writes what the next run shall know. A run that did not get to its end keeps
// everything that was known before. When there is too much for a file, the longest
// values are left out.
func (c *Cache) Save(complete bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !complete {
		for k, v := range c.old {
			if _, ok := c.now[k]; !ok {
				c.now[k] = v
			}
		}
	}
	if !c.fresh && len(c.now) == len(c.old) {
		t := time.Now()
		_ = os.Chtimes(c.path, t, t) // used: not the first to be dropped
		return nil
	}
	keys := make([]Key, 0, len(c.now))
	for k := range c.now {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b Key) int {
		if n := len(c.now[a]) - len(c.now[b]); n != 0 {
			return n
		}
		return bytes.Compare(a[:], b[:])
	})
	var body []byte
	for _, k := range keys {
		if len(body)+len(c.now[k])+2*sha256.Size > maxFile-len(magic)-sha256.Size {
			break
		}
		body = append(body, k[:]...)
		body = binary.AppendUvarint(body, uint64(len(c.now[k])))
		body = append(body, c.now[k]...)
	}
	sum := sha256.Sum256(body)
	if err := write(c.dir, c.path, []byte(magic), sum[:], body); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	return trim(c.dir, c.path, maxFolder)
}

// write replaces a file at once. It need not be on the disk already: after a crash its
// digest tells whether it is.
func write(dir, path string, parts ...[]byte) error {
	f, err := os.CreateTemp(dir, tempPrefix+"*")
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.MultiReader(bytes.NewReader(parts[0]), bytes.NewReader(parts[1]), bytes.NewReader(parts[2])))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

const tempPrefix = ".new-"

// trim removes the files that were not used for the longest time until the folder is
// small enough, and what killed runs have left.
func trim(dir, keep string, most int64) error {
	type entry struct {
		path string
		size int64
		used time.Time
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var files []entry
	var total int64
	for _, e := range list {
		info, err := e.Info()
		path := filepath.Join(dir, e.Name())
		switch {
		case err != nil || !info.Mode().IsRegular():
		case strings.HasPrefix(e.Name(), tempPrefix):
			if time.Since(info.ModTime()) > time.Hour {
				_ = os.Remove(path)
			}
		case strings.HasSuffix(e.Name(), suffix):
			total += info.Size()
			if path != keep {
				files = append(files, entry{path, info.Size(), info.ModTime()})
			}
		}
	}
	slices.SortFunc(files, func(a, b entry) int { return a.used.Compare(b.used) })
	for _, f := range files {
		if total <= most {
			break
		}
		if os.Remove(f.path) == nil {
			total -= f.size
		}
	}
	return nil
}
