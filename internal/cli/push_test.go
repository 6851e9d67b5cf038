package cli

import (
	"bytes"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
)

// TestPushPull takes a model through a registry on this machine: pushed with signature
// and evidence, verified when it is pulled, refused when anything is not as it was.
func TestPushPull(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("DOCKER_CONFIG", dir)
	s := httptest.NewServer(registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(s.Close)
	repo := strings.TrimPrefix(s.URL, "http://") + "/team/model"
	put := func(name, body string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(want int, contains string, args ...string) {
		t.Helper()
		var out, log bytes.Buffer
		code := Main(args, strings.NewReader(""), &out, &log)
		if code != want || !strings.Contains(out.String()+log.String(), contains) {
			t.Errorf("merlon %s: exit code %d, want %d and %q\n%s%s", strings.Join(args, " "), code, want, contains, &out, &log)
		}
	}
	gone := func(name string) {
		t.Helper()
		if _, err := os.Lstat(name); err == nil {
			t.Errorf("%s is there", name)
		}
		if left, _ := filepath.Glob(".merlon-pull-*"); left != nil {
			t.Errorf("left behind: %v", left)
		}
	}
	put("model/config.json", `{"model_type": "llama"}`)
	put("model/README.md", "# A model")
	run(0, "", "key", "generate", "ci")
	run(0, "", "key", "generate", "other")

	// Nobody vouches for it yet.
	run(0, "no signature, 0 pieces", "push", "model", repo+":bare")
	run(4, "no signature is attached", "pull", repo+":bare", "out", "--key", "ci.pub")
	gone("out")
	run(2, "--key is missing", "pull", repo+":bare", "out")
	run(0, "nothing was verified", "pull", repo+":bare", "trusting", "--unverified")

	// Signed, and with evidence.
	run(0, "", "sign", "model", "--key", "ci.key")
	run(0, "", "scan", "model", "--evidence", "evidence", "--key", "ci.key")
	run(0, "1 signature, 2 pieces of evidence", "push", "model", repo+":v1", "--evidence", "evidence")
	run(0, "verified", "pull", repo+":v1", "out", "--key", "ci.pub", "--evidence", "fetched")
	run(0, "verified", "verify", "out", "--key", "ci.pub")
	run(0, "PASS", "gate", "out", "--policy", "baseline", "--evidence", "fetched", "--key", "ci.pub")
	run(0, "PASS", "gate", "model", "--policy", "baseline", "--evidence", "oci://"+repo+":v1", "--key", "ci.pub")
	run(0, "PASS", "pull", repo+":v1", "gated", "--key", "ci.pub", "--policy", "baseline")
	run(2, "is there already", "pull", repo+":v1", "out", "--key", "ci.pub")

	// By somebody else, or not enough.
	run(4, "no trusted key signed", "pull", repo+":v1", "no", "--key", "other.pub")
	run(4, "no trusted key signed", "pull", repo+":v1", "no", "--key", "other.pub", "--policy", "baseline")
	run(1, "FAIL", "pull", repo+":v1", "no", "--key", "ci.pub", "--policy", "strict")
	run(4, "no valid signature by a trusted key", "gate", "model", "--policy", "baseline", "--evidence", "oci://"+repo+":v1", "--key", "other.pub")
	gone("no")

	// Another model under the signature and the evidence of this one.
	put("model/config.json", `{"model_type": "llama", "auto_map": {}}`)
	run(0, "", "push", "model", repo+":v2", "--signature", "model/model.sig")
	run(4, "the model is not what was signed", "pull", repo+":v2", "no", "--key", "ci.pub")
	gone("no")

	run(2, "not an address", "push", "model", "model")
	run(2, "", "push", "none", repo+":v1")
	run(3, "", "pull", repo+":none", "no", "--key", "ci.pub")
	run(2, "--sign needs a folder", "gate", "model", "--policy", "baseline", "--evidence", "oci://"+repo+":v1", "--key", "ci.pub", "--sign", "ci.key")
	gone("no")
}
