package scan

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
)

// entry is a regular file met on the walk.
type entry struct {
	disk     string // path to open
	ref      asset.Ref
	vendored bool
	explicit bool  // named by the user: a link is followed
	size     int64 // bytes, once opened
}

// walker finds the files below the roots. It runs in one goroutine, in sorted
// order, and follows no links except those of a Hugging Face cache.
type walker struct {
	emit      func(entry) bool // false: stop
	skip      func(Skip)
	fail      func(path string, err error)
	exclude   func(rel string) bool // may be nil
	vendored  bool                  // some scanner wants vendored trees
	blobsSeen map[string]bool       // blobs reached through a snapshot's link
}

// errStop ends a walk early without being a failure.
var errStop = errors.New("stopped")

// root walks one path given by the user. A link there is followed: it was named.
func (w *walker) root(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	switch {
	case info.Mode().IsRegular():
		if !w.emit(entry{disk: path, ref: asset.Ref{Path: slashed(path)}, explicit: true}) {
			return errStop
		}
		return nil
	case !info.IsDir():
		// It was named, so leaving it out in silence would read as a pass.
		w.fail(slashed(path), fmt.Errorf("a %s cannot be scanned: copy its content to a file first", kindOf(info.Mode())))
		return nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	if real, err = filepath.Abs(real); err != nil {
		return err
	}
	return w.dir(path, slashed(path), real, false)
}

// slashed is the path as reports print it.
func slashed(path string) string { return filepath.ToSlash(filepath.Clean(path)) }

// join appends a name to a displayed path; "." is not worth showing.
func join(shown, name string) string {
	switch {
	case shown == ".":
		return name
	case strings.HasSuffix(shown, "/"):
		return shown + name
	}
	return shown + "/" + name
}

// dir walks the folder at disk, shown to the user as shown; real is the resolved
// root that links may point into.
func (w *walker) dir(disk, shown, real string, vendored bool) error {
	list, err := os.ReadDir(disk)
	if err != nil {
		w.fail(shown, fmt.Errorf("folder cannot be read: %w", reason(err)))
	}
	if isHubFolder(filepath.Base(disk)) {
		// Snapshots give blobs their names, so they come first.
		slices.SortStableFunc(list, func(a, b fs.DirEntry) int {
			return boolInt(a.Name() == "blobs") - boolInt(b.Name() == "blobs")
		})
	}
	if !vendored && slices.ContainsFunc(list, func(e fs.DirEntry) bool { return e.Name() == "pyvenv.cfg" }) {
		if vendored = true; !w.vendored {
			w.skip(Skip{Path: shown, Reason: "virtual environment"})
			return nil
		}
	}
	for _, e := range list {
		name := e.Name()
		here, show := filepath.Join(disk, name), join(shown, name)
		if w.exclude != nil && w.exclude(show) {
			w.skip(Skip{Path: show, Reason: Excluded})
			continue
		}
		switch {
		case e.IsDir():
			why, never := classify(name)
			if never || why != "" && !w.vendored {
				w.skip(Skip{Path: show, Reason: why})
				continue
			}
			if err := w.dir(here, show, real, vendored || why != ""); err != nil {
				return err
			}
		case e.Type().IsRegular():
			if w.blobsSeen[here] {
				w.skip(Skip{Path: show, Reason: "scanned under its name in snapshots/", Files: 1})
				continue
			}
			if !w.emit(entry{disk: here, ref: asset.Ref{Path: show}, vendored: vendored}) {
				return errStop
			}
		case e.Type()&fs.ModeSymlink != 0:
			if err := w.link(here, show, real, vendored); err != nil {
				return err
			}
		default:
			w.skip(Skip{Path: show, Reason: "not a regular file (" + kindOf(e.Type()) + ")"})
		}
	}
	return nil
}

// link decides about a symbolic link: what it points to is scanned by its own
// name if it lies inside the root, is scanned here if it is a blob of the same hub
// folder, and is otherwise outside what merlon was asked to look at.
func (w *walker) link(disk, shown, real string, vendored bool) error {
	target, err := filepath.EvalSymlinks(disk)
	if err != nil {
		w.skip(Skip{Path: shown, Reason: "link that leads nowhere or in a circle"})
		return nil
	}
	if target, err = filepath.Abs(target); err != nil {
		return err
	}
	hub := hubRoot(disk)
	switch {
	case hub != "" && within(target, filepath.Join(hub, "blobs")):
		if w.blobsSeen == nil {
			w.blobsSeen = map[string]bool{}
		}
		// The walk will come by under the name it started with.
		w.blobsSeen[target] = true
		if rel, err := filepath.Rel(real, target); err == nil && !strings.HasPrefix(rel, "..") {
			w.blobsSeen[filepath.Join(strings.TrimSuffix(disk, trailing(disk, hub)), "blobs", filepath.Base(target))] = true
		}
		if !w.emit(entry{disk: target, ref: asset.Ref{Path: shown}, vendored: vendored}) {
			return errStop
		}
	case within(target, real):
		w.skip(Skip{Path: shown, Reason: "link; its target is scanned under its own name"})
	default:
		w.fail(shown, fmt.Errorf("link leads outside what was given to scan (%s): add that path to the command if it belongs to the project", target))
	}
	return nil
}

// trailing is what follows the hub folder's name in disk.
func trailing(disk, hub string) string {
	base := string(filepath.Separator) + filepath.Base(hub) + string(filepath.Separator)
	if i := strings.LastIndex(disk, base); i >= 0 {
		return disk[i+len(base):]
	}
	return disk
}

// hubRoot returns the resolved models--*, datasets--* or spaces--* folder above a
// snapshot's file, "" if there is none.
func hubRoot(disk string) string {
	abs, err := filepath.Abs(disk)
	if err != nil {
		return ""
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if err != nil {
		return ""
	}
	for d := dir; ; d = filepath.Dir(d) {
		if isHubFolder(filepath.Base(d)) {
			if within(dir, filepath.Join(d, "snapshots")) {
				return d
			}
			return ""
		}
		if d == filepath.Dir(d) {
			return ""
		}
	}
}

func isHubFolder(name string) bool {
	return strings.HasPrefix(name, "models--") || strings.HasPrefix(name, "datasets--") || strings.HasPrefix(name, "spaces--")
}

// within reports whether path is dir or lies below it; both are clean and absolute.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// classify tells folders apart by name: why says that somebody else wrote what is
// in there, never that nobody looks into it.
func classify(name string) (why string, never bool) {
	switch name {
	case ".git", ".hg", ".svn", ".jj":
		return "version control data", true
	case "node_modules", "bower_components":
		return "installed packages", false
	case "site-packages", "dist-packages", "__pypackages__", ".tox", ".nox", ".eggs":
		return "installed packages", false
	case "vendor", "third_party":
		return "vendored code", false
	}
	return "", false
}

func kindOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "pipe"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}

// reason strips the path, which the report prints anyway, from an error.
func reason(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
