package template

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

func benign(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/benign/*.jinja")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 35 {
		t.Fatalf("only %d templates", len(files))
	}
	list := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		list[filepath.Base(f)] = string(b)
	}
	return list
}

func TestTemplatesOfPublicModelsAreClean(t *testing.T) {
	for name, src := range benign(t) {
		r := artifacttest.Scan(t, New(), "chat_template.jinja", []byte(src))
		if r.Verdict != asset.OK || len(r.Findings) > 0 {
			t.Errorf("%s: %s %v %v", name, r.Verdict, r.Messages(), r.Errors)
		}
	}
}

func TestRulesAreComplete(t *testing.T) { artifacttest.CheckRules(t, New()) }
