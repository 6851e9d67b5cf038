// Package ociimage reads OCI image layouts, in a folder or a tar, and the model
// bundles that travel in them: KitOps ModelKits, ModelPack, Ollama and Docker's AI
// models.
//
// The blobs themselves are files of the folder, or members of the tar, and are seen
// by every scanner as such. This one checks what holds them together: every digest
// and size of every manifest, names that lead out of the folder, blobs fetched from
// elsewhere, layers of code.
package ociimage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("ociimage", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Names: []string{"index.json"}, Magics: archive.TarSignatures()}
}

// Wants takes the index of a layout on disk, and tars.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	onDisk := path.Base(fi.Ref.Name()) == "index.json" && len(fi.Ref.Inner) == 0
	switch {
	case onDisk && bytes.Contains(fi.Head, []byte(`"manifests"`)) && bytes.Contains(fi.Head, []byte(`"digest"`)):
		return scan.Yes
	}
	if f, ok := archive.Detect(fi.Head); ok && f.Name == "tar" {
		return scan.Yes
	}
	return scan.No
}

const (
	maxDocument  = 16 << 20
	maxManifests = 1000
	maxNesting   = 8
)

// layout is an open image layout.
type layout struct {
	store
	file    scan.File
	seen    map[string]bool
	kinds   map[string]bool // of bundles
	issues  []issue
	errs    []error
	facts   []asset.Fact
	layers  int
	content []descriptor
	hash    bool
}

type issue struct {
	rule    string
	verdict asset.Verdict
	key     string
	message string
}

func (l *layout) report(rule string, v asset.Verdict, key, format string, args ...any) {
	l.issues = append(l.issues, issue{rule, v, key, fmt.Sprintf(format, args...)})
}

// open finds the index; nil when the file is no layout.
func open(ctx context.Context, f scan.File, hashed bool) (*layout, []byte, error) {
	l := &layout{file: f, seen: map[string]bool{}, kinds: map[string]bool{}, hash: hashed}
	if path.Base(f.Ref().Name()) == "index.json" {
		l.store = folder{filepath.Dir(filepath.FromSlash(f.Ref().Path))}
	} else {
		t, err := openTar(ctx, f)
		if err != nil {
			return nil, nil, ctx.Err()
		}
		l.store = t
	}
	version, err := l.document("oci-layout")
	if errors.Is(err, errAbsent) {
		return nil, nil, nil
	}
	if err == nil {
		_, _, err = parse(version)
	}
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("oci-layout: %w", err))
	}
	index, err := l.document("index.json")
	if errors.Is(err, errAbsent) {
		return nil, nil, nil
	}
	return l, index, err
}

// document reads a small file of the layout.
func (l *layout) document(name string) ([]byte, error) {
	b, err := l.open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer b.close()
	if b.size > maxDocument {
		return nil, fmt.Errorf("%s has %d bytes, at most %d are read", name, b.size, maxDocument)
	}
	doc := make([]byte, b.size)
	if n, err := b.ReadAt(doc, 0); int64(n) < b.size {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return doc, nil
}

// walk reads a manifest and what it names.
func (l *layout) walk(ctx context.Context, doc []byte, name string, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m, _, err := parse(doc)
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("%s: %w", name, err))
		return nil
	}
	kind := bundle(m)
	if kind != "" {
		l.kinds[kind] = true
	}
	for _, d := range m.manifests {
		if err := l.blob(ctx, d, depth, kind); err != nil {
			return err
		}
	}
	if m.config != nil {
		if err := l.blob(ctx, *m.config, depth, kind); err != nil {
			return err
		}
		l.config(*m.config, kind)
	}
	for _, d := range m.layers {
		l.layers++
		if len(l.content) < maxDescriptors {
			l.content = append(l.content, d)
		}
		if carriesCode(d.mediaType) {
			l.report(ruleCode, asset.Unverified, d.digest, "layer %s is code (%s)", verdict.Show(label(d)), verdict.Show(d.mediaType))
		}
		if err := l.blob(ctx, d, depth, kind); err != nil {
			return err
		}
	}
	return nil
}

func label(d descriptor) string {
	if d.title != "" {
		return d.title
	}
	return d.digest
}

// blob checks one descriptor, and goes into it when it is a manifest.
func (l *layout) blob(ctx context.Context, d descriptor, depth int, kind string) error {
	if d.title != "" {
		if k := beside.Shape(d.title); k.Leaves() || k == beside.Odd && strings.Contains(d.title, "..") {
			l.report(ruleTraversal, asset.Malicious, d.title, "file name %s of %s leads out of the folder it is unpacked to", verdict.Show(d.title), verdict.Show(d.digest))
		}
	}
	if len(d.urls) > 0 {
		l.report(ruleForeign, asset.Unverified, d.digest, "%s is fetched from %s", verdict.Show(label(d)), verdict.Show(strings.Join(d.urls, ", ")))
	}
	if !d.valid() {
		if strings.ContainsAny(d.digest, `/\`) || strings.Contains(d.digest, "..") {
			l.report(ruleTraversal, asset.Malicious, d.digest, "digest %s is a path", verdict.Show(d.digest))
		} else {
			l.errs = append(l.errs, fmt.Errorf("digest %s is none", verdict.Show(d.digest)))
		}
		return nil
	}
	if l.seen[d.digest] {
		return nil
	}
	if len(l.seen) >= maxManifests*10 {
		l.errs = append(l.errs, fmt.Errorf("more than %d blobs", maxManifests*10))
		return nil
	}
	l.seen[d.digest] = true
	b, err := l.open(d.path())
	if errors.Is(err, errAbsent) && len(d.urls) > 0 {
		return nil // that is what its addresses are for
	}
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("blob %s: %w", d.digest, err))
		return nil
	}
	defer b.close()
	if err := l.verify(ctx, d, b); err != nil {
		return err
	}
	if !isIndex(d.mediaType) && !isManifest(d.mediaType) {
		return nil
	}
	if depth >= maxNesting {
		l.errs = append(l.errs, fmt.Errorf("manifests nested deeper than %d", maxNesting))
		return nil
	}
	doc, err := l.document(d.path())
	if err != nil {
		l.errs = append(l.errs, err)
		return nil
	}
	return l.walk(ctx, doc, d.digest, depth+1)
}

// verify compares size and digest of a blob with its descriptor.
func (l *layout) verify(ctx context.Context, d descriptor, b *blob) error {
	if d.size != b.size {
		l.report(ruleDigest, asset.Malicious, d.digest, "blob %s has %d bytes, its descriptor says %d", d.digest, b.size, d.size)
		return nil
	}
	if !l.hash {
		return nil
	}
	alg, want, _ := strings.Cut(d.digest, ":")
	var h hash.Hash
	switch alg {
	case "sha256":
		h = sha256.New()
	case "sha512":
		h = sha512.New()
	default:
		l.errs = append(l.errs, fmt.Errorf("blob %s: digests of type %s cannot be checked here", d.digest, alg))
		return nil
	}
	buf := make([]byte, 256<<10)
	for off := int64(0); off < b.size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := b.ReadAt(buf[:min(int64(len(buf)), b.size-off)], off)
		h.Write(buf[:n])
		off += int64(n)
		if n == 0 && err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			l.errs = append(l.errs, fmt.Errorf("blob %s: %w", d.digest, err))
			return nil
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		l.report(ruleDigest, asset.Malicious, d.digest, "blob %s has the digest %s:%s", d.digest, alg, got)
	}
	return nil
}

// config looks at the paths in the description of a bundle.
func (l *layout) config(d descriptor, kind string) {
	if kind != "kitops-modelkit" && kind != "modelpack" || !d.valid() {
		return
	}
	doc, err := l.document(d.path())
	if err != nil {
		return // said already
	}
	_, v, err := parse(doc)
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("configuration %s: %w", d.digest, err))
		return
	}
	l.paths(v, "")
	claim := func(kind string, x *strictjson.Value) {
		if s := x.String(); s != "" {
			l.facts = append(l.facts, asset.Fact{Kind: kind, Value: s, At: l.file.Ref()})
		}
	}
	claim("name", v.Get("package").Get("name"))
	claim("licence", v.Get("package").Get("license"))
	claim("library", v.Get("model").Get("framework"))
	claim("name", v.Get("descriptor").Get("name"))
	claim("architecture", v.Get("config").Get("architecture"))
	claim("quantisation", v.Get("config").Get("quantization"))
}

// paths checks every value called path.
func (l *layout) paths(v *strictjson.Value, key string) {
	if key == "path" && v.Kind == strictjson.String && v.Text != "." {
		if k := beside.Shape(v.Text); k == beside.Absolute || k == beside.Traversal || k == beside.InnerTraversal {
			l.report(ruleTraversal, asset.Malicious, v.Text, "the description names the path %s", verdict.Show(v.Text))
		}
	}
	for i := range v.Items {
		l.paths(&v.Items[i], "")
	}
	for i := range v.Members {
		l.paths(&v.Members[i].Value, v.Members[i].Key)
	}
}

func (l *layout) format() string {
	for _, k := range []string{"kitops-modelkit", "modelpack", "ollama", "docker-ai-model"} {
		if l.kinds[k] {
			return k
		}
	}
	return "oci-image"
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	l, index, err := open(ctx, f, true)
	if l == nil {
		return err
	}
	if err == nil {
		if err = l.walk(ctx, index, "index.json", 0); err != nil {
			return err
		}
	} else {
		l.errs = append(l.errs, err)
	}
	if len(l.kinds) == 0 && len(l.issues) == 0 && len(l.errs) == 0 {
		return nil // an image of a container, whole; it is no model
	}
	return verdict.Scan(ctx, f, s, l.format(), func(v *verdict.File) error {
		for _, x := range l.issues {
			v.Report(x.verdict, finding.Finding{Rule: x.rule, Key: x.key, Message: x.message})
		}
		for _, err := range l.errs {
			v.Fail(err)
		}
		return nil
	})
}

// Describe implements [scan.Describer]: the kind of bundle and its layers. Blobs are
// not hashed.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	l, index, err := open(ctx, f, false)
	if err != nil {
		return nil, err
	}
	if l == nil {
		return nil, errors.New("no OCI image layout: oci-layout or index.json is missing")
	}
	if err := l.walk(ctx, index, "index.json", 0); err != nil {
		return nil, err
	}
	d := &asset.Description{Format: l.format(), Facts: l.facts}
	for _, c := range l.content[:min(len(l.content), 1000)] {
		d.Facts = append(d.Facts, asset.Fact{Kind: "member", Value: fmt.Sprintf("%s %s %d bytes", label(c), c.mediaType, c.size), Proved: true, At: f.Ref()})
	}
	return d, errors.Join(l.errs...)
}

var _ scan.Describer = scanner{}
