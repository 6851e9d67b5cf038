// Package hubfetch downloads a repository of the Hugging Face Hub into quarantine: a
// folder that no library looks into, where it can be scanned before anybody loads it.
// It is the only part of merlon that opens connections for a scan, and works only
// when it is called for.
//
// The hub is not trusted. What it announces is bounded before the first file is asked
// for; names that lead out of the folder, sizes that differ from what was announced
// and digests that do not match end the download; the token is sent to the hub's own
// host alone. Nothing that was fetched is executed, and no file gets the execute bit.
package hubfetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/merlon-security/merlon/engine/hubcache"
)

// Options says what to fetch, from where and how much at most.
type Options struct {
	Ref      hubcache.HFRef
	Into     string       // the quarantine; made if it does not exist
	Env      hubcache.Env // HF_ENDPOINT, HF_TOKEN
	MaxBytes int64        // of all files together. Optional, default 64 GiB
	MaxFiles int          // Optional, default 10,000
	// Progress is told about each file before it is asked for. Optional.
	Progress func(name string, size int64)
}

const (
	defaultBytes = 64 << 30
	defaultFiles = 10_000
)

// File is a file in quarantine.
type File struct {
	Name   string `json:"name"` // with slashes
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
	// Announced is the digest that the hub had announced and the content has:
	// "sha256:..." of files in large file storage, "git:..." (a blob's object id) of
	// the others.
	Announced string `json:"announced"`
}

// Result is a repository in quarantine.
type Result struct {
	Source   string    `json:"source"` // URL of the repository
	Commit   string    `json:"commit"` // of the repository
	Fetched  time.Time `json:"fetched"`
	Files    []File    `json:"files"`
	Dir      string    `json:"-"`
	Bytes    int64     `json:"-"`
	WasThere bool      `json:"-"` // fetched before: a commit does not change
}

// Fetch downloads a repository. A download that was broken off is taken up again: the
// files that were complete are compared with their digests and kept. Only a repository
// that is there as a whole gets its final name.
func Fetch(ctx context.Context, o Options) (*Result, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultBytes
	}
	if o.MaxFiles <= 0 {
		o.MaxFiles = defaultFiles
	}
	h, err := newHub(o.Env)
	if err != nil {
		return nil, err
	}
	defer h.client.CloseIdleConnections()
	list, err := h.list(ctx, o.Ref, o.MaxFiles)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Ref, err)
	}
	if err := list.check(o.MaxBytes); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Ref, err)
	}
	r := &Result{Source: h.page(o.Ref), Commit: list.Commit, Bytes: list.bytes()}
	home := filepath.Join(o.Into, "hf", h.folder(), o.Ref.Folder())
	r.Dir = filepath.Join(home, list.Commit)
	if known, err := readManifest(r.Dir + manifestSuffix); err == nil {
		if info, err := os.Stat(r.Dir); err == nil && info.IsDir() {
			r.Files, r.Fetched, r.WasThere = known.Files, known.Fetched, true
			return r, nil
		}
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	if err := fetchAll(ctx, h, o, list, r); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Ref, err)
	}
	return r, nil
}

// fetchAll fills a folder beside the final one, and renames it when it is complete.
func fetchAll(ctx context.Context, h *hub, o Options, list *listing, r *Result) error {
	part := r.Dir + ".part"
	if err := os.MkdirAll(part, 0o700); err != nil {
		return err
	}
	// Whatever a name says, nothing is opened outside of this folder.
	root, err := os.OpenRoot(part)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, s := range list.Files {
		if o.Progress != nil {
			o.Progress(s.Name, s.Size)
		}
		f, err := h.fetch(ctx, o.Ref, list.Commit, s, root)
		if err != nil {
			return fmt.Errorf("%s: %w (what is complete stays in %s; the same command goes on from there)", s.Name, err, part)
		}
		r.Files = append(r.Files, f)
	}
	if err := only(root, list); err != nil {
		return err
	}
	r.Fetched = time.Now().UTC().Truncate(time.Second)
	if err := writeManifest(r.Dir+manifestSuffix, r); err != nil {
		return err
	}
	if err := root.Close(); err != nil {
		return err
	}
	return os.Rename(part, r.Dir)
}

// newHub reads the endpoint and the token from the environment, as huggingface_hub
// does.
func newHub(env hubcache.Env) (*hub, error) {
	endpoint, _ := env("HF_ENDPOINT")
	if endpoint == "" {
		endpoint = "https://huggingface.co"
	}
	base, err := parseEndpoint(strings.TrimRight(endpoint, "/"))
	if err != nil {
		return nil, err
	}
	h := &hub{base: base}
	if token, _ := env("HF_TOKEN"); token != "" {
		if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, errors.New("HF_TOKEN is no token: it holds blanks or control characters")
		}
		h.token = token
	}
	h.client = &http.Client{Transport: h.transport(), CheckRedirect: h.redirect}
	return h, nil
}
