package git

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is a path with its content.
type File struct {
	Path string
	ID   ID
}

const maxIndexBytes = 1 << 30

// Staged lists the files whose content in the index is not that of the commit that
// is checked out: what the next commit would bring.
func (r *Repo) Staged() ([]File, error) {
	staged, err := r.index()
	if err != nil {
		return nil, err
	}
	head := map[string]ID{}
	if id, ok, err := r.Head(); err != nil {
		return nil, err
	} else if ok {
		kind, b, err := r.Read(id)
		if err != nil || kind != CommitKind {
			return nil, fmt.Errorf("HEAD: %w", errors.Join(err, ErrMissing))
		}
		c, err := parseCommit(id, b)
		if err != nil {
			return nil, err
		}
		if head, err = r.files(c.tree, maxBlobs); err != nil {
			return nil, err
		}
	}
	var out []File
	for _, f := range staged {
		if head[f.Path] != f.ID {
			out = append(out, f)
		}
	}
	return out, nil
}

// index reads the files in the index, versions 2 to 4. A repository without an index
// has none staged.
func (r *Repo) index() ([]File, error) {
	name := r.Index
	if name == "" {
		name = filepath.Join(r.Dir, "index")
	}
	info, err := os.Stat(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if info.Size() > maxIndexBytes {
		return nil, fmt.Errorf("index of %d bytes", info.Size())
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	return parseIndex(b, r.hash)
}

func parseIndex(b []byte, hash int) ([]File, error) {
	fixed := 40 + hash + 2 // of an entry: numbers, name, flags
	if len(b) < 12+hash || !bytes.HasPrefix(b, []byte("DIRC")) {
		return nil, errors.New("index: broken header")
	}
	version, n := binary.BigEndian.Uint32(b[4:]), int(binary.BigEndian.Uint32(b[8:]))
	if version < 2 || version > 4 {
		return nil, fmt.Errorf("index: version %d is not known", version)
	}
	rest := b[12 : len(b)-hash]
	out := make([]File, 0, min(n, len(rest)/fixed))
	prev := ""
	for range n {
		if len(rest) < fixed {
			return nil, errors.New("index: cut off")
		}
		var f File
		mode := binary.BigEndian.Uint32(rest[24:])
		copy(f.ID[:], rest[40:40+hash])
		flags := binary.BigEndian.Uint16(rest[40+hash:])
		head := fixed
		intent := false
		if version >= 3 && flags&0x4000 != 0 {
			if len(rest) < fixed+2 {
				return nil, errors.New("index: cut off")
			}
			intent = binary.BigEndian.Uint16(rest[fixed:])&0x2000 != 0
			head = fixed + 2
		}
		path := rest[head:]
		strip := 0
		if version == 4 {
			used := 0
			strip, used = varint(path)
			if used == 0 || strip > len(prev) {
				return nil, errors.New("index: broken path")
			}
			path, head = path[used:], head+used
		}
		nul := bytes.IndexByte(path, 0)
		if nul < 0 {
			return nil, errors.New("index: broken path")
		}
		f.Path = string(path[:nul])
		size := head + nul + 1
		if version == 4 {
			f.Path = prev[:len(prev)-strip] + f.Path
		} else {
			size = (head + nul + 8) &^ 7 // padded with 1 to 8 zero bytes
		}
		if size > len(rest) {
			return nil, errors.New("index: cut off")
		}
		prev, rest = f.Path, rest[size:]
		if mode&0o170000 == 0o100000 && flags&0x3000 == 0 && !intent {
			out = append(out, f)
		}
	}
	if slices.ContainsFunc(out, func(f File) bool { return strings.HasPrefix(f.Path, "/") || f.Path == "" }) {
		return nil, errors.New("index: path that is none")
	}
	return out, nil
}

// varint reads the numbers of version 4: those of offset deltas.
func varint(b []byte) (n, used int) {
	for i, c := range b {
		if i > 8 {
			return 0, 0
		}
		if i > 0 {
			n++
		}
		n = n<<7 | int(c&0x7f)
		if c&0x80 == 0 {
			return n, i + 1
		}
	}
	return 0, 0
}
