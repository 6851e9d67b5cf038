//go:build unix

package safeio

import (
	"os"
	"syscall"
)

// MapFile maps n bytes of a file at off, a multiple of [MapAlign], for reading.
func MapFile(f *os.File, off int64, n int) ([]byte, func(), error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, nil, err
	}
	var b []byte
	if cerr := raw.Control(func(fd uintptr) {
		b, err = syscall.Mmap(int(fd), off, n, syscall.PROT_READ, syscall.MAP_SHARED)
	}); cerr != nil {
		return nil, nil, cerr
	}
	if err != nil {
		return nil, nil, err
	}
	return b, func() { _ = syscall.Munmap(b) }, nil
}
