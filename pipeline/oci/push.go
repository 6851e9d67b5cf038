package oci

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/sign"
)

// maxFiles is how many files a model has at most.
const maxFiles = 10_000

// source is a file of a model.
type source struct {
	name string // below the model, with slashes
	path string
	size int64
}

// sources lists the files of a model: all but those of git and the signature, as its
// identity does.
func sources(path string) ([]source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() {
		return []source{{filepath.Base(path), path, info.Size()}}, nil
	}
	var out []source
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(path, p)
		name := filepath.ToSlash(rel)
		switch {
		case slices.Contains([]string{".git", ".gitignore", ".gitattributes", ".github", sign.DefaultName}, name):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is a link or a special file, which a registry does not keep: push a copy (cp -rL)", name)
		}
		if len(out) == maxFiles {
			return fmt.Errorf("more than %d files", maxFiles)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		out = append(out, source{name, p, info.Size()})
		return nil
	})
	return out, err
}

// Pushed is a model in a registry.
type Pushed struct {
	Manifest Descriptor
	Identity sign.Identity
	Files    int
	Bytes    int64 // of all files; less may have been sent
}

// Push stores a file or folder as a model. What the registry has already is not sent
// again. The tag of the address is set last.
func Push(ctx context.Context, r *Remote, path string, now time.Time) (*Pushed, error) {
	if strings.HasPrefix(r.reference, "sha256:") {
		return nil, errors.New("a digest is no place to push to: name a tag")
	}
	id, err := sign.Identify(ctx, path, sign.IdentityOptions{})
	if err != nil {
		return nil, err
	}
	files, err := sources(path)
	if err != nil {
		return nil, err
	}
	layers, err := r.pushFiles(ctx, files)
	if err != nil {
		return nil, err
	}
	p := &Pushed{Identity: id, Files: len(files)}
	var c config
	c.Descriptor.CreatedAt, c.Descriptor.Name, c.ModelFS.Type = now.UTC().Truncate(time.Second), id.Name, "layers"
	for _, l := range layers {
		p.Bytes += l.Size
		c.ModelFS.DiffIDs = append(c.ModelFS.DiffIDs, l.Digest)
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	cfg, err := r.pushBytes(ctx, configType, b)
	if err != nil {
		return nil, err
	}
	p.Manifest, err = r.pushManifest(ctx, manifest{
		SchemaVersion: 2, MediaType: manifestType, ArtifactType: ArtifactType,
		Config: cfg, Layers: layers, Annotations: map[string]string{identityAnnotation: "sha256:" + id.SHA256},
	})
	if err != nil {
		return nil, err
	}
	return p, r.tag(ctx, p.Manifest, r.reference)
}

// pushFiles stores files as layers, several at once, in order of their names.
func (r *Remote) pushFiles(ctx context.Context, files []source) ([]Descriptor, error) {
	slices.SortFunc(files, func(a, b source) int { return strings.Compare(a.name, b.name) })
	layers := make([]Descriptor, len(files))
	errs := make([]error, len(files))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 4) {
		wg.Go(func() {
			for i := range next {
				if layers[i], errs[i] = r.pushFile(ctx, files[i]); errs[i] != nil {
					stop()
				}
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	wg.Wait()
	for i, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return nil, fmt.Errorf("%s: %w", files[i].name, err)
		}
	}
	return layers, errors.Join(errs...)
}

func (r *Remote) pushFile(ctx context.Context, f source) (Descriptor, error) {
	h, err := os.Open(f.path)
	if err != nil {
		return Descriptor{}, err
	}
	defer h.Close()
	info, err := h.Stat()
	if err != nil {
		return Descriptor{}, err
	}
	sum, err := safeio.SHA256(ctx, sized{h, info.Size()})
	if err != nil {
		return Descriptor{}, err
	}
	d := Descriptor{
		MediaType: layerType(f.name), Digest: "sha256:" + sum, Size: info.Size(),
		Annotations: map[string]string{pathAnnotation: f.name},
	}
	there, err := r.exists(ctx, d)
	if err != nil || there {
		return d, err
	}
	return d, r.pushBlob(ctx, d, h) // a file that changed meanwhile has another digest, and the registry refuses it
}

// sized is a file with its size.
type sized struct {
	*os.File
	size int64
}

func (s sized) Size() int64 { return s.size }
