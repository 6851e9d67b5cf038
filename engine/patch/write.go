package patch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/safeio"
)

// ErrChanged is returned by [WriteFile] if the file is not what it was.
var ErrChanged = errors.New("the file has changed in the meantime; run it again")

// WriteFile puts now in the place of old, at once or not at all. It keeps the mode. A file
// that is no longer old, that is a link, or that does not lie in one of the roots when
// links are followed, stays as it is.
func WriteFile(path string, roots []string, old, now []byte) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: not a file of its own, but %s; change what it stands for", path, kind(info.Mode()))
	}
	if !inside(path, roots) {
		return fmt.Errorf("%s: a link leads out of what was scanned", path)
	}
	have, err := safeio.ReadFile(path, int64(len(old)))
	if err != nil || !bytes.Equal(have, old) {
		return fmt.Errorf("%s: %w", path, ErrChanged)
	}
	mode := info.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
	return safeio.WriteFile(path, mode, func(w io.Writer) error { _, err := w.Write(now); return err })
}

func kind(m fs.FileMode) string {
	if m&fs.ModeSymlink != 0 {
		return "a link"
	}
	return "something else"
}

// inside reports whether a file lies in one of the roots, links followed.
func inside(path string, roots []string) bool {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	if real, err = filepath.Abs(real); err != nil {
		return false
	}
	for _, r := range roots {
		root, err := filepath.EvalSymlinks(r)
		if err != nil {
			continue
		}
		if root, err = filepath.Abs(root); err != nil {
			continue
		}
		rel, err := filepath.Rel(root, real)
		if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return true
		}
	}
	return false
}
