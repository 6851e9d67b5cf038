package record

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/pipeline/record/watch"
)

// maxFiles bounds what is remembered of a run.
const maxFiles = 100_000

// book keeps what a run does to files of the project. What it reads before it writes it
// is an input, named by the digest that it had then; what it writes and leaves is an
// output.
type book struct {
	roots   []string // real paths
	without []string // real paths of folders that do not count
	files   map[string]*entry
	venvs   map[string]bool
	sites   map[string]bool // folders of Python packages that were used
	outside map[string]bool // files that were read elsewhere
	err     error
}

// entry is a file.
type entry struct {
	read, written bool
	info          fs.FileInfo // when it was read first
	digest        string      // then, lower-case hex; "" until it is needed
}

func newBook(roots, without []string) (*book, error) {
	b := &book{files: map[string]*entry{}, venvs: map[string]bool{}, sites: map[string]bool{}, outside: map[string]bool{}}
	for _, r := range roots {
		real, err := realPath(r)
		if err != nil {
			return nil, err
		}
		b.roots = append(b.roots, real)
	}
	for _, w := range without {
		if real, err := realPath(w); err == nil {
			b.without = append(b.without, real)
		}
	}
	return b, nil
}

func realPath(p string) (string, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// note takes an operation down, before it happens.
func (b *book) note(e watch.Event) {
	switch e.Op {
	case watch.Read:
		b.reads(e.Path)
	case watch.Write:
		b.writes(e.Path)
	case watch.ReadWrite:
		b.reads(e.Path)
		b.writes(e.Path)
	case watch.Remove:
		b.keep(b.place(e.Path))
	case watch.Rename:
		b.renames(e.Path, e.To)
	}
}

// system are folders that every program reads.
var system = []string{"/usr/", "/lib", "/etc/", "/proc/", "/sys/", "/dev/", "/bin/", "/sbin/", "/run/", "/var/lib/"}

// place returns the real path of a file that counts, "" for others.
func (b *book) place(path string) string {
	if slices.ContainsFunc(system, func(s string) bool { return strings.HasPrefix(path, s) }) && !b.inside(path) {
		b.site(path)
		return ""
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil { // it is not there yet
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return ""
		}
		real = filepath.Join(dir, filepath.Base(path))
	}
	if b.site(real) {
		return ""
	}
	if !b.inside(real) {
		info, err := os.Stat(real)
		if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 == 0 && !strings.Contains(real, "/lib/python") && len(b.outside) < maxFiles {
			b.outside[real] = true
		}
		return ""
	}
	for _, w := range b.without {
		if below(real, w) {
			return ""
		}
	}
	for part := range strings.SplitSeq(filepath.ToSlash(real), "/") {
		if part == ".git" || part == "__pycache__" || part == "node_modules" {
			return ""
		}
	}
	if strings.HasSuffix(real, ".pyc") || b.inVenv(real) {
		return ""
	}
	return real
}

func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

func (b *book) inside(path string) bool {
	return slices.ContainsFunc(b.roots, func(r string) bool { return below(path, r) })
}

// site notes the folder of Python packages that a file lies in.
func (b *book) site(path string) bool {
	for _, name := range []string{"/site-packages/", "/dist-packages/"} {
		if i := strings.Index(path, name); i >= 0 {
			b.sites[path[:i+len(name)-1]] = true
			return true
		}
	}
	return false
}

// inVenv reports whether a file lies in a virtual environment of Python.
func (b *book) inVenv(path string) bool {
	for dir := filepath.Dir(path); b.inside(dir); dir = filepath.Dir(dir) {
		is, known := b.venvs[dir]
		if !known {
			_, err := os.Stat(filepath.Join(dir, "pyvenv.cfg"))
			is = err == nil
			b.venvs[dir] = is
		}
		if is {
			return true
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return false
}

func (b *book) entry(place string) *entry {
	e := b.files[place]
	if e == nil {
		if len(b.files) == maxFiles {
			b.fail(fmt.Errorf("more than %d files: name folders with --input instead, and run with --declared", maxFiles))
			return &entry{}
		}
		e = &entry{}
		b.files[place] = e
	}
	return e
}

func (b *book) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) reads(path string) {
	place := b.place(path)
	if place == "" {
		return
	}
	if e := b.files[place]; e != nil && (e.read || e.written) {
		return
	}
	info, err := os.Lstat(place)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	e := b.entry(place)
	e.read, e.info = true, info
}

func (b *book) writes(path string) {
	place := b.place(path)
	if place == "" {
		return
	}
	if info, err := os.Lstat(place); err == nil && !info.Mode().IsRegular() {
		return
	}
	b.keep(place)
	b.entry(place).written = true
}

// keep takes the digest of an input before it is lost.
func (b *book) keep(place string) {
	e := b.files[place]
	if e == nil || !e.read || e.written || e.digest != "" {
		return
	}
	if err := e.hash(place); err != nil {
		b.fail(err)
	}
}

// hash computes the digest of an input that is as it was when it was read.
func (e *entry) hash(place string) error {
	f, err := os.Open(place)
	if err != nil {
		return fmt.Errorf("input: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("input: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(info, e.info) || info.Size() != e.info.Size() || !info.ModTime().Equal(e.info.ModTime()) {
		return fmt.Errorf("input %s was changed during the run by another program: nobody knows what was read", place)
	}
	e.digest = hex.EncodeToString(h.Sum(nil))
	return nil
}

// renames moves a file, or everything below a folder.
func (b *book) renames(from, to string) {
	old, place := b.place(from), b.place(to)
	if place != "" {
		b.keep(place)
		if info, err := os.Lstat(from); err == nil && info.Mode().IsRegular() {
			b.entry(place).written = true
		}
	}
	if old == "" {
		return
	}
	b.keep(old)
	for p, e := range b.files {
		if p == old || !below(p, old) {
			continue
		}
		b.keep(p)
		if e.written && place != "" {
			b.entry(place + p[len(old):]).written = true
		}
	}
}
