package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

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
func renameStdin(r *scan.Result, file string) {
	shown := filepath.ToSlash(filepath.Clean(file))
	for i := range r.Findings {
		f := &r.Findings[i]
		for j := range f.Locations {
			if f.Locations[j].Ref.Path == shown {
				f.Locations[j].Ref.Path = "stdin"
			}
		}
		for j := range f.Trace {
			if f.Trace[j].Ref.Path == shown {
				f.Trace[j].Ref.Path = "stdin"
			}
		}
	}
	for i := range r.Assets {
		if r.Assets[i].Ref.Path == shown {
			r.Assets[i].Ref.Path = "stdin"
		}
	}
	for i := range r.Facts {
		if r.Facts[i].At.Path == shown {
			r.Facts[i].At.Path = "stdin"
		}
	}
	for i := range r.Coverage.Errors {
		if p := &r.Coverage.Errors[i].Path; len(*p) >= len(shown) && (*p)[:len(shown)] == shown {
			*p = "stdin" + (*p)[len(shown):]
		}
	}
}
