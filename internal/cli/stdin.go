package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/scan"
)

// maxStdin is how much is read from standard input, in bytes.
const maxStdin = 4 << 30

// stdinFile keeps what comes from standard input in a file of its own, because
// scanners read from anywhere in it. done takes the file away.
func stdinFile(in io.Reader) (file string, done func(), err error) {
	dir, err := os.MkdirTemp("", "merlon-stdin")
	if err != nil {
		return "", nil, fmt.Errorf("standard input: %w", err)
	}
	done = func() { _ = os.RemoveAll(dir) }
	defer func() {
		if err != nil {
			done()
		}
	}()
	file = filepath.Join(dir, "stdin")
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", nil, fmt.Errorf("standard input: %w", err)
	}
	n, err := io.Copy(f, io.LimitReader(in, maxStdin+1))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil && n > maxStdin {
		err = usageErrorf("standard input is longer than 4 GB: write it to a file")
	}
	return file, done, err
}

// renameStdin makes a result speak of stdin instead of the file that held it.
func renameStdin(r *scan.Result, file string) { renamePath(r, file, "stdin") }

// renamePath makes a result speak of something else than the file that held it.
func renamePath(r *scan.Result, file, name string) {
	shown := filepath.ToSlash(filepath.Clean(file))
	rename := func(path *string) {
		if *path == shown {
			*path = name
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		for j := range f.Locations {
			rename(&f.Locations[j].Ref.Path)
		}
		for j := range f.Trace {
			rename(&f.Trace[j].Ref.Path)
		}
	}
	for i := range r.Assets {
		rename(&r.Assets[i].Ref.Path)
	}
	for i := range r.Facts {
		rename(&r.Facts[i].At.Path)
	}
	for i := range r.Coverage.Errors {
		if p := &r.Coverage.Errors[i].Path; strings.HasPrefix(*p, shown) {
			*p = name + (*p)[len(shown):]
		}
	}
}
