package onnx

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/internal/flattest"
)

type tab = flattest.Table

// ort is a model in the format of ONNX Runtime with the given graph.
func ort(graph tab) []byte {
	return flattest.File("ORTM", tab{0: "6", 1: tab{0: uint64(10), 1: []tab{{0: "", 1: uint64(21)}, {0: "com.example", 1: uint64(1)}}, 2: "test", 7: graph}})
}

func ortNode(op, domain string, attrs ...tab) tab {
	n := tab{0: "n", 2: domain, 5: op}
	if len(attrs) > 0 {
		n[10] = attrs
	}
	return n
}

func TestRuntimeFormat(t *testing.T) {
	deep := tab{2: []tab{ortNode("Relu", "")}}
	for range 40 {
		deep = tab{2: []tab{ortNode("If", "", tab{0: "then_branch", 7: deep})}}
	}
	weight := func(n, stored int32) tab {
		return tab{0: "w", 2: []int64{int64(n)}, 3: int32(1), 4: make([]byte, stored)}
	}
	for name, tt := range map[string]struct {
		graph   tab
		verdict asset.Verdict
		rule    string
	}{
		"plain":          {tab{2: []tab{ortNode("Relu", "")}}, asset.OK, ""},
		"custom":         {tab{2: []tab{ortNode("Evil", "com.example")}}, asset.Unverified, ruleCustom},
		"custom inside":  {tab{2: []tab{ortNode("If", "", tab{0: "then_branch", 7: tab{2: []tab{ortNode("Evil", "com.example")}}})}}, asset.Unverified, ruleCustom},
		"custom in list": {tab{2: []tab{ortNode("If", "", tab{0: "x", 12: []tab{{2: []tab{ortNode("Evil", "com.example")}}}})}}, asset.Unverified, ruleCustom},
		"python":         {tab{2: []tab{ortNode("PyOp", "com.example", tab{0: "module", 5: "os"}, tab{0: "class_name", 5: "X"})}}, asset.Malicious, rulePython},
		"runtime option": {tab{2: []tab{ortNode("Relu", "")}, 8: tab{0: []tab{{0: "NchwcTransformer", 1: []tab{{0: "x", 3: []string{"com.example:Evil:1"}}}}}}}, asset.Unverified, ruleCustom},
		"weights":        {tab{0: []tab{weight(2, 8)}, 2: []tab{ortNode("Relu", "")}}, asset.OK, ""},
		"size lies":      {tab{0: []tab{weight(1000, 8)}, 2: []tab{ortNode("Relu", "")}}, asset.Failed, ruleSize},
		"too deep":       {deep, asset.Failed, ruleDepth},
		"elsewhere":      {tab{0: []tab{{0: "w", 2: []int64{2}, 3: int32(1), 6: uint64(0)}}, 2: []tab{ortNode("Relu", "")}}, asset.Unverified, rulePath},
		"newer":          {tab{2: []tab{ortNode("Relu", "")}, 12: "payload"}, asset.Unverified, ruleHidden},
	} {
		r := artifacttest.Scan(t, New(), "m.ort", ort(tt.graph))
		if r.Verdict != tt.verdict || tt.rule == "" && len(r.Findings) > 0 || tt.rule != "" && !slices.Contains(r.Rules(), tt.rule) {
			t.Errorf("%s: %q %v %v, want %q %q", name, r.Verdict, r.Messages(), r.Errors, tt.verdict, tt.rule)
		}
	}
	if r := artifacttest.Scan(t, New(), "blob", ort(tab{2: []tab{ortNode("Evil", "com.example")}})); r.Format != string(ortForm) {
		t.Error("not recognised without its name")
	}
	if r := artifacttest.Scan(t, New(), "m.ort", []byte("no model")); r.Verdict != asset.Failed {
		t.Errorf("%q", r.Verdict)
	}
}

const textModel = `ir_version: 10
graph {
  node { input: "x" output: "y" name: "n" op_type: "OP" domain: "DOMAIN" }
  initializer { dims: 2 data_type: 1 float_data: [1, 2] name: "w" }
}
opset_import { domain: "" version: 21 } opset_import { domain: "com.example" version: 1 }
`

func textOf(op, domain string) string {
	return strings.NewReplacer("OP", op, "DOMAIN", domain).Replace(textModel)
}

func TestTextForms(t *testing.T) {
	for name, tt := range map[string]struct {
		file, text string
		verdict    asset.Verdict
		rule       string
	}{
		"plain":         {"m.textproto", textOf("Relu", ""), asset.OK, ""},
		"comment first": {"m.prototxt", "# Evil\n" + textOf("Relu", ""), asset.OK, ""},
		"custom":        {"m.pbtxt", textOf("Evil", "com.example"), asset.Unverified, ruleCustom},
		"graph first":   {"m.txtpb", "graph { node { op_type: 'PyOp' domain: 'com.example' attribute { name: 'module' s: 'os' type: STRING } } }" + textOf("Relu", ""), asset.Malicious, rulePython},
		"outside":       {"m.textproto", "graph { initializer { name: 'w' dims: 1 data_type: 1 data_location: EXTERNAL external_data { key: 'location' value: '../x' } } }" + textOf("Relu", ""), asset.Malicious, rulePath},
		"size lies":     {"m.textproto", strings.Replace(textOf("Relu", ""), "dims: 2", "dims: 3", 1), asset.Failed, ruleSize},
		"broken":        {"m.textproto", textOf("Relu", "") + "what: 1", asset.Failed, ""},
		"own syntax":    {"m.onnxtxt", "<ir_version: 7>\nagraph (float[N] x) => (float[N] y) { y = Relu(x) }", asset.Unverified, ruleForm},
		"JSON":          {"m.onnxjson", "{}", asset.Unverified, ruleForm},
		"of another":    {"m.textproto", "domain: 'example.org'\nname: 'x'", asset.Unknown, ""},
		"caffe":         {"m.prototxt", "name: 'x' layer { type: 'ReLU' }", asset.Unknown, ""},
	} {
		r := artifacttest.Scan(t, New(), tt.file, []byte(tt.text))
		if r.Verdict != tt.verdict || tt.rule == "" && len(r.Findings) > 0 || tt.rule != "" && !slices.Contains(r.Rules(), tt.rule) {
			t.Errorf("%s: %q %v %v, want %q %q", name, r.Verdict, r.Messages(), r.Errors, tt.verdict, tt.rule)
		}
	}
}

// TestFormsOfLibraries reads what onnx and ONNX Runtime write
// (bench/formats/onnx/forms.py), and compares with what the onnx package says.
func TestFormsOfLibraries(t *testing.T) {
	for file, rows := range map[string]string{"linear.ort": "linear.ort.json", "control.ort": "control.ort.json", "microsoft.ort": "microsoft.ort.json", "linear.textproto": "linear.json"} {
		content, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if r := artifacttest.Scan(t, New(), file, content); r.Verdict != asset.OK || len(r.Findings) > 0 {
			t.Errorf("%s: %q %v %v", file, r.Verdict, r.Messages(), r.Errors)
		}
		d, err := artifacttest.Describe(t, New(), file, content)
		if err != nil {
			t.Fatal(err)
		}
		var want []asset.Tensor
		b, err := os.ReadFile("testdata/" + rows)
		if err == nil {
			err = json.Unmarshal(b, &want)
		}
		if err != nil {
			t.Fatal(err)
		}
		same := func(list []asset.Tensor) (out []asset.Tensor) {
			for _, x := range list {
				out = append(out, asset.Tensor{Name: x.Name, DType: x.DType, Shape: x.Shape})
			}
			slices.SortFunc(out, func(a, b asset.Tensor) int { return strings.Compare(a.Name, b.Name) })
			return out
		}
		if diff := cmp.Diff(same(want), same(d.Tensors)); diff != "" {
			t.Errorf("%s: the onnx package says otherwise (-) than merlon (+):\n%s", file, diff)
		}
	}
}

func TestFormsHostile(t *testing.T) {
	for _, name := range []string{"linear.ort", "control.ort"} {
		content, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		artifacttest.Truncate(t, New(), name, content, func(n int) bool { return n >= len(content)-3 }) // padding
		artifacttest.Mutate(t, New(), name, content, 200)
	}
	text := []byte(strings.TrimSpace(textOf("Relu", "")))
	first := strings.Index(string(text), "} opset") + 1 // the second opset is not used
	artifacttest.Truncate(t, New(), "m.textproto", text, func(n int) bool { return n == first || n == first+1 })
	artifacttest.Mutate(t, New(), "m.textproto", text, 200)
}

func FuzzForms(f *testing.F) {
	f.Add(ort(tab{2: []tab{ortNode("Relu", "")}}))
	f.Add([]byte(textOf("Relu", "")))
	f.Fuzz(func(t *testing.T, b []byte) {
		artifacttest.Fuzz(t, New(), "m.ort", b)
		artifacttest.Fuzz(t, New(), "m.textproto", b)
	})
}
