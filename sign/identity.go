package sign

import (
	"context"
	"fmt"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/evidence"
)

// Identity names a file or folder by its content. It is the subject of evidence.
type Identity struct {
	Name   string // last part of the path
	Kind   string // "file" or "folder"
	SHA256 string // lower-case hex
	Files  int
	Bytes  int64
}

// Subject is the identity as the subject of a statement.
func (id Identity) Subject() evidence.Subject {
	return evidence.Subject{Name: id.Name, Digest: map[string]string{sha256Name: id.SHA256}}
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
// signs by default: without the files of git and without [DefaultName]. Links are
// followed as long as they stay inside. A folder that cannot be read completely has no
// identity.
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
	if len(problems) > 0 {
		return Identity{}, fmt.Errorf("%s has no digest: %s", path, problems[0])
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
	id.SHA256, err = m.Root()
	return id, err
}
