package oci

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// The media types of manifests.
const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	indexType    = "application/vnd.oci.image.index.v1+json"
)

// Descriptor names content (OCI image specification 1.1).
type Descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"` // sha256:HEX
	Size         int64             `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// Describe returns the descriptor of some bytes.
func Describe(mediaType string, b []byte) Descriptor {
	sum := sha256.Sum256(b)
	return Descriptor{MediaType: mediaType, Digest: "sha256:" + hex.EncodeToString(sum[:]), Size: int64(len(b))}
}

// manifest is an image manifest, as an artifact uses it.
type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	ArtifactType  string            `json:"artifactType,omitempty"`
	Config        Descriptor        `json:"config"`
	Layers        []Descriptor      `json:"layers"`
	Subject       *Descriptor       `json:"subject,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

func (d Descriptor) isManifest() bool { return d.MediaType == manifestType || d.MediaType == indexType }

// path is where content lies below the repository.
func (d Descriptor) path() string {
	if d.isManifest() {
		return "manifests/" + d.Digest
	}
	return "blobs/" + d.Digest
}

// ErrAbsent is wrapped by errors about what the registry does not have.
var ErrAbsent = errors.New("the registry does not have it")

// do sends a request, with credentials where the registry asks for them. Answers of
// other kinds than those wanted are errors.
func (r *Remote) do(req *http.Request, want ...int) (*http.Response, error) {
	req.Header.Set("User-Agent", "merlon")
	res, err := r.auth.send(r.http, req)
	if err != nil {
		return nil, err
	}
	for _, code := range want {
		if res.StatusCode == code {
			return res, nil
		}
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(res.Body, 300))
	err = fmt.Errorf("%s %s: the registry answers %s %q", req.Method, req.URL.Path, res.Status, b)
	if res.StatusCode == http.StatusNotFound {
		err = fmt.Errorf("%w: %s", ErrAbsent, req.URL.Path)
	}
	return nil, err
}

func (r *Remote) exists(ctx context.Context, d Descriptor) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, r.base+d.path(), nil)
	if err != nil {
		return false, err
	}
	res, err := r.do(req, http.StatusOK, http.StatusNotFound)
	if err != nil {
		return false, err
	}
	return res.StatusCode == http.StatusOK, res.Body.Close()
}

// pushBlob stores content in one piece.
func (r *Remote) pushBlob(ctx context.Context, d Descriptor, content io.ReadSeeker) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.base+"blobs/uploads/", nil)
	if err != nil {
		return err
	}
	res, err := r.do(req, http.StatusAccepted)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	to, err := res.Request.URL.Parse(res.Header.Get("Location"))
	if err != nil || res.Header.Get("Location") == "" {
		return errors.New("the registry does not say where to upload to")
	}
	if to.Scheme != "https" && !r.plain() {
		return fmt.Errorf("the registry wants an upload without TLS, to %s", to.Host)
	}
	q := to.Query()
	q.Set("digest", d.Digest)
	to.RawQuery = q.Encode()
	body := func() (io.ReadCloser, error) {
		_, err := content.Seek(0, io.SeekStart)
		return io.NopCloser(io.LimitReader(content, d.Size)), err
	}
	if req, err = http.NewRequestWithContext(ctx, http.MethodPut, to.String(), nil); err != nil {
		return err
	}
	if req.Body, err = body(); err != nil {
		return err
	}
	req.GetBody, req.ContentLength = body, d.Size
	if d.Size == 0 {
		req.Body = http.NoBody
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	if res, err = r.do(req, http.StatusCreated, http.StatusNoContent); err != nil {
		return err
	}
	return res.Body.Close()
}

// putManifest stores a manifest under a tag or digest. listed reports that the registry
// keeps the list of referrers itself.
func (r *Remote) putManifest(ctx context.Context, reference, mediaType string, b []byte) (listed bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, r.base+"manifests/"+reference, bytes.NewReader(b))
	if err != nil {
		return false, err
	}
	req.Header.Set("Content-Type", mediaType)
	res, err := r.do(req, http.StatusCreated, http.StatusOK)
	if err != nil {
		return false, err
	}
	return res.Header.Get("OCI-Subject") != "", res.Body.Close()
}

// get fetches what lies at a path below the repository.
func (r *Remote) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+path, nil)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(path, "manifests/") {
		req.Header.Set("Accept", manifestType+", "+indexType)
	}
	return r.do(req, http.StatusOK)
}

// fetch opens content. It is checked when it is read to its end.
func (r *Remote) fetch(ctx context.Context, d Descriptor) (io.ReadCloser, error) {
	if !digestForm(d.Digest) || d.Size < 0 {
		return nil, fmt.Errorf("%w: the digest %.100q; only SHA-256 is read", ErrModel, d.Digest)
	}
	res, err := r.get(ctx, d.path())
	if err != nil {
		return nil, err
	}
	return &checked{res.Body, sha256.New(), d, 0}, nil
}

func digestForm(s string) bool {
	h, ok := strings.CutPrefix(s, "sha256:")
	return ok && len(h) == 64 && strings.Trim(h, "0123456789abcdef") == ""
}

// fetchBytes reads short content, and checks it.
func (r *Remote) fetchBytes(ctx context.Context, d Descriptor, limit int64) ([]byte, error) {
	if d.Size > limit {
		return nil, fmt.Errorf("%s has %d bytes; at most %d are read", d.Digest, d.Size, limit)
	}
	rc, err := r.fetch(ctx, d)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	return io.ReadAll(rc)
}

// checked is a reader that ends with an error unless it gave what its descriptor names.
type checked struct {
	io.ReadCloser
	sum hash.Hash
	d   Descriptor
	n   int64
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.sum.Write(p[:n])
	c.n += int64(n)
	switch {
	case c.n > c.d.Size:
		return n, fmt.Errorf("%w: %s has more than the %d bytes that are named", ErrModel, c.d.Digest, c.d.Size)
	case errors.Is(err, io.EOF) && (c.n != c.d.Size || "sha256:"+hex.EncodeToString(c.sum.Sum(nil)) != c.d.Digest):
		return n, fmt.Errorf("%w: what came is not %s: digest mismatch", ErrModel, c.d.Digest)
	}
	return n, err
}

// sameHost reports whether two addresses lead to the same server.
func sameHost(a *url.URL, host string) bool { return strings.EqualFold(a.Host, host) }
