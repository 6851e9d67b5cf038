package hubfetch

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/engine/hubcache"
)

const (
	commit = "0123456789abcdef0123456789abcdef01234567"
	token  = "hf_merlonTestToken"
)

// fakeHub behaves like the hub: a listing with sizes and digests, small files served
// by itself, files of the large file storage by another host after a redirect.
type fakeHub struct {
	hub, cdn *httptest.Server
	files    map[string]string // name to content; "big/..." is in large file storage
	list     func([]map[string]any) []map[string]any
	serve    map[string]http.HandlerFunc // instead of the content

	mu     sync.Mutex
	asked  []string
	tokens map[string]bool // "hub" and "cdn": an Authorization header came
}

func newFake(t *testing.T, files map[string]string) *fakeHub {
	t.Helper()
	f := &fakeHub{files: files, serve: map[string]http.HandlerFunc{}, tokens: map[string]bool{}, list: func(l []map[string]any) []map[string]any { return l }}
	f.hub, f.cdn = httptest.NewServer(f.handler("hub")), httptest.NewServer(f.handler("cdn"))
	t.Cleanup(f.hub.Close)
	t.Cleanup(f.cdn.Close)
	return f
}

func (f *fakeHub) handler(who string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.asked = append(f.asked, who+" "+r.URL.EscapedPath())
		f.tokens[who] = f.tokens[who] || r.Header.Get("Authorization") != ""
		f.mu.Unlock()
		if api := "/api/models/org/name/revision/"; strings.HasPrefix(r.URL.Path, api) {
			if r.Header.Get("Authorization") != "Bearer "+token {
				http.Error(w, "Repository not found", http.StatusUnauthorized)
				return
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"id": "org/name", "sha": commit, "siblings": f.list(f.siblings())})
			return
		}
		name := strings.TrimPrefix(r.URL.Path, "/org/name/resolve/"+commit+"/")
		if serve := f.serve[name]; serve != nil {
			serve(w, r)
			return
		}
		content, ok := f.files[name]
		switch {
		case !ok:
			http.NotFound(w, r)
		case who == "hub" && strings.HasPrefix(name, "big/"):
			w.Header().Set("X-Linked-Etag", `"`+sum256(content)+`"`)
			http.Redirect(w, r, f.cdn.URL+r.URL.EscapedPath()+"?signature=secret", http.StatusFound)
		default:
			_, _ = w.Write([]byte(content))
		}
	}
}

func (f *fakeHub) siblings() []map[string]any {
	var l []map[string]any
	for name, content := range f.files {
		s := map[string]any{"rfilename": name, "size": len(content), "blobId": blob(content)}
		if strings.HasPrefix(name, "big/") {
			s["lfs"] = map[string]any{"sha256": sum256(content), "size": len(content), "pointerSize": 130}
		}
		l = append(l, s)
	}
	return l
}

func (f *fakeHub) options(t *testing.T, change ...func(*Options)) Options {
	t.Helper()
	ref, err := hubcache.ParseHF("hf:org/name@refs/pr/1")
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"HF_ENDPOINT": f.hub.URL, "HF_TOKEN": token}
	o := Options{Ref: ref, Into: t.TempDir(), Env: func(k string) (string, bool) { v, ok := env[k]; return v, ok }}
	for _, c := range change {
		c(&o)
	}
	return o
}

func sum256(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
func blob(s string) string {
	h := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(s), s))
	return hex.EncodeToString(h[:])
}

func ordinary() map[string]string {
	return map[string]string{"config.json": "{}", "sub dir/a#b.txt": "text", "empty": "", "big/model.safetensors": strings.Repeat("weights", 1000)}
}

// tree reads what is below a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		got[filepath.ToSlash(rel)] = string(b)
		if info, _ := d.Info(); info.Mode().Perm()&0o111 != 0 {
			t.Errorf("%s can be executed", rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestFetch(t *testing.T) {
	f := newFake(t, ordinary())
	o := f.options(t)
	r, err := Fetch(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(ordinary(), tree(t, r.Dir)); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	if r.Commit != commit || !strings.HasPrefix(r.Dir, o.Into) || filepath.Base(r.Dir) != commit || r.WasThere {
		t.Errorf("result %+v", r)
	}
	want := []File{
		{Name: "big/model.safetensors", Size: 7000, SHA256: sum256(ordinary()["big/model.safetensors"]), Announced: "sha256:" + sum256(ordinary()["big/model.safetensors"])},
		{Name: "config.json", Size: 2, SHA256: sum256("{}"), Announced: "git:" + blob("{}")},
		{Name: "empty", SHA256: sum256(""), Announced: "git:" + blob("")},
		{Name: "sub dir/a#b.txt", Size: 4, SHA256: sum256("text"), Announced: "git:" + blob("text")},
	}
	if d := cmp.Diff(want, r.Files); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	if !f.tokens["hub"] || f.tokens["cdn"] {
		t.Errorf("the token went to %v, want the hub alone", f.tokens)
	}
	if f.asked[0] != "hub /api/models/org/name/revision/refs%2Fpr%2F1" {
		t.Errorf("asked %s", f.asked[0])
	}

	// The same commit is not fetched twice.
	n := len(f.asked)
	again, err := Fetch(context.Background(), o)
	if err != nil || !again.WasThere || len(f.asked) != n+1 {
		t.Errorf("again: %+v, %v, %d requests", again, err, len(f.asked)-n)
	}
	if d := cmp.Diff(r.Files, again.Files); d != "" {
		t.Errorf("again (-first +second):\n%s", d)
	}
}

// What was complete before a download broke off is kept if it still has its digest,
// and asked for again if not.
func TestFetchGoesOn(t *testing.T) {
	f := newFake(t, ordinary())
	o := f.options(t)
	f.serve["sub dir/a#b.txt"] = func(w http.ResponseWriter, r *http.Request) { http.Error(w, "busy", http.StatusServiceUnavailable) }
	if _, err := Fetch(context.Background(), o); err == nil || !strings.Contains(err.Error(), "goes on") {
		t.Fatalf("error %v", err)
	}
	part := filepath.Join(o.Into, "hf", strings.ReplaceAll(strings.TrimPrefix(f.hub.URL, "http://"), ":", "_"), "models--org--name", commit+".part")
	if err := os.WriteFile(filepath.Join(part, "config.json"), []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	delete(f.serve, "sub dir/a#b.txt")
	f.asked = nil
	r, err := Fetch(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(ordinary(), tree(t, r.Dir)); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	asked := strings.Join(f.asked, "\n")
	if strings.Contains(asked, "safetensors") || !strings.Contains(asked, "config.json") {
		t.Errorf("asked for:\n%s", asked)
	}
}
