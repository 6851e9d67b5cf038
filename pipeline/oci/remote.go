package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"sync"
)

// Scheme begins an address of a registry where a path is possible, too.
const Scheme = "oci://"

// Remote is a place in a registry.
type Remote struct {
	host, repo, reference string // the reference is a tag or a digest
	base                  string // URL of the repository
	http                  *http.Client
	auth                  *authorizer
	index                 sync.Mutex // of the list of referrers under a tag
}

// ErrReference is wrapped by the errors of [Open]: the address is not one.
var ErrReference = errors.New("not an address of a registry, such as registry.example.com/team/model:v1")

// address is HOST/REPOSITORY:TAG or HOST/REPOSITORY@sha256:HEX (OCI distribution
// specification 1.1, "Pulling manifests").
var address = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([a-zA-Z0-9.-]+(?::[0-9]+)?|\[[0-9a-f:.]+\](?::[0-9]+)?)/([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::([a-zA-Z0-9_][a-zA-Z0-9._-]*)|@(sha256:[0-9a-f]{64}))?$`)
})

// Open reads an address: HOST/REPOSITORY:TAG or HOST/REPOSITORY@sha256:HEX, with or
// without [Scheme]. Nothing is contacted yet. Without plain only loopback is spoken to
// without TLS. Credentials are those that docker login wrote into its file; programs
// that keep credentials are not started.
func Open(where string, plain bool) (*Remote, error) {
	m := address().FindStringSubmatch(strings.TrimPrefix(where, Scheme))
	if m == nil || len(where) > 1024 || len(m[3]) > 128 {
		return nil, fmt.Errorf("%.200q: %w", where, ErrReference)
	}
	if m[3]+m[4] == "" {
		return nil, fmt.Errorf("%q names no version: add :TAG or @sha256:HEX", where)
	}
	r := &Remote{host: m[1], repo: m[2], reference: m[3] + m[4], http: &http.Client{}}
	scheme, host := "https", r.host
	if plain || loopback(host) {
		scheme = "http"
	}
	if host == "docker.io" {
		host = "registry-1.docker.io"
	}
	r.base = scheme + "://" + host + "/v2/" + r.repo + "/"
	var err error
	r.auth, err = newAuthorizer(r.host, host, scheme == "http")
	return r, err
}

// String is the address.
func (r *Remote) String() string {
	if strings.HasPrefix(r.reference, "sha256:") {
		return r.At(r.reference)
	}
	return r.host + "/" + r.repo + ":" + r.reference
}

// At is the address of a manifest in the same repository, by digest.
func (r *Remote) At(digest string) string { return r.host + "/" + r.repo + "@" + digest }

// plain reports whether there is no TLS.
func (r *Remote) plain() bool { return strings.HasPrefix(r.base, "http://") }

func loopback(host string) bool {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// pushBytes stores a blob that is not there yet.
func (r *Remote) pushBytes(ctx context.Context, mediaType string, b []byte) (Descriptor, error) {
	d := Describe(mediaType, b)
	there, err := r.exists(ctx, d)
	if err != nil || there {
		return d, err
	}
	return d, r.pushBlob(ctx, d, bytes.NewReader(b))
}

// pushManifest stores a manifest under its digest, and what refers to another in the
// list of referrers of that.
func (r *Remote) pushManifest(ctx context.Context, m manifest) (Descriptor, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return Descriptor{}, err
	}
	d := Describe(m.MediaType, b)
	listed, err := r.putManifest(ctx, d.Digest, d.MediaType, b)
	if err != nil || m.Subject == nil || listed {
		return d, err
	}
	d.ArtifactType, d.Annotations = m.ArtifactType, m.Annotations
	return d, r.addReferrer(ctx, *m.Subject, d)
}

// tag makes a name lead to a manifest.
func (r *Remote) tag(ctx context.Context, d Descriptor, name string) error {
	b, err := r.fetchBytes(ctx, d, maxManifest)
	if err == nil {
		_, err = r.putManifest(ctx, name, d.MediaType, b)
	}
	return err
}
