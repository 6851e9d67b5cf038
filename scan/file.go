package scan

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/safeio"
)

// file is a [File] over any content, with its head and, on request, its tail.
type file struct {
	safeio.Content
	ref  asset.Ref
	hint string
	head []byte
	tail []byte

	tailBuf []byte // for the tail; may be nil
	whole   shared
}

func (f *file) Ref() asset.Ref { return f.ref }
func (f *file) Head() []byte   { return f.head }
func (f *file) Hint() string   { return f.hint }

// lastBytes reads the tail once. A failing read leaves it short: the scanner that
// wants the file will meet the same failure and report it.
func (f *file) lastBytes() []byte {
	if f.tail == nil {
		if f.Size() <= int64(len(f.head)) {
			f.tail = f.head
			return f.tail
		}
		if f.tailBuf == nil {
			f.tailBuf = make([]byte, TailSize)
		}
		off := max(0, f.Size()-TailSize)
		n, _ := f.ReadAt(f.tailBuf[:f.Size()-off], off)
		f.tail = f.tailBuf[:n]
	}
	return f.tail
}

func (f *file) info() FileInfo {
	return FileInfo{Ref: f.ref, Hint: f.hint, Size: f.Size(), Head: f.head, src: f}
}

// onDisk is an open file whose size was taken once: a file that grows while it
// is scanned is scanned up to where it was.
type onDisk struct {
	*os.File
	size int64
}

func (d onDisk) Size() int64 { return d.size }

// Map implements [safeio.Mapper].
func (d onDisk) Map(off int64, n int) ([]byte, func(), error) { return safeio.MapFile(d.File, off, n) }

// errNotRegular is returned by open for what became something else than a
// regular file between the walk and the opening.
var errNotRegular = errors.New("no longer a regular file")

// open opens a regular file without following a link in its last component and
// without blocking on a pipe that took its place. It reads the head into buf.
func open(path string, followed bool, buf []byte) (*onDisk, []byte, error) {
	f, err := os.OpenFile(path, openFlags(followed), 0)
	if err != nil {
		return nil, nil, reason(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, reason(err)
	}
	d := &onDisk{File: f, size: info.Size()}
	n, err := f.ReadAt(buf[:min(int64(len(buf)), d.size)], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		_ = f.Close()
		return nil, nil, fmt.Errorf("read: %w", reason(err))
	}
	return d, buf[:n], nil
}
