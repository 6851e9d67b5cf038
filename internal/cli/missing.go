package cli

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// missing reports whether an error says that there is no such path. A path below a
// regular file (model.pkl/x) exists as little as any other.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// exists is for paths that a verb is about.
func exists(path string) error {
	if _, err := os.Stat(path); missing(err) {
		return usageErrorf("path %q does not exist", path)
	}
	return nil
}
