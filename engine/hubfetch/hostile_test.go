package hubfetch

import (
	"context"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// refused fetches, and wants an error that says why, no complete folder, and nothing
// outside of the quarantine.
func refused(t *testing.T, f *fakeHub, why string, change ...func(*Options)) {
	t.Helper()
	o := f.options(t, change...)
	into := o.Into
	o.Into = filepath.Join(into, "quarantine")
	r, err := Fetch(context.Background(), o)
	if err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("result %+v, error %v, want one about %q", r, err, why)
	}
	if err != nil && (strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "secret")) {
		t.Errorf("the error tells a secret: %v", err)
	}
	for name := range tree(t, into) {
		if !strings.HasPrefix(name, "quarantine/hf/") || !strings.Contains(name, commit+".part/") || strings.HasSuffix(name, ".merlon-part") {
			t.Errorf("%s was left", name)
		}
	}
	if f.tokens["cdn"] {
		t.Error("the token went to another host")
	}
}

func TestHostileContent(t *testing.T) {
	const big = "big/model.safetensors"
	for name, tt := range map[string]struct {
		file  string
		serve func(f *fakeHub) http.HandlerFunc
		why   string
	}{
		"short body": {big, func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "7000")
				_, _ = w.Write([]byte("weights"))
				panic(http.ErrAbortHandler)
			}
		}, "EOF"},
		"short body without a length": {big, func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				w.(http.Flusher).Flush()
				_, _ = w.Write([]byte("weights"))
			}
		}, "7 bytes arrived"},
		"long body without a length": {big, func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				w.(http.Flusher).Flush()
				for range 1 << 20 {
					if _, err := w.Write([]byte("weights!")); err != nil {
						return
					}
				}
			}
		}, "7001 bytes arrived (or more)"},
		"huge Content-Length": {big, func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "1152921504606846976")
				_, _ = w.Write([]byte("weights"))
			}
		}, "1152921504606846976 bytes are sent, the hub has announced 7000"},
		"wrong SHA-256": {big, func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				_, _ = w.Write([]byte(strings.Repeat("Weights", 1000)))
			}
		}, "the hub has announced " + sum256(ordinary()[big])},
		"wrong object id": {"config.json", func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("[]")) }
		}, "its object id is"},
		"missing": {"config.json", func(f *fakeHub) http.HandlerFunc { return http.NotFound }, "does not have the file"},
		"compressed": {"config.json", func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				_, _ = w.Write([]byte("\x1f\x8b"))
			}
		}, "its object id is"},
		"redirect without encryption": {big, func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://cdn.example/x?signature=secret", http.StatusFound)
			}
		}, "not encrypted"},
		"redirect to a file": {big, func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
			}
		}, "not encrypted"},
		"redirect with a password": {big, func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://u:secret@127.0.0.1:1/x", http.StatusFound)
			}
		}, "password"},
		"redirects without end": {big, func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, r.URL.Path, http.StatusFound)
			}
		}, "redirects"},
		"redirect to a host that has something else": {big, func(f *fakeHub) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix("http://"+r.Host, f.cdn.URL) {
					_, _ = w.Write([]byte(strings.Repeat("payload", 1000)))
					return
				}
				http.Redirect(w, r, f.cdn.URL+r.URL.Path, http.StatusFound)
			}
		}, "its SHA-256 is"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, ordinary())
			f.serve[tt.file] = tt.serve(f)
			refused(t, f, tt.why)
		})
	}
}

func TestHostileListing(t *testing.T) {
	one := func(s map[string]any) func([]map[string]any) []map[string]any {
		return func(l []map[string]any) []map[string]any { return append(l, s) }
	}
	named := func(name string) func([]map[string]any) []map[string]any {
		return one(map[string]any{"rfilename": name, "size": 1, "blobId": blob("x")})
	}
	for name, tt := range map[string]struct {
		list func([]map[string]any) []map[string]any
		why  string
	}{
		"parent":           {named("../evil"), "leads out"},
		"parent inside":    {named("a/../../evil"), "leads out"},
		"absolute":         {named("/etc/cron.d/evil"), "leads out"},
		"empty name":       {named(""), "leads out"},
		"the folder":       {named("."), "leads out"},
		"double slash":     {named("a//b"), "leads out"},
		"backslash":        {named(`..\evil`), "characters"},
		"drive":            {named("C:evil"), "characters"},
		"stream":           {named("a:b"), "characters"},
		"control":          {named("a\x1b[2Jb"), "characters"},
		"zero":             {named("a\x00b"), "characters"},
		"device":           {named("sub/NUL.txt"), "differently"},
		"trailing dot":     {named("a./b"), "differently"},
		"long name":        {named(strings.Repeat("a/", 800) + "b"), "1024"},
		"long part":        {named(strings.Repeat("a", 300)), "differently"},
		"one for two":      {named("CONFIG.json"), "one file on some systems"},
		"twice":            {named("config.json"), "one file on some systems"},
		"no digest":        {one(map[string]any{"rfilename": "x", "size": 1}), "no digest"},
		"odd digest":       {one(map[string]any{"rfilename": "x", "size": 1, "lfs": map[string]any{"sha256": "../x", "size": 1}}), "no digest"},
		"no size":          {one(map[string]any{"rfilename": "x", "blobId": blob("x")}), "more than"},
		"negative size":    {one(map[string]any{"rfilename": "x", "size": -5, "blobId": blob("x")}), "more than"},
		"sizes that wrap":  {one(map[string]any{"rfilename": "x", "size": int64(1<<63 - 1), "blobId": blob("x")}), "more than"},
		"nothing":          {func([]map[string]any) []map[string]any { return nil }, "no files"},
		"a file a folder":  {one(map[string]any{"rfilename": "config.json/x", "size": 1, "blobId": blob("x")}), "config.json"},
		"size is a string": {one(map[string]any{"rfilename": "x", "size": "1"}), "no JSON of the hub"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, ordinary())
			f.list = tt.list
			refused(t, f, tt.why)
		})
	}
}

// Whatever a hub lists, what passes the checks stays below a folder and within the
// limits, on every system.
func FuzzListing(f *testing.F) {
	f.Add([]byte(`{"sha": "` + commit + `", "siblings": [{"rfilename": "a/b", "size": 1, "blobId": "` + blob("x") + `"}]}`))
	f.Add([]byte(`{"sha": "` + commit + `", "siblings": [{"rfilename": "../b", "lfs": {"size": 5, "sha256": "` + sum256("x") + `"}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		const limit = 1000
		l, err := parse(body, "main", 10)
		if err != nil || l.check(limit) != nil {
			return
		}
		if len(l.Files) > 10 || l.bytes() < 0 || l.bytes() > limit || !isHex(l.Commit, 40) {
			t.Errorf("%+v", l)
		}
		for _, s := range l.Files {
			if !filepath.IsLocal(filepath.FromSlash(s.Name)) || strings.ContainsAny(s.Name, "\\:\x00\n\x1b") || path.Clean(s.Name) != s.Name {
				t.Errorf("name %q", s.Name)
			}
		}
	})
}

func TestLimits(t *testing.T) {
	f := newFake(t, ordinary())
	refused(t, f, "more than 7000 bytes", func(o *Options) { o.MaxBytes = 7000 })
	refused(t, f, "4 files, at most 3", func(o *Options) { o.MaxFiles = 3 })
	for _, asked := range f.asked {
		if strings.Contains(asked, "resolve") {
			t.Errorf("asked for a file: %s", asked)
		}
	}
	refused(t, f, "set HF_TOKEN", func(o *Options) {
		o.Env = func(k string) (string, bool) { return map[string]string{"HF_ENDPOINT": f.hub.URL}[k], true }
	})
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Fetch(ctx, f.options(t)); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("stopped: %v", err)
	}
}

// A link that somebody put into the folder of a download is not written through.
func TestLinkInTheFolder(t *testing.T) {
	f := newFake(t, ordinary())
	o := f.options(t)
	f.serve["sub dir/a#b.txt"] = http.NotFound
	_, _ = Fetch(context.Background(), o)
	found, _ := filepath.Glob(filepath.Join(o.Into, "hf", "*", "*", commit+".part"))
	if len(found) != 1 {
		t.Fatalf("folders %v", found)
	}
	outside := t.TempDir()
	if err := os.RemoveAll(filepath.Join(found[0], "sub dir")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(found[0], "sub dir")); err != nil {
		t.Skip(err)
	}
	delete(f.serve, "sub dir/a#b.txt")
	if r, err := Fetch(context.Background(), o); err == nil {
		t.Errorf("fetched to %s", r.Dir)
	}
	if got := tree(t, outside); len(got) > 0 {
		t.Errorf("written outside: %v", got)
	}
}

func TestEndpoints(t *testing.T) {
	for endpoint, good := range map[string]bool{
		"": true, "https://hub.example": true, "https://hub.example/": true, "https://hub.example/hf": true, "http://127.0.0.1:8080": true, "http://localhost:1": true, "http://[::1]:2": true,
		"http://hub.example": false, "http://127.0.0.1.example": false, "ftp://hub.example": false, "hub.example": false, "https://": false, "https://u:p@hub.example": false, "https://hub.example?x": false,
	} {
		_, err := newHub(func(k string) (string, bool) { return map[string]string{"HF_ENDPOINT": endpoint}[k], true })
		if (err == nil) != good {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	if _, err := newHub(func(k string) (string, bool) { return map[string]string{"HF_TOKEN": "a\r\nX: b"}[k], true }); err == nil {
		t.Error("a token with a line break")
	}
}

// A hub on the internet cannot make this machine connect to its neighbours.
func TestPrivateAddresses(t *testing.T) {
	for address, good := range map[string]bool{
		"127.0.0.1:443": false, "[::1]:443": false, "10.0.0.1:443": false, "192.168.1.1:443": false, "172.16.0.1:443": false, "169.254.169.254:80": false,
		"[fe80::1]:443": false, "[fd00::1]:443": false, "[::ffff:10.0.0.1]:443": false, "0.0.0.0:443": false, "224.0.0.1:443": false, "nonsense": false,
		"8.8.8.8:443": true, "[2606:4700::1]:443": true,
	} {
		if err := outside("tcp", address, nil); (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
}
