package tensorflow

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

const (
	versions  = "versions { producer: 1987 }\n"
	textWrite = `node { name: "p" op: "Const" attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape {} string_val: "/tmp/merlon-test" } } } }
node { name: "w" op: "WriteFile" input: "p" input: "x" }
`
)

func TestText(t *testing.T) {
	for name, tt := range map[string]struct {
		file, text string
		verdict    asset.Verdict
		rule       string
	}{
		"write":               {"a.pbtxt", textWrite + versions, asset.Malicious, ruleFile},
		"write, in a comment": {"a.pbtxt", "# node { op: 'WriteFile' }\nnode { name: 'x' op: 'Relu' }" + versions, asset.OK, ""},
		"saved model":         {"saved_model.pbtxt", "# by hand\nsaved_model_schema_version: 1 meta_graphs { graph_def {" + textWrite + versions + "} }", asset.Malicious, ruleFile},
		"meta graph":          {"m.prototxt", "meta_info_def { tags: 'serve' } graph_def: < node { name: 'p' op: 'EagerPyFunc' } " + versions + ">", asset.Malicious, rulePython},
		"versions first":      {"a.textproto", versions + textWrite, asset.Malicious, ruleFile},
		"custom":              {"a.pbtxt", "node { name: 'e' op: 'Evil' }" + versions, asset.Unverified, ruleCustom},
		"plain":               {"a.pbtxt", "node { name: 'e' op: 'Relu' }" + versions, asset.OK, ""},
		"asset outside":       {"saved_model.pbtxt", "meta_graphs { asset_file_def { filename: '../x' } graph_def {" + versions + "} }", asset.Malicious, ruleAsset},
		"write, then broken":  {"a.pbtxt", textWrite + "node { what: 1 }" + versions, asset.Malicious, ruleFile},
		"unknown field":       {"a.pbtxt", "node { op: 'Relu' what: 1 }" + versions, asset.Failed, ""},
		"no version":          {"a.pbtxt", "node { name: 'e' op: 'Relu' }", asset.Failed, ""},
		"empty":               {"saved_model.pbtxt", "", asset.Failed, ""},
		"repeated field":      {"a.pbtxt", "node { name: 'e' name: 'f' op: 'Relu' }" + versions, asset.Unverified, ruleHidden},
		"mediapipe":           {"a.pbtxt", "node {\n  calculator: 'PassThrough'\n}\n", asset.Unknown, ""},
		"caffe":               {"a.prototxt", "name: 'net'\nlayer { type: 'Python' }\n", asset.Unknown, ""},
		"another name":        {"a.txt", textWrite, asset.Unknown, ""},
	} {
		r := artifacttest.Scan(t, New(), tt.file, []byte(tt.text))
		if r.Verdict != tt.verdict || tt.rule == "" && len(r.Findings) > 0 || tt.rule != "" && !slices.Contains(r.Rules(), tt.rule) {
			t.Errorf("%s: %q %v %v, want %q %q", name, r.Verdict, r.Messages(), r.Errors, tt.verdict, tt.rule)
		}
	}
}

// The text form that TensorFlow writes says the same as the binary one.
func TestTextIsAsBinary(t *testing.T) {
	for _, name := range []string{"graph.pb", "files/saved_model.pb"} {
		file := filepath.Join("testdata", name)
		a, b := artifacttest.ScanPath(t, both, file), artifacttest.ScanPath(t, both, file+"txt")
		if d := cmp.Diff(a.Messages(), b.Messages()); d != "" || a.Format != b.Format {
			t.Errorf("%s: binary (-), text (+):\n%s", name, d)
		}
	}
}

func TestTextHostile(t *testing.T) {
	small := strings.Replace(textWrite, "WriteFile", "Relu", 1) + versions
	artifacttest.Truncate(t, New(), "a.pbtxt", []byte(small), func(n int) bool { return n == len(small)-1 }) // the line break
	b, err := os.ReadFile("testdata/graph.pbtxt")
	if err != nil {
		t.Fatal(err)
	}
	artifacttest.Mutate(t, New(), "a.pbtxt", b, 200)
}

func FuzzText(f *testing.F) {
	f.Add([]byte(textWrite + versions))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, New(), "saved_model.pbtxt", b) })
}
