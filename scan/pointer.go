package scan

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// pointer recognises files that only stand for content kept elsewhere, and
// returns the error that says how to fetch it; nil for everything else.
func pointer(head []byte, path string, size int64) error {
	switch {
	case size < 1024 && bytes.HasPrefix(head, []byte("version https://git-lfs.github.com/spec/")):
		return fmt.Errorf("Git LFS pointer, the content is not here: git lfs pull --include %q", path)
	case strings.HasSuffix(path, ".dvc") && size <= HeadSize && bytes.Contains(head, []byte("outs:")):
		target := strings.TrimSuffix(path, ".dvc")
		if _, err := os.Lstat(filepath.FromSlash(target)); err != nil {
			return fmt.Errorf("DVC pointer, the content is not here: dvc pull %q", path)
		}
	}
	return nil
}
