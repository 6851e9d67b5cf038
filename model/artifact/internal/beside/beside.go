// Package beside judges the paths by which a model file names other files: weights
// beside it, assets, libraries. It looks where a loader would look, without opening
// anything.
package beside

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
)

// Kind says where a path leads.
type Kind uint8

// The kinds. Those from Absolute on leave the model's folder.
const (
	Inside         Kind = iota // a file in the model's folder, or below
	Absent                     // would be inside, is not there
	NotLooked                  // would be inside, but the model is part of an archive
	Odd                        // empty, control characters, or dots that lead nowhere
	Irregular                  // inside, but no regular file
	Absolute                   // from the root of the file system or a drive
	Traversal                  // out of the folder, beginning with ..
	InnerTraversal             // out of the folder, by .. further in
	Symlink                    // out of the folder, through a symbolic link
	Remote                     // an address on a network
)

// Leaves reports whether the path leaves the model's folder.
func (k Kind) Leaves() bool { return k >= Absolute }

func (k Kind) String() string {
	return [...]string{"inside the model's folder", "missing", "in the same archive", "odd", "no regular file", "absolute",
		"out of the model's folder", "out of the model's folder", "a symbolic link out of the model's folder", "on a network"}[k]
}

// Path is a judged path.
type Path struct {
	Kind Kind
	Size int64  // bytes, of a file inside
	Name string // of it, relative to the working folder as [asset.Ref] has it
}

// Look judges a path found in the file ref.
func Look(ref asset.Ref, location string) Path {
	kind := Shape(location)
	if kind != Inside {
		return Path{Kind: kind}
	}
	rel := filepath.FromSlash(strings.ReplaceAll(location, `\`, "/"))
	if os.PathSeparator == '/' && strings.Contains(location, `\`) {
		rel = location // here it is part of the name
	}
	if len(ref.Inner) > 0 {
		return Path{Kind: NotLooked}
	}
	dir := filepath.Dir(filepath.FromSlash(ref.Path))
	name := filepath.Join(dir, rel)
	info, err := os.Stat(name)
	if err != nil {
		if link, err := os.Lstat(name); err == nil && link.Mode()&os.ModeSymlink != 0 && leaves(dir, name) {
			return Path{Kind: Symlink}
		}
		return Path{Kind: Absent}
	}
	p := Path{Size: info.Size(), Name: filepath.ToSlash(name)}
	switch {
	case leaves(dir, name):
		p.Kind = Symlink
	case !info.Mode().IsRegular():
		p.Kind = Irregular
	}
	return p
}

// Shape judges a path by its text alone, as loaders on any system would read it. It
// returns Inside for a path that stays in the folder.
func Shape(location string) Kind {
	if location == "" || strings.ContainsFunc(location, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return Odd
	}
	if i := strings.Index(location, "://"); i > 0 && !strings.ContainsAny(location[:i], `/\.`) {
		if strings.EqualFold(location[:i], "file") {
			return Absolute
		}
		return Remote
	}
	slashed := strings.ReplaceAll(location, `\`, "/")
	drive := len(slashed) >= 2 && slashed[1] == ':' && (slashed[0]|0x20) >= 'a' && (slashed[0]|0x20) <= 'z'
	if slashed[0] == '/' || drive || strings.HasPrefix(slashed, "~/") {
		return Absolute
	}
	depth, dots := 0, false
	for i, part := range strings.Split(slashed, "/") {
		switch part {
		case "", ".":
		case "..":
			dots = true
			if depth--; depth < 0 {
				if i == 0 || strings.HasPrefix(strings.TrimPrefix(slashed, "./"), "..") {
					return Traversal
				}
				return InnerTraversal
			}
		default:
			depth++
		}
	}
	if dots || depth == 0 {
		return Odd
	}
	return Inside
}

// leaves reports whether name, resolved, lies outside of the folder. A snapshot of a
// Hugging Face cache has its files in the sibling folder blobs.
func leaves(dir, name string) bool {
	root, err := resolved(dir)
	if err != nil {
		return true
	}
	target, err := resolved(name)
	if err != nil {
		// A dangling link: judge what it says.
		text, err := os.Readlink(name)
		if err != nil {
			return true
		}
		if target = text; !filepath.IsAbs(text) {
			target = filepath.Join(root, text)
		}
	}
	if within(target, root) {
		return false
	}
	parts := strings.Split(root, string(filepath.Separator))
	i := slices.IndexFunc(parts, func(s string) bool { return strings.HasPrefix(s, "models--") })
	if i >= 0 && i+1 < len(parts) && parts[i+1] == "snapshots" {
		hub := strings.Join(parts[:i+1], string(filepath.Separator))
		return !within(target, filepath.Join(hub, "blobs"))
	}
	return true
}

func resolved(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
