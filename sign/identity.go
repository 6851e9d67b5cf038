package sign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	slash "path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/evidence"
)

// Identity names a file or folder by its content. It is the subject of evidence.
type Identity struct {
	Name   string // last part of the path
	Kind   string // "file" or "folder"
	SHA256 string // lower-case hex
	// DirHash covers the names of a folder's files as well, which SHA256 does only as
	// far as they decide the order. Lower-case hex; "" for a file.
	DirHash string
	Files   int
	Bytes   int64
}

// Subject is the identity as the subject of a statement.
func (id Identity) Subject() evidence.Subject {
	s := evidence.Subject{Name: id.Name, Digest: map[string]string{sha256Name: id.SHA256}}
	if id.DirHash != "" {
		s.Digest[evidence.DirHash] = id.DirHash
	}
	return s
}

// IdentityOptions says what belongs to a model.
type IdentityOptions struct {
	Ignore []string // files and folders below it, with slashes, that do not. Optional
	// Known holds digests that were computed already, in lower-case hex, by path
	// below the folder, "." for a file. Optional
	Known   map[string]string
	Workers int // Optional, default one per CPU
}

// Identify computes the identity of a file or folder. That of a file is the SHA-256 of
// its bytes. That of a folder is the root digest of its files, the same that [Sign]
// signs by default: without the files of git and without [DefaultName]. Links to files
// are followed as long as they stay inside; other links, which no model has, count with
// where they lead. A folder that cannot be read completely has no identity.
func Identify(ctx context.Context, path string, o IdentityOptions) (Identity, error) {
	ignore, err := CleanIgnore(o.Ignore)
	if err != nil {
		return Identity{}, err
	}
	t, err := openTree(path, append(append(ignore, defaultIgnores()...), DefaultName), true)
	if err != nil {
		return Identity{}, err
	}
	defer t.close()
	files, problems, err := t.list(ctx)
	if err != nil {
		return Identity{}, err
	}
	links, err := t.linkDigests(problems)
	if err != nil {
		return Identity{}, fmt.Errorf("%s has no digest: %w", path, err)
	}
	if len(files) == 0 {
		return Identity{}, fmt.Errorf("%s has no digest: there is no file in it", path)
	}
	id := Identity{Name: t.name, Kind: "folder", Files: len(files)}
	var jobs []*job
	for _, f := range files {
		id.Bytes += f.size
		if o.Known[f.name] == "" {
			jobs = append(jobs, &job{file: f})
		}
	}
	if err := t.hash(ctx, jobs, o.Workers, nil); err != nil {
		return Identity{}, err
	}
	sums := make(map[string]string, len(jobs))
	for _, j := range jobs {
		if j.err != nil {
			return Identity{}, fmt.Errorf("%s has no digest: %s: %s", path, j.file.name, reason(j.err))
		}
		sums[j.file.name] = j.digest[0]
	}
	var m asset.Manifest
	for _, f := range files {
		sum := o.Known[f.name]
		if sum == "" {
			sum = sums[f.name]
		}
		m.Resources = append(m.Resources, asset.Resource{Name: f.name, SHA256: sum, Size: f.size})
	}
	if t.single != "" {
		id.Kind, id.SHA256 = "file", m.Resources[0].SHA256
		return id, nil
	}
	m.Resources = append(m.Resources, links...)
	id.DirHash = dirHash(m.Resources)
	id.SHA256, err = m.Root()
	return id, err
}

// linkDigests turns links that are not followed into resources. Everything else that
// is no file leaves the folder without an identity.
func (t *tree) linkDigests(problems []Problem) ([]asset.Resource, error) {
	var out []asset.Resource
	for _, p := range problems {
		if p.Kind != Symlink {
			return nil, errors.New(p.String())
		}
		target, err := t.root.Readlink(slash.Join(t.prefix, p.Path))
		if err != nil {
			return nil, fmt.Errorf("%s: %s", quote(p.Path), reason(err))
		}
		sum := sha256.Sum256([]byte("symlink\x00" + target))
		out = append(out, asset.Resource{Name: p.Path, SHA256: hex.EncodeToString(sum[:])})
	}
	return out, nil
}

// dirHash is the digest that in-toto calls dirHash: that of the output of sha256sum for
// all files, in order of their names.
func dirHash(list []asset.Resource) string {
	slices.SortFunc(list, func(a, b asset.Resource) int { return strings.Compare(a.Name, b.Name) })
	h := sha256.New()
	for _, r := range list {
		fmt.Fprintf(h, "%s  %s\n", r.SHA256, r.Name)
	}
	return hex.EncodeToString(h.Sum(nil))
}
