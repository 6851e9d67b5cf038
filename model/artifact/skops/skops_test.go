package skops_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/skops"
)

const (
	call  = "artifact/skops-dangerous-call"
	typ   = "artifact/skops-unknown-type"
	spoof = "artifact/skops-spoofed-type"
	noZip = "artifact/skops-not-a-zip"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// model is a skops file of one schema and the named members.
func model(t testing.TB, schema string, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range append([]string{"schema.json"}, members...) {
		m, err := w.CreateHeader(&zip.FileHeader{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(m, schema); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// n is a node.
func n(loader, module, class, rest string) string {
	if rest != "" {
		rest = "," + rest
	}
	return `{"__loader__":"` + loader + `","__module__":"` + module + `","__class__":"` + class + `"` + rest + `}`
}

func str(s string) string {
	inner, _ := json.Marshal(s)
	outer, _ := json.Marshal(string(inner))
	return n("JsonNode", "builtins", "str", `"content":`+string(outer)+`,"is_json":true`)
}

func TestRealModels(t *testing.T) {
	for name, want := range map[string]asset.Verdict{"pipeline.skops": asset.OK, "ufunc.skops": asset.OK, "attrgetter.skops": asset.Unverified} {
		if r := artifacttest.Scan(t, skops.New(), name, read(t, name)); r.Verdict != want || r.Format != "skops" || len(r.Errors) > 0 {
			t.Errorf("%s: %q %v %v, want %q", name, r.Verdict, r.Messages(), r.Errors, want)
		}
	}
	// The name does not matter.
	if r := artifacttest.Scan(t, skops.New(), "model.zip", read(t, "pipeline.skops")); r.Verdict != asset.OK {
		t.Errorf("under another name: %q", r.Verdict)
	}
}

func TestNodes(t *testing.T) {
	list := func(items ...string) string {
		return n("ListNode", "builtins", "list", `"content":[`+strings.Join(items, ",")+`]`)
	}
	tuple := func(items ...string) string {
		return n("TupleNode", "builtins", "tuple", `"content":[`+strings.Join(items, ",")+`]`)
	}
	array := n("NdArrayNode", "numpy", "ndarray", `"type":"json","content":[]`)
	number := n("JsonNode", "builtins", "str", `"content":"30","is_json":true`)
	null := n("JsonNode", "builtins", "str", `"content":"null","is_json":true`)
	object := func(module, class, state string) string { return n("ObjectNode", module, class, `"content":`+state) }
	const metrics, kdTree = "sklearn.metrics._dist_metrics", "sklearn.neighbors._kd_tree"
	metric := object(metrics, "EuclideanDistance64", tuple(number, array, array))
	tree := func(items ...string) string {
		return tuple(append([]string{array, array, array, array, number, number, number, number, number, number, number}, items...)...)
	}
	svc := n("ObjectNode", "sklearn.svm._classes", "SVC", "")
	for _, tt := range []struct {
		name, schema string
		verdict      asset.Verdict
		rule         string
	}{
		{"list", list(str("a"), svc), asset.OK, ""},
		{"os.system", n("FunctionNode", "os", "system", ""), asset.Malicious, call},
		{"system of posix", n("TypeNode", "posix", "system", ""), asset.Malicious, call},
		{"Popen", n("ObjectNode", "subprocess", "Popen", ""), asset.Malicious, call},
		{"constructor", n("ConstructorFromReduceNode", "builtins", "eval", `"content":`+tuple(str("1"))), asset.Malicious, call},
		{"below others", list(list(tuple(n("FunctionNode", "builtins", "exec", "")))), asset.Malicious, call},
		{"text os.system", list(str("os.system")), asset.OK, ""},
		{"ufunc", n("FunctionNode", "numpy", "log1p", ""), asset.OK, ""},
		{"spline", n("ObjectNode", "scipy.interpolate._bsplines", "BSpline", ""), asset.OK, ""},
		{"another type of scipy", n("ObjectNode", "scipy.stats._distn_infrastructure", "rv_continuous", ""), asset.Unverified, typ},
		{"tree of neighbours", object(kdTree, "KDTree", tree(metric, null)), asset.OK, ""},
		{"tree of neighbours with weights", object(kdTree, "KDTree64", tree(metric, array)), asset.OK, ""},
		{"tree without a state", n("ObjectNode", kdTree, "KDTree", ""), asset.Unverified, typ},
		{"tree with a short state", object(kdTree, "KDTree", tree(metric)), asset.Unverified, typ},
		{"tree with a long state", object(kdTree, "KDTree", tree(metric, null, null)), asset.Unverified, typ},
		{"tree with None for the metric", object(kdTree, "KDTree", tree(null, null)), asset.Unverified, typ},
		{"tree with a list for a state", object(kdTree, "KDTree", list(tree(metric, null))), asset.Unverified, typ},
		{"tree whose state is another one", list(n("TupleNode", "builtins", "tuple", `"content":[],"__id__":5`),
			object(kdTree, "KDTree", strings.TrimSuffix(tree(metric, null), "}")+`,"__id__":5}`)), asset.Unverified, typ},
		{"distance with None for an array", object(metrics, "EuclideanDistance64", tuple(number, null, array)), asset.Unverified, typ},
		{"distance that calls a function", object(metrics, "PyFuncDistance64", tuple(number, array, array)), asset.Unverified, typ},
		{"unknown type", n("ObjectNode", "merlon_test", "Model", ""), asset.Unverified, typ},
		{"known type, wrong loader", n("FunctionNode", "sklearn.svm._classes", "SVC", ""), asset.Unverified, typ},
		{"dotted name", n("FunctionNode", "numpy", "log1p.reduce", ""), asset.Unverified, typ},
		{"partial", n("PartialNode", "functools", "partial", `"content":{}`), asset.Unverified, typ},
		{"operator", n("OperatorFuncNode", "operator", "itemgetter", `"attrs":`+tuple(str("a"))), asset.Unverified, typ},
		{"operator, internals", n("OperatorFuncNode", "operator", "attrgetter", `"attrs":`+tuple(str("__class__.__mro__"))), asset.Malicious, call},
		{"operator call", n("OperatorFuncNode", "operator", "call", `"attrs":`+tuple(svc)), asset.Malicious, call},
		{"operator under another name", n("OperatorFuncNode", "sklearn.svm._classes", "methodcaller", `"attrs":`+tuple(str("a"))), asset.Malicious, spoof},
		{"method", n("MethodNode", "sklearn.svm._classes", "SVC", `"content":{"func":"predict","obj":`+svc+`}`), asset.Unverified, typ},
		{"method of another type", n("MethodNode", "builtins", "str", `"content":{"func":"predict","obj":`+svc+`}`), asset.Malicious, spoof},
		{"method, internals", n("MethodNode", "sklearn.svm._classes", "SVC", `"content":{"func":"__reduce__","obj":`+svc+`}`), asset.Malicious, call},
		{"one identity, two types", list(n("ObjectNode", "sklearn.svm._classes", "SVC", `"__id__":7`), n("ObjectNode", "sklearn.svm._classes", "SVR", `"__id__":7`)), asset.Malicious, spoof},
		{"one identity, one type", list(n("ObjectNode", "sklearn.svm._classes", "SVC", `"__id__":7`), n("ObjectNode", "sklearn.svm._classes", "SVC", `"__id__":7`)), asset.OK, ""},
		{"cached", list(n("ObjectNode", "sklearn.svm._classes", "SVC", `"__id__":7`), n("CachedNode", "builtins", "dict", `"__id__":7`)), asset.OK, ""},
		{"cached, of nothing", list(n("CachedNode", "builtins", "dict", `"__id__":7`)), asset.Failed, ""},
		{"generator", n("RandomGeneratorNode", "numpy.random._generator", "Generator",
			`"content":{"bit_generator":`+n("DictNode", "builtins", "dict", `"content":{"bit_generator":`+str("PCG64")+`}`)+`}`), asset.OK, ""},
		{"generator of anything", n("RandomGeneratorNode", "numpy.random._generator", "Generator",
			`"content":{"bit_generator":`+n("DictNode", "builtins", "dict", `"content":{"bit_generator":`+str("seed")+`}`)+`}`), asset.Unverified, typ},
		{"file", n("BytesNode", "builtins", "bytes", `"file":"a.bin"`), asset.OK, ""},
		{"missing file", n("BytesNode", "builtins", "bytes", `"file":"b.bin"`), asset.Failed, ""},
		{"no class", `{"__loader__":"ObjectNode","__module__":"os"}`, asset.Failed, ""},
		{"class twice", `{"__loader__":"ObjectNode","__module__":"merlon_test","__class__":"a","__class__":"b"}`, asset.Failed, typ},
		{"no tree", `{}`, asset.Failed, ""},
		{"no JSON", `{"__loader__":`, asset.Failed, ""},
		{"too deep", strings.Repeat(`[`, 5000), asset.Failed, ""},
	} {
		r := artifacttest.Scan(t, skops.New(), "m.skops", model(t, tt.schema, "a.bin"))
		if r.Verdict != tt.verdict || strings.Join(r.Rules(), " ") != tt.rule {
			t.Errorf("%s: %q %v %v %v, want %q %q", tt.name, r.Verdict, r.Rules(), r.Messages(), r.Errors, tt.verdict, tt.rule)
		}
	}
}

func TestFindingsNameTheVulnerability(t *testing.T) {
	b := model(t, n("OperatorFuncNode", "sklearn.svm", "methodcaller", `"attrs":`+str("a")))
	if all := strings.Join(artifacttest.Scan(t, skops.New(), "m.skops", b).Messages(), "\n"); !strings.Contains(all, "CVE-2025-54412 in skops < 0.12.0") {
		t.Error(all)
	}
}

func TestWhatIsNotSkops(t *testing.T) {
	if r := artifacttest.Scan(t, skops.New(), "m.skops", []byte("\x80\x04N.")); r.Verdict != asset.Unverified || strings.Join(r.Rules(), "") != noZip {
		t.Errorf("a pickle named .skops: %q %v", r.Verdict, r.Rules())
	}
	for name, b := range map[string][]byte{
		"other.zip": model(t, `{"$schema":"x"}`),
		"pickle":    []byte("\x80\x04N."),
	} {
		if r := artifacttest.Scan(t, skops.New(), name, b); r.Verdict != "" {
			t.Errorf("%s: verdict %q", name, r.Verdict)
		}
	}
}

func TestDescribe(t *testing.T) {
	d, err := artifacttest.Describe(t, skops.New(), "m.skops", read(t, "pipeline.skops"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]any{} // made by NumPy
	var raw map[string][2]any
	if err := json.Unmarshal(read(t, "pipeline.json"), &raw); err != nil {
		t.Fatal(err)
	}
	for k, v := range raw {
		want[k] = v
	}
	got := map[string][2]any{}
	for _, x := range d.Tensors {
		if _, listed := want[x.Name]; listed {
			shape := []any{}
			for _, s := range x.Shape {
				shape = append(shape, float64(s))
			}
			got[x.Name] = [2]any{x.DType, shape}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tensors (-NumPy +merlon)\n%s", diff)
	}
	if d.Format != "skops" || d.Version != "2" || len(d.Tensors) != 8 {
		t.Errorf("%s %s with %d tensors", d.Format, d.Version, len(d.Tensors))
	}
}

func TestHostileBytes(t *testing.T) {
	s := skops.New()
	artifacttest.CheckRules(t, s)
	b := read(t, "pipeline.skops")
	artifacttest.Truncate(t, s, "m.skops", b, nil)
	artifacttest.Mutate(t, s, "m.skops", b, 500)
}

func FuzzSkops(f *testing.F) {
	f.Add([]byte(n("ListNode", "builtins", "list", `"content":[`+str("a")+`]`)))
	f.Add([]byte(n("MethodNode", "a", "b", `"content":{"func":"c","obj":`+str("a")+`}`)))
	f.Fuzz(func(t *testing.T, schema []byte) {
		artifacttest.Fuzz(t, skops.New(), "m.skops", model(t, string(schema)))
	})
}
