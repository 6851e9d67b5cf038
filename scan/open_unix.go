//go:build unix

package scan

import (
	"os"
	"syscall"
)

func openFlags(followed bool) int {
	flags := os.O_RDONLY | syscall.O_NONBLOCK
	if !followed {
		flags |= syscall.O_NOFOLLOW
	}
	return flags
}
