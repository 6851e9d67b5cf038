package tensorflow

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/internal/prototest"
	"github.com/merlon-security/merlon/model/artifact/keras"
	"github.com/merlon-security/merlon/scan"
)

type msg = prototest.Msg

var both = []scan.Scanner{New(), keras.New()}

func node(name, op string, inputs ...string) msg {
	n := msg{}.Str(1, name).Str(2, op)
	for _, in := range inputs {
		n = n.Str(3, in)
	}
	return n
}

// attr adds an attribute to a node.
func attr(n msg, key string, value msg) msg { return n.Sub(5, msg{}.Str(1, key).Sub(2, value)) }

func constant(name, text string) msg {
	return attr(node(name, "Const"), "value", msg{}.Sub(8, msg{}.Int(1, 7).Sub(2, msg{}).Str(8, text)))
}

// floats is a constant with a shape and some bytes.
func floats(dim int64, stored int) msg {
	return attr(node("c", "Const"), "value", msg{}.Sub(8, msg{}.Int(1, 1).Sub(2, msg{}.Sub(2, msg{}.Int(1, dim))).Str(4, strings.Repeat("\x00", stored))))
}

func graph(nodes ...msg) msg {
	g := msg{}
	for _, n := range nodes {
		g = g.Sub(1, n)
	}
	return g.Sub(4, msg{}.Int(1, 1987))
}

func function(name string, nodes ...msg) msg {
	f := msg{}.Sub(1, msg{}.Str(1, name))
	for _, n := range nodes {
		f = f.Sub(3, n)
	}
	return f
}

func saved(g msg, more ...msg) []byte {
	meta := msg{}.Sub(1, msg{}.Str(4, "serve").Str(5, "2.21.0")).Sub(2, g)
	for _, m := range more {
		meta = append(meta, m...)
	}
	return msg{}.Int(1, 1).Sub(2, meta)
}

var x = node("x", "Placeholder")

func TestThreats(t *testing.T) {
	lambda := `{"name":"l","class_name":"Lambda","config":{"name":"l","function":["4wEAAAA=",null,null],"function_type":"lambda"}}`
	for name, tt := range map[string]struct {
		model   []byte
		verdict asset.Verdict
		rule    string
		says    string
	}{
		"plain":                 {saved(graph(x, node("y", "Relu", "x"))), asset.OK, "", ""},
		"read":                  {saved(graph(constant("p", "/etc/passwd"), node("r", "ReadFile", "p"))), asset.Malicious, ruleFile, `reads a file: "/etc/passwd"`},
		"read in disorder":      {saved(graph(node("r", "ReadFile", "i:0"), node("i", "Identity", "p"), constant("p", "/etc/passwd"))), asset.Malicious, ruleFile, `"/etc/passwd"`},
		"write in a function":   {saved(graph(node("f", "PartitionedCall")).Sub(2, msg{}.Sub(1, function("f", constant("p", "/tmp/merlon-test"), node("w", "WriteFile", "p:output:0", "x"))))), asset.Malicious, ruleFile, `of function "f" writes a file: "/tmp/merlon-test"`},
		"write what is asked":   {saved(graph(node("w", "WriteFile", "x", "x"))), asset.Malicious, ruleFile, "writes a file."},
		"python":                {saved(graph(node("p", "EagerPyFunc", "x"))), asset.Malicious, rulePython, ""},
		"stateless python":      {saved(graph(node("p", "PyFuncStateless", "x"))), asset.Malicious, rulePython, ""},
		"a node named PyFunc":   {saved(graph(node("PyFunc", "Relu", "x"))), asset.OK, "", ""},
		"text that says PyFunc": {saved(graph(constant("WriteFile", "PyFunc ReadFile /etc/passwd"))), asset.OK, "", ""},
		"debug to a server":     {saved(graph(attr(node("d", "DebugIdentity", "x"), "debug_urls", msg{}.Sub(1, msg{}.Str(2, "grpc://example.org:1"))))), asset.Malicious, ruleSystem, "grpc://example.org:1"},
		"debug to nobody":       {saved(graph(node("d", "DebugIdentity", "x"))), asset.OK, "", ""},
		"print to a file":       {saved(graph(attr(node("d", "PrintV2", "x"), "output_stream", msg{}.Str(2, "file:///tmp/merlon-test")))), asset.Malicious, ruleSystem, ""},
		"print":                 {saved(graph(attr(node("d", "PrintV2", "x"), "output_stream", msg{}.Str(2, "stderr")))), asset.OK, "", ""},
		"summary":               {saved(graph(constant("p", "/tmp/x"), node("s", "CreateSummaryFileWriter", "w", "p"))), asset.Malicious, ruleSystem, "/tmp/x"},
		"custom":                {saved(graph(node("e", "Evil", "x"))), asset.Unverified, ruleCustom, "Evil"},
		"custom in a function":  {saved(graph(x).Sub(2, msg{}.Sub(1, function("f", node("e", "Evil"))))), asset.Unverified, ruleCustom, ""},
		"function as operation": {saved(graph(node("e", "Mine", "x")).Sub(2, msg{}.Sub(1, function("Mine", x)))), asset.OK, "", ""},
		"reader":                {saved(graph(constant("p", "data.tfrecord"), node("d", "TFRecordDatasetV2", "p"))), asset.Unverified, ruleReader, "data.tfrecord"},
		"restore elsewhere":     {saved(graph(constant("p", "/etc/x"), node("r", "RestoreV2", "p"))), asset.Malicious, rulePath, "/etc/x"},
		"restore":               {saved(graph(constant("p", "model"), node("r", "RestoreV2", "p"))), asset.OK, "", ""},
		"asset outside":         {saved(graph(x), msg{}.Sub(6, msg{}.Str(2, "../../etc/passwd"))), asset.Malicious, ruleAsset, "out of the model's folder"},
		"asset absolute":        {saved(graph(x), msg{}.Sub(6, msg{}.Str(2, "/etc/passwd"))), asset.Malicious, ruleAsset, ""},
		"asset missing":         {saved(graph(x), msg{}.Sub(6, msg{}.Str(2, "vocab.txt"))), asset.Failed, ruleMissing, ""},
		"second graph":          {append(saved(graph(x)), msg{}.Sub(2, msg{}.Sub(2, graph(node("p", "PyFunc"))))...), asset.Malicious, rulePython, ""},
		"keras lambda":          {saved(graph(x), msg{}.Sub(7, msg{}.Sub(1, msg{}.Sub(4, msg{}.Str(1, "_tf_keras_layer").Str(3, lambda))))), asset.Unverified, "artifact/keras-lambda", ""},
		"keras custom layer":    {saved(graph(x), msg{}.Sub(7, msg{}.Sub(1, msg{}.Sub(4, msg{}.Str(1, "_tf_keras_layer").Str(3, `{"class_name":"Mine","config":{}}`))))), asset.OK, "", ""},
		"more than stored":      {saved(graph(floats(1000, 16))), asset.Failed, ruleSize, "16 stored"},
		"as stored":             {saved(graph(floats(4, 16))), asset.OK, "", ""},
		"repeated value":        {saved(graph(floats(1<<40, 0))), asset.Unverified, ruleExpand, ""},
		"negative":              {saved(graph(floats(-5, 0))), asset.Failed, ruleSize, "negative"},
		"unknown field":         {saved(graph(x).Str(77, "payload")), asset.Unverified, ruleHidden, "77"},
		"no version":            {saved(msg{}.Sub(1, x)), asset.Failed, "", ""},
		"no graph":              {msg{}.Int(1, 1), asset.Failed, "", ""},
		"empty":                 {nil, asset.Failed, "", ""},
		"evil and cut off":      {append(saved(graph(node("p", "PyFunc"))), msg{}.Lie(2, 1<<40)...), asset.Malicious, rulePython, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := artifacttest.ScanAll(t, both, "m/saved_model.pb", tt.model)
			if r.Verdict != tt.verdict {
				t.Errorf("verdict %q, want %q: %v %v", r.Verdict, tt.verdict, r.Messages(), r.Errors)
			}
			if tt.rule == "" && len(r.Findings) > 0 || tt.rule != "" && !slices.Contains(r.Rules(), tt.rule) {
				t.Errorf("rules %v, want %q: %v", r.Rules(), tt.rule, r.Messages())
			}
			if !strings.Contains(strings.Join(r.Messages(), "\n"), tt.says) {
				t.Errorf("%q is not in %q", tt.says, r.Messages())
			}
		})
	}
}

func TestKinds(t *testing.T) {
	for name, tt := range map[string]struct {
		model  []byte
		format string
	}{
		"blob":      {saved(graph(node("p", "PyFunc"))), "tensorflow-savedmodel"},
		"frozen.pb": {graph(node("p", "PyFunc")), "tensorflow-graph"},
		"x.meta":    {msg{}.Sub(1, msg{}.Str(4, "train").Str(5, "1.15")).Sub(2, graph(node("p", "PyFunc"))), "tensorflow-metagraph"},
		"y.meta":    {msg{}.Sub(2, graph(node("p", "PyFunc"))), "tensorflow-metagraph"},
	} {
		if r := artifacttest.Scan(t, New(), name, tt.model); r.Verdict != asset.Malicious || r.Format != tt.format {
			t.Errorf("%s: %q %q, want malicious %q", name, r.Verdict, r.Format, tt.format)
		}
	}
	for name, b := range map[string]string{"a": "", "b": "hello", "c.pb": "\x08\x0a\x12\x03abc", "d": "\x0a\x03abc",
		"e.py": "\n\"\"\"\nExternal, bundled dependencies.\n\n\"\"\"\n"} {
		if r := artifacttest.Scan(t, New(), name, []byte(b)); r.Verdict != asset.Unknown {
			t.Errorf("%s: %q is taken for %s", name, b, r.Format)
		}
	}
}

type row struct {
	Name  string  `json:"name"`
	DType string  `json:"dtype"`
	Shape []int64 `json:"shape"`
}

// TestLibraries reads what TensorFlow wrote (bench/formats/tensorflow/make.py), and
// compares with what its own messages say about variables and constants.
func TestLibraries(t *testing.T) {
	for name, want := range map[string]asset.Verdict{
		"module/saved_model.pb": asset.OK, "graph.pb": asset.OK, "graph.meta": asset.OK, "keras/saved_model.pb": asset.OK,
		"keras/keras_metadata.pb": asset.Unverified, // a Lambda layer
		"files/saved_model.pb":    asset.Malicious, "python/saved_model.pb": asset.Malicious,
		"graph.pbtxt": asset.OK, "files/saved_model.pbtxt": asset.Malicious,
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name)
			r := artifacttest.ScanPath(t, both, file)
			if r.Verdict != want || want == asset.OK && len(r.Findings) > 0 {
				t.Errorf("verdict %q, want %q: %v %v", r.Verdict, want, r.Messages(), r.Errors)
			}
			content, err := os.ReadFile(file)
			if err != nil || strings.HasSuffix(name, "keras_metadata.pb") {
				return
			}
			if r := artifacttest.Scan(t, New(), "blob", content); r.Verdict == asset.Unknown && !strings.HasSuffix(name, "txt") {
				t.Error("not recognised without its name")
			}
			d, err := artifacttest.Describe(t, New(), name, content)
			if err != nil {
				t.Fatal(err)
			}
			var wantRows []row
			b, err := os.ReadFile(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(file, "txt"), ".pb"), ".meta") + ".json")
			if err == nil {
				err = json.Unmarshal(b, &wantRows)
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []row
			for _, x := range d.Tensors {
				got = append(got, row{x.Name, x.DType, x.Shape})
			}
			order := func(a, b row) int { return strings.Compare(a.key(), b.key()) }
			slices.SortFunc(wantRows, order)
			slices.SortFunc(got, order)
			if diff := cmp.Diff(wantRows, got); diff != "" {
				t.Errorf("TensorFlow says otherwise (-) than merlon (+):\n%s", diff)
			}
		})
	}
}

func (r row) key() string {
	b, _ := json.Marshal(r)
	return string(b)
}

func TestHostile(t *testing.T) {
	for _, name := range []string{"graph.pb", "graph.meta", "python/saved_model.pb"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		artifacttest.Mutate(t, New(), "m.pb", content, 200)
	}
	small := saved(graph(constant("p", "model"), node("r", "RestoreV2", "p"), floats(4, 16)).Sub(2, msg{}.Sub(1, function("f", x))))
	artifacttest.Truncate(t, New(), "saved_model.pb", small, nil)
	frozen := []byte(graph(constant("p", "model"), node("r", "RestoreV2", "p"), x))
	artifacttest.Truncate(t, New(), "frozen.pb", frozen, nil)
	meta := []byte(msg{}.Sub(1, msg{}.Str(5, "1")).Sub(2, graph(x)).Sub(5, msg{}.Str(1, "s")))
	_, _, info := protowire.ConsumeField(meta)
	_, _, g := protowire.ConsumeField(meta[info:])
	// Without its signatures a MetaGraph is shorter, but whole.
	artifacttest.Truncate(t, New(), "x.meta", meta, func(n int) bool { return n == info+g })
}

func TestRules(t *testing.T) { artifacttest.CheckRules(t, New()) }

func FuzzScan(f *testing.F) {
	for _, name := range []string{"graph.pb", "graph.meta", "files/saved_model.pb"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(saved(graph(constant("p", "/x"), node("r", "ReadFile", "p"))))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, New(), "saved_model.pb", b) })
}
