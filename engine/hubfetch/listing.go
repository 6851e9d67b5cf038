package hubfetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/merlon-security/merlon/engine/hubcache"
)

// listing is what the hub says is in a repository at a commit.
type listing struct {
	Commit string
	Files  []sibling
}

// sibling is a file as the hub announces it.
type sibling struct {
	Name   string
	Size   int64
	SHA256 string // of a file in large file storage
	Blob   string // object id of git, of any other file
}

const maxListing = 64 << 20 // bytes

// list asks for the files of a repository, with sizes and digests
// (huggingface_hub, HfApi.model_info with files_metadata).
func (h *hub) list(ctx context.Context, ref hubcache.HFRef, maxFiles int) (*listing, error) {
	resp, err := h.get(ctx, "/api/"+ref.Kind+"/"+escape(ref.Name)+"/revision/"+url.PathEscape(ref.Revision), "blobs=true")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if err := status(resp, "the list of its files"); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxListing+1))
	if err != nil {
		return nil, fmt.Errorf("the list of its files: %w", err)
	}
	if len(body) > maxListing {
		return nil, fmt.Errorf("the list of its files has more than %d bytes", maxListing)
	}
	return parse(body, ref.Revision, maxFiles)
}

// parse reads the hub's description of a repository.
func parse(body []byte, revision string, maxFiles int) (*listing, error) {
	var said struct {
		SHA      string `json:"sha"`
		Siblings []struct {
			Name string `json:"rfilename"`
			Size *int64 `json:"size"`
			Blob string `json:"blobId"`
			LFS  *struct {
				SHA256 string `json:"sha256"`
				Size   int64  `json:"size"`
			} `json:"lfs"`
		} `json:"siblings"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, fmt.Errorf("the list of its files is no JSON of the hub: %w", err)
	}
	if !isHex(said.SHA, 40) {
		return nil, fmt.Errorf("the hub gives no commit for revision %q", revision)
	}
	if len(said.Siblings) > maxFiles {
		return nil, fmt.Errorf("it has %d files, at most %d are fetched", len(said.Siblings), maxFiles)
	}
	l := &listing{Commit: said.SHA}
	for _, s := range said.Siblings {
		f := sibling{Name: s.Name, Size: -1, Blob: s.Blob}
		if s.Size != nil {
			f.Size = *s.Size
		}
		if s.LFS != nil {
			f.SHA256, f.Size, f.Blob = s.LFS.SHA256, s.LFS.Size, ""
		}
		l.Files = append(l.Files, f)
	}
	slices.SortFunc(l.Files, func(a, b sibling) int { return strings.Compare(a.Name, b.Name) })
	return l, nil
}

// check refuses a repository before anything of it is asked for.
func (l *listing) check(maxBytes int64) error {
	if len(l.Files) == 0 {
		return errors.New("it has no files")
	}
	seen := map[string]string{}
	var total int64
	for _, f := range l.Files {
		if why := badName(f.Name); why != "" {
			return fmt.Errorf("the hub lists a file %q, %s; nothing was fetched", shorten(f.Name), why)
		}
		// Two names that one file system takes for one would replace each other.
		folded := strings.ToLower(f.Name)
		if other, ok := seen[folded]; ok {
			return fmt.Errorf("the hub lists %q and %q, which are one file on some systems; nothing was fetched", shorten(other), shorten(f.Name))
		}
		seen[folded] = f.Name
		if !isHex(f.SHA256, 64) && (f.SHA256 != "" || !isHex(f.Blob, 40)) {
			return fmt.Errorf("the hub announces no digest of %q, so it cannot be checked; nothing was fetched", shorten(f.Name))
		}
		if f.Size < 0 || f.Size > maxBytes-total {
			return fmt.Errorf("its files have more than %d bytes together; nothing was fetched. Raise the limit with --download-limit", maxBytes)
		}
		total += f.Size
	}
	return nil
}

func (l *listing) bytes() (n int64) {
	for _, f := range l.Files {
		n += f.Size
	}
	return n
}

// badName says why a name is not one below a folder, on any system.
func badName(name string) string {
	switch {
	case len(name) > 1024:
		return "a name of more than 1024 bytes"
	case !fs.ValidPath(name) || name == ".":
		return "which leads out of its folder or is no path"
	case strings.ContainsAny(name, `\:*?"<>|`) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "with characters that no file name should have"
	}
	for part := range strings.SplitSeq(name, "/") {
		base, _, _ := strings.Cut(strings.ToLower(part), ".")
		if len(part) > 255 || strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") || slices.Contains(devices, base) {
			return "a name that some systems read differently"
		}
	}
	return ""
}

// devices are names that Windows keeps for itself, with any extension ("Naming Files,
// Paths, and Namespaces").
var devices = []string{"con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"}

func isHex(s string, n int) bool {
	return len(s) == n && !strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') })
}

func shorten(s string) string {
	if len(s) > 120 {
		return s[:120] + "..."
	}
	return s
}

// status turns an answer into an error that says what to do.
func status(resp *http.Response, what string) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("the hub refuses %s (%s): it does not exist, or is private or gated; set HF_TOKEN to a token that may read it", what, resp.Status)
	case http.StatusNotFound:
		return fmt.Errorf("the hub does not have %s (%s): check the name and the revision", what, resp.Status)
	case http.StatusTooManyRequests:
		return fmt.Errorf("the hub wants fewer requests (%s): try again later, with HF_TOKEN set", resp.Status)
	}
	return fmt.Errorf("the hub answers %s to the request for %s", resp.Status, what)
}

// page is the address of a repository for people.
func (h *hub) page(ref hubcache.HFRef) string {
	u := *h.base
	if ref.Kind != "models" {
		u.Path = path.Join(u.Path, "/", ref.Kind)
	}
	u.Path = path.Join(u.Path, "/", ref.Name)
	return u.String()
}
