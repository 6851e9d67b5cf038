//go:build linux || darwin

package scan

import (
	"fmt"
	"io/fs"
	"syscall"
	"time"
)

// identity is which file it is and when it, its name or its mode changed last. The time
// of that change is set by the kernel: nobody can give a file back the one it had.
func identity(info fs.FileInfo) string {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d %d %d %d %d", s.Dev, s.Ino, s.Size, info.ModTime().UnixNano(), changed(info).UnixNano())
}

// changed is when a file, its name or its mode changed last.
func changed(info fs.FileInfo) time.Time {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return info.ModTime()
	}
	return time.Unix(changeTime(s))
}
