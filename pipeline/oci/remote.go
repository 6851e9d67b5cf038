package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
)

// Scheme begins an address of a registry where a path is possible, too.
const Scheme = "oci://"

// Remote is a place in a registry.
type Remote struct {
	repo *remote.Repository
	ref  registry.Reference
}

// ErrReference is wrapped by the errors of [Open]: the address is not one.
var ErrReference = errors.New("not an address of a registry, such as registry.example.com/team/model:v1")

// Open reads an address: HOST/REPOSITORY:TAG or HOST/REPOSITORY@sha256:HEX, with or
// without [Scheme]. Nothing is contacted yet. Without plain only loopback is spoken to
// without TLS. Credentials are those that docker login wrote into its file; programs
// that keep credentials are not started.
func Open(address string, plain bool) (*Remote, error) {
	ref, err := registry.ParseReference(strings.TrimPrefix(address, Scheme))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", address, ErrReference)
	}
	if ref.Reference == "" {
		return nil, fmt.Errorf("%q names no version: add :TAG or @sha256:HEX", address)
	}
	repo := &remote.Repository{Reference: ref, PlainHTTP: plain || loopback(ref.Host())}
	client := &auth.Client{Cache: auth.NewCache()}
	client.SetUserAgent("merlon")
	if file := dockerConfig(); file != "" {
		store, err := credentials.NewFileStore(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		client.Credential = credentials.Credential(store)
	}
	repo.Client = client
	return &Remote{repo, ref}, nil
}

// String is the address.
func (r *Remote) String() string { return r.ref.String() }

// At is the address of a manifest in the same repository, by digest.
func (r *Remote) At(d digest.Digest) string {
	return r.ref.Registry + "/" + r.ref.Repository + "@" + d.String()
}

func loopback(host string) bool {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// dockerConfig is the file with credentials, "" when there is none.
func dockerConfig() string {
	dir := os.Getenv("DOCKER_CONFIG")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".docker")
	}
	file := filepath.Join(dir, "config.json")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return file
}

// pushBytes stores a blob or a manifest that is not there yet.
func (r *Remote) pushBytes(ctx context.Context, mediaType string, b []byte) (ocispec.Descriptor, error) {
	d := content.NewDescriptorFromBytes(mediaType, b)
	there, err := r.repo.Exists(ctx, d)
	if err != nil || there {
		return d, err
	}
	return d, r.repo.Push(ctx, d, bytes.NewReader(b))
}

// fetchBytes reads what a descriptor names, and checks size and digest.
func (r *Remote) fetchBytes(ctx context.Context, d ocispec.Descriptor, limit int64) ([]byte, error) {
	if d.Size > limit {
		return nil, fmt.Errorf("%s has %d bytes; at most %d are read", d.Digest, d.Size, limit)
	}
	rc, err := r.repo.Fetch(ctx, d)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	return content.ReadAll(rc, d)
}
