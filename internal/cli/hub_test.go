package cli

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A model that reads as harmless until it is scanned: the payload is inert.
const evilPickle = "\x80\x02cos\nsystem\n(X\x10\x00\x00\x00echo merlon-testtR."

func TestDownload(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	files := map[string]string{"model.pkl": evilPickle, "config.json": `{"architectures": ["LlamaForCausalLM"], "model_type": "llama"}`}
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/models/org/name/revision/main" {
			var list []string
			for name, content := range files {
				id := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content))
				list = append(list, fmt.Sprintf(`{"rfilename": %q, "size": %d, "blobId": "%x"}`, name, len(content), id))
			}
			fmt.Fprintf(w, `{"sha": %q, "siblings": [%s]}`, commit, strings.Join(list, ","))
			return
		}
		content, ok := files[strings.TrimPrefix(r.URL.Path, "/org/name/resolve/"+commit+"/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(content))
	}))
	defer hub.Close()
	home := t.TempDir()
	t.Setenv("HF_ENDPOINT", hub.URL)
	t.Setenv("HF_TOKEN", "")
	t.Setenv("HF_HUB_CACHE", filepath.Join(home, "hub"))
	t.Setenv("XDG_DATA_HOME", filepath.Join(home, "data"))
	t.Setenv("MERLON_QUARANTINE", "")
	t.Chdir(t.TempDir())
	run := func(args ...string) (int, string, string) {
		var out, err bytes.Buffer
		return Main(args, strings.NewReader(""), &out, &err), out.String(), err.String()
	}
	check := func(args []string, code int, stdout, stderr string) {
		t.Helper()
		c, out, err := run(args...)
		if c != code || !strings.Contains(out, stdout) || !strings.Contains(err, stderr) {
			t.Errorf("merlon %s: exit code %d, want %d with %q and %q\n%s%s", strings.Join(args, " "), c, code, stdout, stderr, out, err)
		}
	}

	check([]string{"inspect", "hf:org/name"}, 2, "", "merlon inspect --download hf:org/name")
	check([]string{"scan", "hf:org/name"}, 2, "", "--download")
	if _, err := os.Stat(filepath.Join(home, "data")); err == nil {
		t.Error("something was written without --download")
	}
	check([]string{"scan", "--download", "--download-limit", "50B", "hf:org/name"}, 3, "", "nothing was fetched")
	check([]string{"scan", "--download", "--download-files", "1", "hf:org/name"}, 3, "", "at most 1")
	check([]string{"scan", "--download", "--download-limit", "much", "hf:org/name"}, 2, "", "is no size")
	check([]string{"inspect", "--download", "hf:org/name@v9"}, 3, "", "check the name and the revision")
	check([]string{"inspect", "--download", "hf:../name"}, 2, "", "no name of a repository")
	check([]string{"inspect", "--download", "kaggle:google/gemma/pyTorch/2b"}, 2, "", "does not download from Kaggle")

	check([]string{"scan", "--download", "hf:org/name"}, 1, "os.system", "nothing in it has been approved")
	quarantine := filepath.Join(home, "data", "merlon", "quarantine", "hf", strings.ReplaceAll(strings.TrimPrefix(hub.URL, "http://"), ":", "_"), "models--org--name", commit)
	if b, err := os.ReadFile(filepath.Join(quarantine, "model.pkl")); err != nil || string(b) != evilPickle {
		t.Errorf("quarantine: %q, %v", b, err)
	}
	check([]string{"inspect", "--download", "hf:org/name"}, 0, "LlamaForCausalLM", "fetched before")
	elsewhere := filepath.Join(home, "elsewhere")
	check([]string{"inspect", "--download", "--quarantine", elsewhere, "hf:org/name"}, 0, "LlamaForCausalLM", elsewhere)
	if _, err := os.Stat(filepath.Join(home, "hub")); err == nil {
		t.Error("the hub's own cache was written to")
	}
}

func TestParseSize(t *testing.T) {
	for in, want := range map[string]int64{
		"1": 1, "500MB": 5e8, "64 GB": 64e9, "2GiB": 2 << 30, "1tb": 1e12, " 7 b ": 7,
		"": 0, "GB": 0, "-1": 0, "0": 0, "1.5GB": 0, "1XB": 0, "99999999999TB": 0, "1 2": 0, "i": 0, "1i": 0,
	} {
		got, err := parseSize(in)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d, %v, want %d", in, got, err, want)
		}
	}
}
