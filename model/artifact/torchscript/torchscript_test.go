package torchscript_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/torchscript"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// edit replaces text in the members of a zip, or adds members whose text is new.
func edit(t testing.TB, b []byte, change func(name string, content []byte) []byte, added ...string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name string, content []byte) {
		m, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range z.File {
		r, err := m.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if content = change(m.Name, content); content != nil {
			put(m.Name, content)
		}
	}
	for i := 0; i < len(added); i += 2 {
		put(added[i], []byte(added[i+1]))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func same(_ string, content []byte) []byte { return content }

const (
	code    = "artifact/torchscript-code"
	host    = "artifact/torchscript-host-access"
	hidden  = "artifact/torchscript-hidden-op"
	foreign = "artifact/torchscript-custom-op"
	target  = "artifact/torch-export-target"
	expr    = "artifact/torch-export-expression"
)

func TestFixtures(t *testing.T) {
	for _, tt := range []struct {
		name    string
		verdict asset.Verdict
		format  string
		rules   []string
	}{
		{"net.pt", asset.Unverified, "torchscript", []string{code}},
		{"keeps.pt", asset.Unverified, "torchscript", []string{code}}, // a method that is called save
		{"in_text.pt", asset.Unverified, "torchscript", []string{code}},
		{"mobile.ptl", asset.Unverified, "torch-mobile", []string{code}},
		{"net.pt2", asset.OK, "torch-export", nil},
		{"custom.pt", asset.Unverified, "torchscript", []string{code, foreign}},
		{"save.pt", asset.Malicious, "torchscript", []string{code, host}},
		{"save_ops.pt", asset.Malicious, "torchscript", []string{code, host}},
		{"save_alias.pt", asset.Malicious, "torchscript", []string{code, hidden, host}},
		{"save_function.pt", asset.Malicious, "torchscript", []string{code, host}},
		{"save_getattr.pt", asset.Malicious, "torchscript", []string{code, host}},
		{"save_parentheses.pt", asset.Malicious, "torchscript", []string{code, hidden, host}},
		{"from_file.pt", asset.Malicious, "torchscript", []string{code, host}},
		{"rpc.pt", asset.Malicious, "torchscript", []string{code, host}},
		{"save.ptl", asset.Malicious, "torch-mobile", []string{code, host}},
	} {
		r := artifacttest.Scan(t, torchscript.New(), tt.name, read(t, tt.name))
		slices.Sort(tt.rules)
		if diff := cmp.Diff(tt.rules, r.Rules()); diff != "" || r.Verdict != tt.verdict || r.Format != tt.format || len(r.Errors) > 0 {
			t.Errorf("%s: %q %q, want %q %q; errors %v; rules (-want +got)\n%s", tt.name, r.Verdict, r.Format, tt.verdict, tt.format, r.Errors, diff)
		}
	}
}

func TestTheFindingTellsWhatIsWritten(t *testing.T) {
	r := artifacttest.Scan(t, torchscript.New(), "m.pt", read(t, "save.pt"))
	all := strings.Join(r.Messages(), "\n")
	if !strings.Contains(all, "aten::save") || !strings.Contains(all, "/nonexistent/merlon-test") || !strings.Contains(all, "forward") {
		t.Errorf("messages do not name operator, file and function:\n%s", all)
	}
	for _, f := range r.Findings {
		if f.Finding.Rule == host && (f.Where().Line != 8 || !strings.HasSuffix(f.Where().Ref.String(), ".py")) {
			t.Errorf("found at %v line %d", f.Where().Ref, f.Where().Line)
		}
	}
}

// The bytecode is what the mobile interpreter runs; harmless source beside it
// proves nothing.
func TestMobileBytecodeCounts(t *testing.T) {
	b := edit(t, read(t, "save.ptl"), func(name string, content []byte) []byte {
		if strings.HasSuffix(name, ".py") {
			return nil
		}
		return content
	})
	if r := artifacttest.Scan(t, torchscript.New(), "m.ptl", b); r.Verdict != asset.Malicious {
		t.Errorf("verdict %q", r.Verdict)
	}
}

func TestExportedPrograms(t *testing.T) {
	const relu, symbol = "torch.ops.aten.relu.default", "Symbol('s0', positive=True, integer=True)"
	for _, tt := range []struct {
		name, old, new string
		verdict        asset.Verdict
		rule           string
	}{
		{"same", relu, relu, asset.OK, ""},
		{"operator", relu, "_operator.add", asset.OK, ""},
		{"symbolic", relu, "torch.sym_max", asset.OK, ""},
		{"python function", relu, "torch.hub.load", asset.Malicious, target},
		{"module", relu, "torch.os.system", asset.Malicious, target},
		{"dunder", relu, "torch.ops.aten.__class__.x", asset.Malicious, target},
		{"load library", relu, "torch.ops.load_library", asset.Malicious, target},
		{"file", relu, "torch.ops.aten.from_file.default", asset.Malicious, target},
		{"attrgetter", relu, "_operator.attrgetter", asset.Malicious, target},
		{"other library", relu, "torch.ops.merlon_test.f.default", asset.Unverified, foreign},
		{"kernels", relu, "torch.ops.higher_order.triton_kernel_wrapper_mutation.default", asset.Unverified, foreign},

		{"sum", symbol, "Add(Integer(2), Mul(Integer(3), Symbol('s0', integer=True)))", asset.OK, ""},
		{"infix", symbol, "2*s0 + (s1 // 3)", asset.OK, ""},
		{"attribute", symbol, "().__class__", asset.Malicious, expr},
		{"call", symbol, "exec('a')", asset.Malicious, expr},
		{"import", symbol, "__import__('os')", asset.Malicious, expr},
		{"text", symbol, "Symbol('import os')", asset.Malicious, expr},
		{"lambda", symbol, "(lambda: 1)", asset.Malicious, expr},
		{"unknown function", symbol, "Frobnicate(1)", asset.Unverified, expr},
	} {
		b := edit(t, read(t, "net.pt2"), func(_ string, content []byte) []byte {
			return bytes.Replace(content, []byte(tt.old), []byte(tt.new), 1)
		})
		r := artifacttest.Scan(t, torchscript.New(), "m.pt2", b)
		if r.Verdict != tt.verdict || len(r.Errors) > 0 || strings.Join(r.Rules(), " ") != tt.rule {
			t.Errorf("%s: %q %v %v, want %q %q", tt.name, r.Verdict, r.Rules(), r.Errors, tt.verdict, tt.rule)
		}
	}
}

func TestOtherLayouts(t *testing.T) {
	graph := `{"graph_module":{"graph":{"nodes":[{"target":"torch.ops.aten.relu.default"}],"tensor_values":{}}}}`
	for _, tt := range []struct {
		name    string
		members []string
		verdict asset.Verdict
		format  string
		rules   string
	}{
		{"archive", []string{"m/archive_format", "pt2", "m/models/model.json", graph}, asset.OK, "torch-export", ""},
		{"compiled", []string{"m/archive_format", "pt2", "m/data/aotinductor/model/k.so", "x"}, asset.Unverified, "torch-export", "artifact/torch-native-code"},
		{"pickled", []string{"m/archive_format", "pt2", "m/models/model.json", graph,
			"m/data/weights/model_weights_config.json", `{"config":{"w":{"path_name":"weight_0","use_pickle":true}}}`},
			asset.Unverified, "torch-export", "artifact/torch-export-pickled-weights"},
		{"not pickled", []string{"m/archive_format", "pt2", "m/models/model.json", graph,
			"m/data/weights/model_weights_config.json", `{"config":{"w":{"path_name":"weight_0","use_pickle":false}}}`}, asset.OK, "torch-export", ""},
		{"empty", []string{"m/archive_format", "pt2"}, asset.Failed, "torch-export", ""},
		{"twice", []string{"m/archive_format", "pt2", "m/models/model.json", `{"a":1,"a":2}`}, asset.Failed, "torch-export", ""},
		{"package", []string{"m/.data/extern_modules", "torch", "m/model/net.py", "import os"}, asset.Unverified, "torch-package", "artifact/torch-package-code"},
		{"plain weights", []string{"m/data.pkl", "x", "m/data/0", "x", "m/version", "3"}, "", "", ""},
		{"any zip", []string{"code/a.py", "x"}, "", "", ""},
		{"broken source", []string{"m/constants.pkl", "x", "m/code/__torch__.py", "\"without end"}, asset.Failed, "torchscript", code},
	} {
		empty := edit(t, []byte("PK\x05\x06"+strings.Repeat("\x00", 18)), same, tt.members...)
		r := artifacttest.Scan(t, torchscript.New(), "m.zip", empty)
		if r.Verdict != tt.verdict || r.Format != tt.format || strings.Join(r.Rules(), " ") != tt.rules {
			t.Errorf("%s: %q %q %v %v, want %q %q %q", tt.name, r.Verdict, r.Format, r.Rules(), r.Errors, tt.verdict, tt.format, tt.rules)
		}
	}
}

func TestDescribe(t *testing.T) {
	facts := func(name string) map[string][]string {
		t.Helper()
		d, err := artifacttest.Describe(t, torchscript.New(), name, read(t, name))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{"format": {d.Format + " " + d.Version}}
		for _, f := range d.Facts {
			if s, ok := f.Value.(string); ok {
				got[f.Kind] = append(got[f.Kind], s)
			}
		}
		for _, x := range d.Tensors {
			got["tensor"] = append(got["tensor"], x.Name+" "+x.DType)
		}
		slices.Sort(got["operator"])
		slices.Sort(got["tensor"])
		return got
	}
	linear := "__torch__.torch.nn.modules.linear.Linear.forward"
	want := map[string][]string{"format": {"torchscript 3"}, "library": {"torch"}, "function": {"__torch__.Net.forward", linear},
		"operator": {"aten::add", "aten::linear", "aten::relu"}, "tensor": {"fc.bias float32", "fc.weight float32"}}
	if diff := cmp.Diff(want, facts("net.pt")); diff != "" {
		t.Errorf("net.pt (-want +got)\n%s", diff)
	}
	if got := facts("mobile.ptl"); !slices.Contains(got["operator"], "aten::linear") || got["format"][0] != "torch-mobile 3" {
		t.Errorf("mobile.ptl: %v", got)
	}
	want = map[string][]string{"format": {"torch-export 8.2"}, "library": {"torch"},
		"operator": {"torch.ops.aten.add.Tensor", "torch.ops.aten.linear.default", "torch.ops.aten.relu.default"},
		"tensor":   {"add float32", "linear float32", "p_fc_bias float32", "p_fc_weight float32", "relu float32", "x float32"}}
	if diff := cmp.Diff(want, facts("net.pt2")); diff != "" {
		t.Errorf("net.pt2 (-want +got)\n%s", diff)
	}
}

// What merlon lists is what PyTorch itself finds in its state_dict.
func TestTensorsOfWeights(t *testing.T) {
	var want map[string][2]any
	if err := json.Unmarshal(read(t, "weights.json"), &want); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"weights.pt", "weights_v4.pt"} {
		d, err := artifacttest.Describe(t, torchscript.New(), name, read(t, name))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][2]any{}
		for _, x := range d.Tensors {
			shape := []any{}
			for _, n := range x.Shape {
				shape = append(shape, float64(n))
			}
			got[x.Name] = [2]any{x.DType, shape}
		}
		if diff := cmp.Diff(want, got); diff != "" || d.Format != "torch-zip" {
			t.Errorf("%s %s (-PyTorch +merlon)\n%s", name, d.Format, diff)
		}
		if r := artifacttest.Scan(t, torchscript.New(), name, read(t, name)); r.Verdict != "" {
			t.Errorf("%s holds no code, and is judged %q", name, r.Verdict)
		}
	}
}

func TestHostileBytes(t *testing.T) {
	s := torchscript.New()
	artifacttest.CheckRules(t, s)
	for _, name := range []string{"keeps.pt", "save.ptl", "net.pt2"} {
		b := read(t, name)
		artifacttest.Truncate(t, s, name, b, nil)
		artifacttest.Mutate(t, s, name, b, 300)
	}
}

func FuzzTorchScript(f *testing.F) {
	for _, name := range []string{"net.pt", "mobile.ptl", "net.pt2", "save_getattr.pt"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, torchscript.New(), "m.pt", b) })
}
