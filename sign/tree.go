package sign

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxFiles bounds the files of a model.
const maxFiles = 2_000_000

// tree is a model on disk. All access goes through a root, so that no name and no
// link leads out of it.
type tree struct {
	root   *os.Root
	path   string // as the user named the model
	prefix string // of the model in root, "." for all of it
	name   string // last part of the model's path
	single string // name in root of a model that is one file
	ignore []string
	links  bool // follow links that stay in root

	skipped []string // ignored paths that are there
}

// file is a regular file of a model.
type file struct {
	name string // as it is signed; "." for a single file
	path string // in the root
	size int64
	info fs.FileInfo // of the file itself, behind a link
}

func openTree(name string, ignore []string, links bool) (*tree, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	t := &tree{path: name, name: filepath.Base(abs), prefix: ".", ignore: ignore, links: links}
	dir := abs
	switch {
	case info.Mode().IsRegular():
		if dir, err = filepath.EvalSymlinks(abs); err != nil { // the user named it, link or not
			return nil, err
		}
		dir, t.single = filepath.Split(dir)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is neither a file nor a folder", name)
	case links:
		dir, t.prefix = hubRoot(abs)
	}
	t.root, err = os.OpenRoot(dir)
	return t, err
}

func (t *tree) close() { _ = t.root.Close() }

// hubRoot widens the root of a snapshot in a Hugging Face cache to the folder of the
// repository: its files are links into blobs/ beside it.
func hubRoot(abs string) (root, prefix string) {
	rev := filepath.Base(abs)
	snapshots := filepath.Dir(abs)
	repo := filepath.Dir(snapshots)
	if filepath.Base(snapshots) == "snapshots" && (strings.HasPrefix(filepath.Base(repo), "models--") || strings.HasPrefix(filepath.Base(repo), "datasets--")) {
		return repo, "snapshots/" + rev
	}
	return abs, "."
}

// list walks the model. What cannot be part of one is in the problems.
func (t *tree) list(ctx context.Context) ([]file, []Problem, error) {
	if t.single != "" {
		info, err := t.root.Lstat(t.single)
		if err != nil {
			return nil, nil, err
		}
		return []file{{name: ".", path: t.single, size: info.Size(), info: info}}, nil, nil
	}
	var files []file
	var problems []Problem
	var walk func(dir string) error
	walk = func(dir string) error {
		entries, err := t.read(dir)
		if err != nil {
			problems = append(problems, Problem{Kind: Unreadable, Path: t.rel(dir), Detail: reason(err)})
			return ctx.Err()
		}
		for _, e := range entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			full := path.Join(dir, e.Name())
			name := t.rel(full)
			if ignored(t.ignore, name) != "" {
				t.skipped = append(t.skipped, name)
				continue
			}
			if e.IsDir() {
				if err := walk(full); err != nil {
					return err
				}
				continue
			}
			f, problem := t.entry(full, name, e)
			if problem != nil {
				problems = append(problems, *problem)
				continue
			}
			if files = append(files, f); len(files) > maxFiles {
				return fmt.Errorf("more than %d files", maxFiles)
			}
		}
		return nil
	}
	if err := walk(t.prefix); err != nil {
		return nil, nil, err
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return files, problems, nil
}

// entry looks at what is not a folder.
func (t *tree) entry(full, name string, e fs.DirEntry) (file, *Problem) {
	if err := checkName(name); err != nil {
		return file{}, &Problem{Kind: BadName, Path: name, Detail: err.Error()}
	}
	info, err := e.Info()
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if !t.links {
			return file{}, &Problem{Kind: Symlink, Path: name, Detail: "symbolic link; --allow-symlinks follows those inside the model"}
		}
		if info, err = t.root.Stat(full); err != nil {
			return file{}, &Problem{Kind: Symlink, Path: name, Detail: "symbolic link that leads out of the model or nowhere"}
		}
		if info.IsDir() {
			return file{}, &Problem{Kind: Symlink, Path: name, Detail: "symbolic link to a folder, whose files would not be signed under this name"}
		}
	}
	switch {
	case err != nil:
		return file{}, &Problem{Kind: Unreadable, Path: name, Detail: reason(err)}
	case !info.Mode().IsRegular():
		return file{}, &Problem{Kind: Special, Path: name, Detail: "neither a file nor a folder"}
	}
	return file{name: name, path: full, size: info.Size(), info: info}, nil
}

func (t *tree) rel(full string) string {
	if t.prefix == "." {
		return full
	}
	return strings.TrimPrefix(full, t.prefix+"/")
}

func (t *tree) read(dir string) ([]fs.DirEntry, error) {
	d, err := t.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.ReadDir(-1)
}

// open opens a file as it was listed.
func (t *tree) open(f file) (*os.File, error) {
	h, err := t.root.Open(f.path)
	if err != nil {
		return nil, err
	}
	info, err := h.Stat()
	if err == nil && (!os.SameFile(info, f.info) || info.Size() != f.size) {
		err = errMoving
	}
	if err != nil {
		_ = h.Close()
		return nil, err
	}
	return h, nil
}

// errMoving is about a model that somebody works on.
var errMoving = errors.New("it changed while it was read")

// reason is an error without the path, which the problem names.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}

// foldName maps names to one that some file system takes for the same: macOS and
// Windows fold case, and macOS composes characters.
func foldName(name string) string {
	for i := range len(name) {
		if name[i] >= 0x80 {
			return norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
		}
	}
	return strings.ToLower(name)
}

// collisions names the files that are one file on systems that fold case.
func collisions(files []file) []Problem {
	var out []Problem
	seen := make(map[string]string, len(files))
	for _, f := range files {
		k := foldName(f.name)
		if other, ok := seen[k]; ok {
			out = append(out, Problem{Kind: Case, Path: f.name, Other: other, Detail: "the same file as " + quote(other) + " on macOS and Windows"})
			continue
		}
		seen[k] = f.name
	}
	return out
}
