//go:build amd64 || arm64

package watch

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// events reads from the memory of a program what a call of it does. A path that cannot
// be read is one the kernel refuses too.
func (l *Listener) events(n notification) []Event {
	c, ok := l.calls[n.nr]
	if !ok {
		return nil
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", n.pid))
	if err != nil {
		return nil
	}
	defer mem.Close()
	e := Event{Op: c.op}
	if c.flags >= 0 {
		flags := n.args[c.flags]
		if c.how {
			var b [8]byte
			if _, err := mem.ReadAt(b[:], int64(flags)); err != nil {
				return nil
			}
			flags = binary.NativeEndian.Uint64(b[:])
		}
		switch {
		case flags&unix.O_PATH != 0 || flags&unix.O_DIRECTORY != 0 && flags&unix.O_TMPFILE != unix.O_TMPFILE:
			return nil
		case flags&unix.O_ACCMODE == unix.O_WRONLY, flags&unix.O_TRUNC != 0:
			e.Op = Write
		case flags&unix.O_ACCMODE == unix.O_RDWR:
			e.Op = ReadWrite
		}
	}
	if e.Path = resolve(mem, n, c.dir, c.path); e.Path == "" {
		return nil
	}
	if c.op == Rename {
		if e.To = resolve(mem, n, c.dir2, c.to); e.To == "" {
			return nil
		}
	}
	return []Event{e}
}

// resolve returns the absolute path in an argument, "" for none.
func resolve(mem *os.File, n notification, dir, arg int) string {
	path := text(mem, n.args[arg])
	if path == "" {
		return ""
	}
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	base := fmt.Sprintf("/proc/%d/cwd", n.pid)
	if dir >= 0 && int32(n.args[dir]) != at {
		base = fmt.Sprintf("/proc/%d/fd/%d", n.pid, int32(n.args[dir]))
	}
	folder, err := os.Readlink(base)
	if err != nil || !filepath.IsAbs(folder) {
		return ""
	}
	return filepath.Join(folder, path)
}

// text reads what ends with a zero byte, of at most a path's length.
func text(mem *os.File, addr uint64) string {
	const page = 4096
	var out []byte
	for addr != 0 && len(out) < unix.PathMax {
		b := make([]byte, page-addr%page) // the next page may not be there
		n, _ := mem.ReadAt(b, int64(addr))
		if n == 0 {
			return ""
		}
		if i := bytes.IndexByte(b[:n], 0); i >= 0 {
			return string(append(out, b[:i]...))
		}
		out, addr = append(out, b[:n]...), addr+uint64(n)
	}
	return ""
}
