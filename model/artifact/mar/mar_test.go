package mar_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/mar"
)

const (
	handler  = "artifact/mar-handler"
	require  = "artifact/mar-requirements"
	outside  = "artifact/mar-outside-file"
	yaml     = "artifact/mar-yaml-tag"
	unlisted = "artifact/mar-unlisted-code"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pack is a model archive: model part of the manifest, then name, content, ...
func pack(t testing.TB, model string, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	members = append(members, "MAR-INF/MANIFEST.json", `{"runtime":"python","model":{`+model+`},"archiverVersion":"0.12.0"}`)
	for i := 0; i < len(members); i += 2 {
		m, err := w.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func otherCase(b []byte) []byte {
	return bytes.ReplaceAll(b, []byte("MAR-INF/MANIFEST.json"), []byte("mar-inf/manifest.json"))
}

func TestArchives(t *testing.T) {
	const builtin = `"modelName":"m","serializedFile":"m.pt","handler":"image_classifier"`
	for _, tt := range []struct {
		name    string
		content []byte
		verdict asset.Verdict
		rules   string
	}{
		{"real, own handler", read(t, "custom.mar"), asset.Unverified, handler + " " + require},
		{"real, built-in handler", read(t, "builtin.mar"), asset.OK, ""},
		{"entry point", pack(t, `"handler":"h.py:run"`, "h.py", "x"), asset.Unverified, handler},
		{"handler without suffix", pack(t, `"handler":"h"`, "h.py", "x"), asset.Unverified, handler},
		{"source of the model", pack(t, builtin+`,"modelFile":"net.py"`, "m.pt", "", "net.py", "x"), asset.Unverified, handler},
		{"traversal", pack(t, `"handler":"../../h.py"`), asset.Malicious, handler + " " + outside},
		{"absolute weights", pack(t, `"handler":"image_classifier","serializedFile":"/etc/x"`), asset.Malicious, outside},
		{"Windows drive", pack(t, `"handler":"image_classifier","serializedFile":"c:\\x"`), asset.Malicious, outside},
		{"missing weights", pack(t, builtin), asset.Failed, ""},
		{"no handler", pack(t, `"modelName":"m"`), asset.Failed, ""},
		{"Java object", pack(t, builtin+`,"configFile":"c.yaml"`, "m.pt", "", "c.yaml", "a: !!javax.script.ScriptEngineManager [x]\n"), asset.Malicious, yaml},
		{"plain tag", pack(t, builtin+`,"configFile":"c.yaml"`, "m.pt", "", "c.yaml", "a: !!str 1\n"), asset.OK, ""},
		{"tag in text", pack(t, builtin+`,"configFile":"c.yaml"`, "m.pt", "", "c.yaml", "a: \"!!javax.script.X\"\n"), asset.OK, ""},
		{"packages from elsewhere", pack(t, builtin+`,"requirementsFile":"r.txt"`, "m.pt", "", "r.txt", "numpy\ngit+https://merlon.example/x\n"), asset.Unverified, require},
		{"no packages", pack(t, builtin+`,"requirementsFile":"r.txt"`, "m.pt", "", "r.txt", "# none\n"), asset.OK, ""},
		{"unlisted code", pack(t, builtin, "m.pt", "", "json.py", "x"), asset.Unverified, unlisted},
		{"listed code", pack(t, builtin+`,"extraFiles":"json.py"`, "m.pt", "", "json.py", "x"), asset.OK, ""},
		{"manifest in other case", otherCase(pack(t, builtin, "m.pt", "")), asset.Failed, ""},
		{"manifest in other case, judged", otherCase(pack(t, `"handler":"../../h.py"`)), asset.Malicious, handler + " " + outside},
		{"no JSON", pack(t, `"handler"`), asset.Failed, ""},
		{"handler twice", pack(t, `"handler":"image_classifier","handler":"x"`), asset.Failed, ""},
	} {
		r := artifacttest.Scan(t, mar.New(), "m.mar", tt.content)
		if r.Verdict != tt.verdict || strings.Join(r.Rules(), " ") != tt.rules {
			t.Errorf("%s: %q %v %v %v, want %q %q", tt.name, r.Verdict, r.Rules(), r.Messages(), r.Errors, tt.verdict, tt.rules)
		}
	}
}

func TestDescribe(t *testing.T) {
	d, err := artifacttest.Describe(t, mar.New(), "m.mar", read(t, "custom.mar"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range d.Facts {
		if s, ok := f.Value.(string); ok {
			got = append(got, f.Kind+" "+s)
		}
	}
	want := []string{"library torchserve", "handler handler.py", "name custom", "member requirements.txt", "member model.pt",
		"member config.yaml", "member handler.py", "member MAR-INF/MANIFEST.json"}
	if diff := cmp.Diff(want, got); diff != "" || d.Version != "0.12.0" {
		t.Errorf("%s (-want +got)\n%s", d.Version, diff)
	}
}

func TestHostileBytes(t *testing.T) {
	s := mar.New()
	artifacttest.CheckRules(t, s)
	for _, name := range []string{"builtin.mar", "custom.mar"} {
		artifacttest.Truncate(t, s, name, read(t, name), nil)
		artifacttest.Mutate(t, s, name, read(t, name), 300)
	}
}

func FuzzMAR(f *testing.F) {
	f.Add(`"handler":"h.py:run","extraFiles":["a",1]`, "a: !!b.c d\n")
	f.Fuzz(func(t *testing.T, model, config string) {
		artifacttest.Fuzz(t, mar.New(), "m.mar", pack(t, model, "c.yaml", config))
	})
}
