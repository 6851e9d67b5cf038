// Package inspect tells what a model is without loading it: it asks the readers of
// all formats about the headers of each file, and takes a folder as one model.
//
// What follows from the bytes of weights is proved. What a configuration, a model
// card or free metadata says is asserted, and stays marked so.
package inspect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/scan"
)

// Options says what to inspect.
type Options struct {
	Name     string // as the user named it
	Path     string // file or folder
	Scanners []scan.Scanner
	Digest   bool // compute the SHA-256 of every file, and the root
}

const (
	maxFiles  = 100_000
	maxStream = 64 << 20 // bytes of a compressed file that are decoded
)

// Run inspects a file or a folder. The error is about the request; a file that
// cannot be read carries its own.
func Run(ctx context.Context, o Options) (*asset.Inspection, error) {
	info, err := os.Stat(o.Path)
	if err != nil {
		return nil, err
	}
	x := &asset.Inspection{Name: o.Name, Path: filepath.ToSlash(o.Path), Kind: "file"}
	var list []entry
	switch {
	case info.IsDir():
		x.Kind = "folder"
		if list, err = files(o.Path); err != nil {
			return nil, err
		}
	case info.Mode().IsRegular():
		list = []entry{{disk: o.Path, name: filepath.Base(o.Path)}}
	default:
		return nil, fmt.Errorf("%s is neither a file nor a folder", o.Path)
	}
	for _, e := range list {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x.Files = append(x.Files, one(ctx, e, o))
	}
	if o.Digest {
		if x.Root, err = root(x.Files); err != nil {
			return nil, err
		}
	}
	sum(x)
	return x, nil
}

// entry is a file of a model.
type entry struct {
	disk, name string
	err        error // why it is not looked at
}

// files lists the files below a folder, in order, without version control. Links
// are followed where they stay inside the folder, or lead to the blobs of the same
// Hugging Face cache.
func files(dir string) ([]entry, error) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	if real, err = filepath.Abs(real); err != nil {
		return nil, err
	}
	var list []entry
	err = filepath.WalkDir(real, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(real, path)
		name = filepath.ToSlash(name)
		switch {
		case err != nil:
			list = append(list, entry{disk: path, name: name, err: err})
			return nil
		case d.IsDir():
			switch d.Name() {
			case ".git", ".github", ".cache":
				return filepath.SkipDir
			}
			return nil
		case name == ".gitattributes", name == ".gitignore", name == "model.sig":
			return nil // not part of a model (OpenSSF Model Signing, "ignore_paths")
		case len(list) >= maxFiles:
			return fmt.Errorf("more than %d files below %s: name the folder of one model", maxFiles, dir)
		case d.Type()&fs.ModeSymlink != 0:
			target, err := filepath.EvalSymlinks(path)
			if err == nil && !within(target, real) && !within(target, blobs(real)) {
				err = errors.New("a link that leads out of the folder")
			}
			list = append(list, entry{disk: target, name: name, err: err})
		case d.Type().IsRegular():
			list = append(list, entry{disk: path, name: name})
		}
		return nil
	})
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return list, err
}

// blobs is where a snapshot of a Hugging Face cache keeps its contents.
func blobs(dir string) string {
	if filepath.Base(filepath.Dir(dir)) == "snapshots" {
		return filepath.Join(filepath.Dir(filepath.Dir(dir)), "blobs")
	}
	return dir
}

func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// one inspects a file.
func one(ctx context.Context, e entry, o Options) (x asset.InspectedFile) {
	x.Path = e.name
	if e.err != nil {
		x.Err = e.err.Error()
		return x
	}
	f, fi, closer, err := scan.OpenFile(e.disk, e.name)
	if err != nil {
		x.Err = err.Error()
		return x
	}
	defer closer.Close()
	x.Size = f.Size()
	if o.Digest {
		if x.SHA256, err = safeio.SHA256(ctx, f); err != nil {
			x.Err = err.Error()
			return x
		}
	}
	known, err := describe(ctx, f, fi, o.Scanners, &x)
	if !known && err == nil {
		_, err = inside(ctx, f, o.Scanners, &x)
	}
	if err != nil {
		x.Err = err.Error()
	}
	return x
}

// describe asks the scanners that want the file. Several may know something: of a
// zip one reads the weights, another the code.
func describe(ctx context.Context, f scan.File, fi scan.FileInfo, scanners []scan.Scanner, x *asset.InspectedFile) (known bool, err error) {
	var failures, partial []error
	for _, s := range scanners {
		d, ok := s.(scan.Describer)
		if !ok || !scan.Wanted(s, fi) {
			continue
		}
		desc, err := ask(ctx, d, f)
		if desc != nil && err == nil && f.Size() == 0 && weights(f.Ref().Name()) {
			// Some formats are those in which no byte at all is a message without fields.
			desc, err = nil, fmt.Errorf("the file is empty: it is no model in the format %s", desc.Format)
		}
		switch {
		case desc != nil:
			merge(x, desc)
			known = true
			partial = append(partial, err)
		case err != nil:
			failures = append(failures, err)
		}
	}
	if known { // what the others could not make of it does not matter
		return true, errors.Join(partial...)
	}
	return false, errors.Join(failures...)
}

// weights reports whether a file is expected to hold a model, not a text about one.
func weights(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".txt", ".json", ".jinja", ".py", ".yaml", ".yml", "":
		return false
	}
	return true
}

// ask calls a reader. A panic is an error of that file, as in a scan.
func ask(ctx context.Context, d scan.Describer, f scan.File) (desc *asset.Description, err error) {
	defer func() {
		if p := recover(); p != nil {
			desc, err = nil, fmt.Errorf("internal error (please report it): %v", p)
		}
	}()
	return d.Describe(ctx, f)
}

// merge adds a description. The one with tensors says what the format is.
func merge(x *asset.InspectedFile, d *asset.Description) {
	if x.Format == "" || len(x.Tensors) == 0 && len(d.Tensors) > 0 {
		x.Format, x.Version = d.Format, d.Version
	}
	if len(x.Tensors) == 0 {
		x.Tensors, x.Omitted = d.Tensors, d.Omitted
		// An index only says which file holds a tensor. A graph with its weights in a
		// file beside it knows their types, and nobody else describes them.
		x.Index = slices.ContainsFunc(d.Tensors, func(t asset.Tensor) bool { return t.File != "" && t.DType == "" })
	}
	for _, f := range d.Facts {
		if !slices.ContainsFunc(x.Facts, func(g asset.Fact) bool { return g.Kind == f.Kind && g.Value == f.Value }) {
			x.Facts = append(x.Facts, f)
		}
	}
}

// inside looks into a compressed file: models of R and older NeMo are.
func inside(ctx context.Context, f scan.File, scanners []scan.Scanner, x *asset.InspectedFile) (bool, error) {
	format, ok := archive.Detect(f.Head())
	if !ok || format.Kind != archive.One {
		return false, nil
	}
	st, err := archive.OpenStream(format, f, f.Size(), archive.Limits{})
	if err != nil {
		return false, nil
	}
	defer st.Close()
	b, err := io.ReadAll(io.LimitReader(st, maxStream+1))
	if err != nil {
		return false, nil // whatever it is, it is no model that can be described
	}
	if len(b) > maxStream {
		return false, fmt.Errorf("%s: more than %d bytes when decompressed: decompress it first", format.Name, maxStream)
	}
	ref := f.Ref().Join(asset.Step{Kind: asset.Stream, Name: format.Name})
	m := &memory{Reader: bytes.NewReader(b), ref: ref, head: b[:min(len(b), scan.HeadSize)]}
	return describe(ctx, m, scan.FileInfo{Ref: ref, Size: int64(len(b)), Head: m.head}, scanners, x)
}

type memory struct {
	*bytes.Reader
	ref  asset.Ref
	head []byte
}

func (m *memory) Ref() asset.Ref { return m.ref }
func (m *memory) Head() []byte   { return m.head }

// root is the digest of the whole model.
func root(list []asset.InspectedFile) (string, error) {
	var m asset.Manifest
	for _, f := range list {
		if f.SHA256 == "" {
			return "", fmt.Errorf("%s has no digest (%s), so the model has none", f.Path, f.Err)
		}
		m.Resources = append(m.Resources, asset.Resource{Name: f.Path, SHA256: f.SHA256, Size: f.Size})
	}
	if len(list) == 0 {
		return "", errors.New("an empty folder has no digest")
	}
	return m.Root()
}
