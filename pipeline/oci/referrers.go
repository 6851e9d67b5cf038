package oci

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// index lists manifests.
type index struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Manifests     []Descriptor `json:"manifests"`
}

// referrersTag is the tag under which registries before 1.1 keep the list of referrers.
func referrersTag(d Descriptor) string { return strings.Replace(d.Digest, ":", "-", 1) }

// referrers lists what refers to a manifest.
func (r *Remote) referrers(ctx context.Context, to Descriptor) ([]Descriptor, error) {
	var out []Descriptor
	path := "referrers/" + to.Digest
	for pages := 0; path != ""; pages++ {
		list, next, err := r.readIndex(ctx, path)
		if errors.Is(err, ErrAbsent) && pages == 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		if out = append(out, list.Manifests...); len(out) > maxAttached || pages > maxAttached {
			return nil, fmt.Errorf("more than %d artifacts are attached to the model", maxAttached)
		}
		path = next
	}
	// A registry that learned of the list later, or that does not tell, has both.
	list, _, err := r.readIndex(ctx, "manifests/"+referrersTag(to))
	if err != nil && !errors.Is(err, ErrAbsent) {
		return nil, err
	}
	for _, d := range list.Manifests {
		if !slices.ContainsFunc(out, func(o Descriptor) bool { return o.Digest == d.Digest }) {
			out = append(out, d)
		}
	}
	if len(out) > maxAttached {
		return nil, fmt.Errorf("more than %d artifacts are attached to the model", maxAttached)
	}
	return out, nil
}

// readIndex reads a list, and where the next part of it is.
func (r *Remote) readIndex(ctx context.Context, path string) (list index, next string, err error) {
	res, err := r.get(ctx, path)
	if err != nil {
		return list, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxManifest))
	if err != nil {
		return list, "", err
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return list, "", fmt.Errorf("the list of what is attached: %w", err)
	}
	return list, r.nextPage(res), nil
}

// nextPage is the path of the next part (RFC 8288), "" for none.
func (r *Remote) nextPage(res *http.Response) string {
	target, params, ok := strings.Cut(res.Header.Get("Link"), ">")
	if !ok || !strings.Contains(params, `rel="next"`) && !strings.Contains(params, "rel=next") {
		return ""
	}
	u, err := res.Request.URL.Parse(strings.TrimPrefix(target, "<"))
	if err != nil {
		return ""
	}
	path, _ := strings.CutPrefix(u.String(), r.base)
	if path == u.String() {
		return "" // of another repository
	}
	return path
}

// addReferrer adds to the list that a registry does not keep itself.
func (r *Remote) addReferrer(ctx context.Context, to, d Descriptor) error {
	r.index.Lock()
	defer r.index.Unlock()
	list, _, err := r.readIndex(ctx, "manifests/"+referrersTag(to))
	if err != nil && !errors.Is(err, ErrAbsent) {
		return err
	}
	if slices.ContainsFunc(list.Manifests, func(o Descriptor) bool { return o.Digest == d.Digest }) {
		return nil
	}
	list.SchemaVersion, list.MediaType = 2, indexType
	list.Manifests = append(list.Manifests, d)
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	_, err = r.putManifest(ctx, referrersTag(to), indexType, b)
	return err
}
