//go:build !unix

package cachefile

import (
	"fmt"
	"io/fs"
	"os"
)

// private refuses what is not a folder. Folders of a user are private to begin with.
func private(dir string) error {
	info, err := os.Lstat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", dir)
	}
	return err
}

func own(fs.FileInfo) error { return nil }
