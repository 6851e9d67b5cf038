// Package git reads the objects of a git repository: loose ones and packs, commits,
// trees, blobs, references and the index. It never runs git, follows no hook and no
// configuration, and bounds everything: a repository is as hostile as any input.
//
// For most uses call [Open], then [Repo.History] or [Repo.Staged].
//
// Formats: gitformat-pack(5), gitformat-index(5), gitrepository-layout(5).
package git

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ID names an object: its SHA-256, or its SHA-1 and twelve zeros, which no SHA-256
// ends with.
type ID [sha256Size]byte

// Bytes of the names of objects (gitformat-hash-function-transition).
const (
	sha1Size   = 20
	sha256Size = 32
)

// String is the name in 40 or 64 hexadecimal digits.
func (id ID) String() string {
	if [sha256Size - sha1Size]byte(id[sha1Size:]) == [sha256Size - sha1Size]byte{} {
		return hex.EncodeToString(id[:sha1Size])
	}
	return hex.EncodeToString(id[:])
}

// ParseID reads 40 or 64 hexadecimal digits.
func ParseID(s string) (id ID, err error) {
	if len(s) != 2*sha1Size && len(s) != 2*sha256Size {
		return id, fmt.Errorf("object name of %d characters, want 40 or 64", len(s))
	}
	_, err = hex.Decode(id[:], []byte(s))
	return id, err
}

// Kind is the type of an object, as packs number them.
type Kind uint8

// The kinds.
const (
	CommitKind Kind = 1
	TreeKind   Kind = 2
	BlobKind   Kind = 3
	TagKind    Kind = 4
	ofsDelta   Kind = 6
	refDelta   Kind = 7
)

// Errors of this package.
var (
	// ErrNone is returned by [Open] when there is no repository.
	ErrNone = errors.New("no git repository")
	// ErrMissing is returned for an object that is not in the repository: a shallow or
	// partial clone, or a broken one.
	ErrMissing = errors.New("object is not in the repository")
	// ErrTooLarge is returned for an object of more than [MaxObject] bytes.
	ErrTooLarge = errors.New("object is too large")
)

// MaxObject is the largest object that is read, in bytes.
const MaxObject = 256 << 20

// Repo is an open repository. It serves any number of goroutines.
type Repo struct {
	Dir     string   // the folder of this worktree: HEAD and index
	Index   string   // another index file than the one in Dir, as git gives it to hooks. Optional
	common  string   // the folder with the objects and references
	Shallow bool     // commits before some are missing on purpose
	Partial bool     // contents are missing on purpose: they are fetched when git needs them
	hash    int      // bytes of an object's name
	objects []string // folders with objects: its own, and those of alternates
	packs   []*pack
}

// Open opens the repository of a folder: a worktree with .git in it, or a bare
// repository. Close it after use.
func Open(dir string) (*Repo, error) {
	r := &Repo{}
	switch dotgit := filepath.Join(dir, ".git"); {
	case isRepo(dotgit):
		r.Dir = dotgit
	case isRepo(dir):
		r.Dir = dir
	default:
		b, err := readSmall(dotgit)
		to, ok := bytes.CutPrefix(b, []byte("gitdir: "))
		if err != nil || !ok {
			return nil, fmt.Errorf("%s: %w", dir, ErrNone)
		}
		r.Dir = string(bytes.TrimSpace(to))
		if !filepath.IsAbs(r.Dir) {
			r.Dir = filepath.Join(dir, r.Dir)
		}
	}
	return r, r.open(dir)
}

// OpenBare opens a repository without a worktree, or the part of one that is in .git.
// Close it after use.
func OpenBare(dir string) (*Repo, error) {
	if !isRepo(dir) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNone)
	}
	r := &Repo{Dir: dir}
	return r, r.open(dir)
}

// open finds the objects and references of a repository.
func (r *Repo) open(dir string) error {
	r.common = r.Dir
	if b, err := readSmall(filepath.Join(r.Dir, "commondir")); err == nil {
		r.common = string(bytes.TrimSpace(b))
		if !filepath.IsAbs(r.common) {
			r.common = filepath.Join(r.Dir, r.common)
		}
	}
	if err := r.configure(); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	_, err := os.Stat(filepath.Join(r.common, "shallow"))
	r.Shallow = err == nil
	if err := r.follow(filepath.Join(r.common, "objects")); err != nil {
		r.Close()
		return err
	}
	return nil
}

// Close releases the packs.
func (r *Repo) Close() {
	for _, p := range r.packs {
		p.close()
	}
}

// configure reads what the configuration says about the format (git-config(1),
// extensions).
func (r *Repo) configure() error {
	r.hash = sha1Size
	b, err := readSmall(filepath.Join(r.common, "config"))
	if err != nil {
		return nil // git takes the defaults
	}
	for line := range bytes.Lines(bytes.ToLower(b)) {
		key, value, _ := bytes.Cut(line, []byte("="))
		switch key, value := string(bytes.TrimSpace(key)), string(bytes.TrimSpace(value)); {
		case key == "objectformat" && value == "sha256":
			r.hash = sha256Size
		case key == "objectformat" && value != "sha1":
			return fmt.Errorf("objects are named by %q, which is not known", value)
		case key == "refstorage" && value != "files":
			return fmt.Errorf("references are kept as %q, which is not read: git refs migrate --ref-format=files", value)
		case key == "promisor" && value == "true", key == "partialclone":
			r.Partial = true
		}
	}
	return nil
}

// Common returns the folder that holds the objects.
func (r *Repo) Common() string { return r.common }

func isRepo(dir string) bool {
	head, err := os.Stat(filepath.Join(dir, "HEAD"))
	if err != nil || !head.Mode().IsRegular() {
		return false
	}
	_, err = os.Stat(filepath.Join(dir, "objects"))
	if err != nil {
		_, err = os.Stat(filepath.Join(dir, "commondir"))
	}
	return err == nil
}

// readSmall reads a file of at most 1 MB.
func readSmall(name string) ([]byte, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil, fmt.Errorf("%s: not a short file", name)
	}
	return os.ReadFile(name)
}

// maxRefs is how many references are read.
const maxRefs = 1_000_000

// Refs returns what the references point to, by their names. HEAD is one of them.
func (r *Repo) Refs() (map[string]ID, error) {
	refs := map[string]ID{}
	if f, err := os.Open(filepath.Join(r.common, "packed-refs")); err == nil {
		s := bufio.NewScanner(f)
		for s.Scan() && len(refs) < maxRefs {
			id, name, ok := strings.Cut(s.Text(), " ")
			if oid, err := ParseID(id); ok && err == nil {
				refs[name] = oid
			}
		}
		_ = f.Close()
	}
	root := filepath.Join(r.common, "refs")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() || len(refs) >= maxRefs {
			return nil // what cannot be read is not there for git either
		}
		if b, err := readSmall(name); err == nil {
			if id, err := ParseID(string(bytes.TrimSpace(b))); err == nil {
				rel, _ := filepath.Rel(r.common, name)
				refs[filepath.ToSlash(rel)] = id
			}
		}
		return nil
	})
	if id, ok := r.head(refs); ok {
		refs["HEAD"] = id
	}
	return refs, err
}

// head resolves HEAD; a branch without a commit has none.
func (r *Repo) head(refs map[string]ID) (ID, bool) {
	b, err := readSmall(filepath.Join(r.Dir, "HEAD"))
	if err != nil {
		return ID{}, false
	}
	text := strings.TrimSpace(string(b))
	if name, ok := strings.CutPrefix(text, "ref: "); ok {
		id, ok := refs[name]
		return id, ok
	}
	id, err := ParseID(text)
	return id, err == nil
}

// Head returns the commit that is checked out; ok is false before the first.
func (r *Repo) Head() (id ID, ok bool, err error) {
	b, err := readSmall(filepath.Join(r.Dir, "HEAD"))
	if err != nil {
		return ID{}, false, err
	}
	name, symbolic := strings.CutPrefix(strings.TrimSpace(string(b)), "ref: ")
	if symbolic && filepath.IsLocal(name) {
		if b, err := readSmall(filepath.Join(r.common, filepath.FromSlash(name))); err == nil {
			id, err := ParseID(string(bytes.TrimSpace(b)))
			return id, err == nil, err
		}
	}
	refs, err := r.Refs()
	if err != nil {
		return ID{}, false, err
	}
	id, ok = refs["HEAD"]
	return id, ok, nil
}

// sortedIDs returns the values of refs, each once, in a fixed order.
func sortedIDs(refs map[string]ID) []ID {
	ids := make([]ID, 0, len(refs))
	for _, id := range refs {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}
