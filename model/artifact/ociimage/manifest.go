package ociimage

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/strictjson"
)

// descriptor points to a blob (OCI Image Specification 1.1, "Content Descriptors").
type descriptor struct {
	mediaType, digest string
	size              int64
	urls              []string
	title             string // where tools put the file when they unpack the artifact
	artifactType      string
}

// manifest is an index or an image manifest.
type manifest struct {
	mediaType, artifactType string
	manifests, layers       []descriptor
	config, subject         *descriptor
}

const maxDescriptors = 10_000

func parse(doc []byte) (*manifest, *strictjson.Value, error) {
	p := strictjson.New(doc, strictjson.Options{})
	v, err := p.Value(500_000)
	if err == nil {
		err = p.End()
	}
	if err == nil && len(p.Duplicates) > 0 {
		err = fmt.Errorf("key %q is given twice: readers differ in which one counts", p.Duplicates[0].Key)
	}
	if err != nil {
		return nil, nil, err
	}
	m := &manifest{mediaType: v.Get("mediaType").String(), artifactType: v.Get("artifactType").String()}
	if m.manifests, err = descriptors(v.Get("manifests")); err != nil {
		return nil, nil, err
	}
	for _, key := range []string{"layers", "blobs"} {
		list, err := descriptors(v.Get(key))
		if err != nil {
			return nil, nil, err
		}
		m.layers = append(m.layers, list...)
	}
	if c := v.Get("config"); c != nil && c.Get("digest") != nil {
		d := describe(c)
		m.config = &d
	}
	if c := v.Get("subject"); c != nil {
		d := describe(c)
		m.subject = &d
	}
	return m, &v, nil
}

func descriptors(v *strictjson.Value) ([]descriptor, error) {
	if v == nil {
		return nil, nil
	}
	if len(v.Items) > maxDescriptors {
		return nil, fmt.Errorf("%d descriptors in one list", len(v.Items))
	}
	var list []descriptor
	for i := range v.Items {
		list = append(list, describe(&v.Items[i]))
	}
	return list, nil
}

// The annotations under which artifacts carry the name of a file: ORAS and KitOps,
// and ModelPack.
var titles = []string{"org.opencontainers.image.title", "org.cncf.model.filepath"}

func describe(v *strictjson.Value) descriptor {
	d := descriptor{mediaType: v.Get("mediaType").String(), digest: v.Get("digest").String(), size: -1, artifactType: v.Get("artifactType").String()}
	if s := v.Get("size"); s != nil && s.Kind == strictjson.Number {
		if n, err := strconv.ParseInt(s.Text, 10, 64); err == nil && n >= 0 {
			d.size = n
		}
	}
	if u := v.Get("urls"); u != nil {
		for i := range u.Items {
			d.urls = append(d.urls, u.Items[i].String())
		}
	}
	for _, t := range titles {
		if s := v.Get("annotations").Get(t).String(); s != "" {
			d.title = s
		}
	}
	return d
}

// digests are the algorithms that the specification registers, with their lengths
// in hex digits.
var digestForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|blake3:[0-9a-f]{64})$`)
})

// valid reports whether a digest can name a file of the layout.
func (d descriptor) valid() bool { return digestForm().MatchString(d.digest) }

// path is where the layout keeps the blob.
func (d descriptor) path() string {
	alg, hex, _ := strings.Cut(d.digest, ":")
	return "blobs/" + alg + "/" + hex
}

// isIndex and isManifest tell what a blob is by its media type, the rest is content.
func isIndex(t string) bool {
	return t == "application/vnd.oci.image.index.v1+json" || t == "application/vnd.docker.distribution.manifest.list.v2+json"
}

func isManifest(t string) bool {
	return t == "application/vnd.oci.image.manifest.v1+json" || t == "application/vnd.docker.distribution.manifest.v2+json" ||
		t == "application/vnd.oci.artifact.manifest.v1+json"
}

// bundle says which kind of model bundle a manifest is; "" for other images.
func bundle(m *manifest) string {
	kinds := []string{m.artifactType}
	if m.config != nil {
		kinds = append(kinds, m.config.mediaType)
	}
	for _, l := range m.layers {
		kinds = append(kinds, l.mediaType)
	}
	for _, k := range kinds {
		switch {
		case strings.HasPrefix(k, "application/vnd.kitops.modelkit."):
			return "kitops-modelkit"
		case strings.HasPrefix(k, "application/vnd.cncf.model."):
			return "modelpack"
		case strings.HasPrefix(k, "application/vnd.ollama.image."):
			return "ollama"
		case strings.HasPrefix(k, "application/vnd.docker.ai."):
			return "docker-ai-model"
		}
	}
	return ""
}

// carriesCode reports whether a layer of a bundle is code by its type.
func carriesCode(t string) bool {
	return strings.HasPrefix(t, "application/vnd.kitops.modelkit.code.") || strings.HasPrefix(t, "application/vnd.cncf.model.code.")
}
