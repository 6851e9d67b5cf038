package oci

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/sign"
)

const maxManifest = 8 << 20 // bytes

// ErrModel is wrapped by errors of [Pull] about what the registry has: it is no model,
// or not the one that it says.
var ErrModel = errors.New("not a model that can be used")

// Pulled is a model that was fetched. Its bytes are those that the manifest names;
// nothing says yet that anybody vouches for them.
type Pulled struct {
	Manifest Descriptor
	Path     string // the file or folder
	Identity sign.Identity
	Files    int
	Bytes    int64
}

func (r *Remote) manifest(ctx context.Context, d Descriptor) (*manifest, error) {
	b, err := r.fetchBytes(ctx, d, maxManifest)
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	return &m, nil
}

// Resolve finds the manifest of an address.
func (r *Remote) Resolve(ctx context.Context) (Descriptor, error) {
	res, err := r.get(ctx, "manifests/"+r.reference)
	if err != nil {
		return Descriptor{}, err
	}
	want := ""
	if strings.HasPrefix(r.reference, "sha256:") {
		want = r.reference
	}
	return describe(res, want)
}

// describe reads a manifest; one that was asked for by digest has to have it.
func describe(res *http.Response, want string) (Descriptor, error) {
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxManifest+1))
	if err != nil {
		return Descriptor{}, err
	}
	if len(b) > maxManifest {
		return Descriptor{}, fmt.Errorf("%w: its manifest has more than %d bytes", ErrModel, maxManifest)
	}
	d := Describe(manifestType, b)
	if want != "" && d.Digest != want {
		return d, fmt.Errorf("%w: the manifest is not %s: digest mismatch", ErrModel, want)
	}
	return d, nil
}

// Pull fetches a model into a folder that is empty or is not there.
func Pull(ctx context.Context, r *Remote, dir string) (*Pulled, error) {
	d, err := r.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	m, err := r.manifest(ctx, d)
	if err != nil {
		return nil, err
	}
	if m.ArtifactType != ArtifactType && m.Config.MediaType != configType {
		return nil, fmt.Errorf("%w: it is %.100q, and no ModelPack artifact", ErrModel, m.ArtifactType+" "+m.Config.MediaType)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	u := &unpacker{ctx: ctx, r: r, root: root, seen: map[string]bool{}}
	for _, l := range m.Layers {
		if err := u.layer(l); err != nil {
			return nil, fmt.Errorf("layer %s: %w", l.Digest, err)
		}
	}
	p := &Pulled{Manifest: d, Path: dir, Files: u.files, Bytes: u.bytes}
	want := m.Annotations[identityAnnotation]
	if u.files == 1 && (want == "" || want == m.Layers[0].Digest) {
		p.Path = filepath.Join(dir, filepath.FromSlash(u.last))
	}
	if p.Identity, err = sign.Identify(ctx, p.Path, sign.IdentityOptions{}); err != nil {
		return nil, err
	}
	if want != "" && want != "sha256:"+p.Identity.SHA256 {
		return nil, fmt.Errorf("%w: the manifest says that it is %.80q, and it is sha256:%s", ErrModel, want, p.Identity.SHA256)
	}
	return p, nil
}

// unpacker writes layers below a folder.
type unpacker struct {
	ctx   context.Context
	r     *Remote
	root  *os.Root
	seen  map[string]bool // names, in lower case
	files int
	bytes int64
	last  string
}

func (u *unpacker) layer(l Descriptor) error {
	kind, ok := strings.CutPrefix(l.MediaType, layerPrefix)
	if !ok {
		return fmt.Errorf("%w: layer of the type %.100q", ErrModel, l.MediaType)
	}
	rc, err := u.r.fetch(u.ctx, l)
	if err != nil {
		return err
	}
	defer rc.Close()
	switch {
	case strings.HasSuffix(kind, ".v1.raw"):
		err = u.write(l.Annotations[pathAnnotation], rc, l.Size)
	case strings.HasSuffix(kind, ".v1.tar"):
		err = u.tar(rc)
	default:
		err = fmt.Errorf("%w: layers of the type %.100q are not read; raw and tar are", ErrModel, l.MediaType)
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, rc) // what is behind the end of an archive; the digest is checked at the end
	return err
}

func (u *unpacker) tar(r io.Reader) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%w: %w", ErrModel, err)
		case h.Typeflag == tar.TypeDir:
			continue
		case h.Typeflag != tar.TypeReg:
			return fmt.Errorf("%w: %.200q in a layer is no file", ErrModel, h.Name)
		}
		if err := u.write(strings.TrimPrefix(h.Name, "./"), t, h.Size); err != nil {
			return err
		}
	}
}

// write writes one file. A name that leads out of the folder, or is taken, is refused.
func (u *unpacker) write(name string, r io.Reader, size int64) (err error) {
	local := filepath.FromSlash(name)
	switch lower := strings.ToLower(name); {
	case !filepath.IsLocal(local) || name != filepath.ToSlash(filepath.Clean(local)) || name == "." || strings.ContainsAny(name, "\\\x00:") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
		return fmt.Errorf("%w: the file name %.200q", ErrModel, name)
	case u.seen[lower]:
		return fmt.Errorf("%w: two files are called %.200q", ErrModel, name)
	case u.files == maxFiles:
		return fmt.Errorf("%w: more than %d files", ErrModel, maxFiles)
	default:
		u.seen[lower] = true
	}
	if err := u.root.MkdirAll(filepath.Dir(local), 0o755); err != nil {
		return err
	}
	f, err := u.root.OpenFile(local, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	n, err := io.Copy(f, io.LimitReader(r, size))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	u.files, u.bytes, u.last = u.files+1, u.bytes+n, name
	return err
}
