package keras

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/scan"
)

// marshalled is a function that some Python wrote (engine/marshal/testdata).
func marshalled(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../../engine/marshal/testdata/" + name + ".bin")
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// dense is a layer of Keras; layer makes one of anything.
const dense = `{"module":"keras.layers","class_name":"Dense","config":{"name":"d","units":3,"activation":"relu",` +
	`"kernel_initializer":{"module":"keras.initializers","class_name":"GlorotUniform","config":{"seed":null},"registered_name":null}},"registered_name":null}`

func layer(module, class, config string) string {
	return `{"module":"` + module + `","class_name":"` + class + `","config":` + config + `,"registered_name":null}`
}

func sequential(layers ...string) string {
	return `{"module":"keras","class_name":"Sequential","config":{"name":"s","layers":[` + strings.Join(layers, ",") + `]},"registered_name":null,"build_config":{"input_shape":[null,4]}}`
}

func fn(module, name string) string {
	return `{"class_name":"function","module":"` + module + `","config":"` + name + `","registered_name":"` + name + `"}`
}

func TestConfig(t *testing.T) {
	harmless, evil := marshalled(t, "312-1"), marshalled(t, "312-2")
	lambda := func(code string) string {
		return layer("keras.layers", "Lambda", `{"name":"l","function":{"class_name":"__lambda__","config":{"code":"`+code+`","defaults":null,"closure":null}}}`)
	}
	for name, tt := range map[string]struct {
		config  string
		verdict asset.Verdict
		rule    string
		says    string
	}{
		"plain":                      {sequential(dense), asset.OK, "", ""},
		"functions of keras":         {sequential(layer("keras.layers", "Activation", `{"activation":`+fn("builtins", "leaky_relu")+`}`)), asset.OK, "", ""},
		"function as keras has it":   {sequential(layer("keras.layers", "Activation", `{"fn":{"module":"builtins","class_name":"function","config":"mean_squared_error","registered_name":"function"}}`)), asset.OK, "", ""},
		"function of somebody":       {sequential(layer("keras.layers", "Activation", `{"fn":{"module":"builtins","class_name":"function","config":"relu","registered_name":"mine>relu"}}`)), asset.Unverified, ruleCustom, "mine>relu"},
		"private module of keras":    {sequential(layer("keras.src.layers.core.dense", "Dense", `{}`)), asset.OK, "", ""},
		"module injection":           {sequential(layer("os", "system", `{"command":"echo merlon-test"}`)), asset.Malicious, ruleModule, "CVE-2025-1550 in keras >= 3.0.0, < 3.9.0"},
		"function of a module":       {sequential(layer("keras.layers", "Lambda", `{"name":"l","function":`+fn("subprocess", "run")+`}`)), asset.Malicious, ruleModule, "subprocess.run"},
		"builtin":                    {sequential(layer("keras.layers", "Lambda", `{"name":"l","function":`+fn("builtins", "eval")+`}`)), asset.Malicious, ruleModule, "builtins.eval"},
		"injected deep down":         {sequential(layer("keras.layers", "TimeDistributed", `{"layer":`+layer("keras.layers", "Dense", `{"kernel_initializer":`+layer("pickle", "loads", `{}`)+`}`)+`}`)), asset.Malicious, ruleModule, "pickle.loads"},
		"in the compile config":      {`{"module":"keras","class_name":"Sequential","config":{"layers":[]},"compile_config":{"loss":` + fn("os", "system") + `}}`, asset.Malicious, ruleModule, ""},
		"a layer named os":           {sequential(layer("keras.layers", "Dense", `{"name":"os.system","units":1}`)), asset.OK, "", ""},
		"data that look like it":     {sequential(layer("keras.layers", "Dense", `{"note":"{\"module\":\"os\",\"class_name\":\"system\"}"}`)), asset.OK, "", ""},
		"get_file":                   {sequential(layer("keras.layers", "Lambda", `{"name":"l","function":`+fn("keras.utils", "get_file")+`,"arguments":{"origin":"https://example.org/x"}}`)), asset.Malicious, ruleGadget, "CVE-2025-8747"},
		"get_file of a private one":  {sequential(layer("keras.layers", "Lambda", `{"name":"l","function":`+fn("keras.src.utils.file_utils", "get_file")+`}`)), asset.Malicious, ruleGadget, ""},
		"load_model":                 {sequential(layer("keras.models", "load_model", `{}`)), asset.Malicious, ruleGadget, ""},
		"unsafe deserialization":     {sequential(layer("keras.config", "enable_unsafe_deserialization", `{}`)), asset.Malicious, ruleUnsafe, "CVE-2025-9906"},
		"the same as a function":     {sequential(layer("keras.layers", "Lambda", `{"name":"l","function":`+fn("keras.config", "enable_unsafe_deserialization")+`}`)), asset.Malicious, ruleUnsafe, ""},
		"safe_mode false":            {sequential(layer("keras.layers", "Dense", `{"inner":{"safe_mode":false}}`)), asset.Unverified, ruleUnsafe, "safe_mode"},
		"safe_mode true":             {sequential(layer("keras.layers", "Dense", `{"safe_mode":true}`)), asset.OK, "", ""},
		"a layer named safe_mode":    {sequential(layer("keras.layers", "Dense", `{"name":"safe_mode"}`)), asset.OK, "", ""},
		"lambda":                     {sequential(lambda(harmless)), asset.Unverified, ruleLambda, "reshape"},
		"dangerous lambda":           {sequential(lambda(evil)), asset.Malicious, ruleDanger, "__import__"},
		"dangerous legacy lambda":    {`{"class_name":"Sequential","config":{"layers":[{"class_name":"Lambda","config":{"name":"l","function":["` + evil + `\n",null,null],"function_type":"lambda"}}]}}`, asset.Malicious, ruleDanger, "system"},
		"dangerous output shape":     {`{"class_name":"Sequential","config":{"layers":[{"class_name":"Lambda","config":{"name":"l","function":["` + harmless + `",null,null],"function_type":"lambda","output_shape":["` + evil + `",null,null],"output_shape_type":"lambda"}}]}}`, asset.Malicious, ruleDanger, ""},
		"code that is none":          {sequential(lambda("AAAA")), asset.Unverified, ruleLambda, "cannot be read"},
		"custom":                     {sequential(`{"module":"mine.layers","class_name":"Scale","config":{},"registered_name":"mine>Scale"}`), asset.Unverified, ruleCustom, "mine>Scale"},
		"custom under a known name":  {sequential(`{"module":"keras.layers","class_name":"Dense","config":{},"registered_name":"mine>Dense"}`), asset.Unverified, ruleCustom, "mine>Dense"},
		"torch module":               {sequential(layer("keras.layers", "TorchModuleWrapper", `{"module":"UEsDBA=="}`)), asset.Malicious, ruleTorch, "CVE-2025-49655"},
		"vocabulary from a file":     {sequential(layer("keras.layers", "StringLookup", `{"vocabulary":"/etc/passwd"}`)), asset.Malicious, ruleFile, "CVE-2025-12058"},
		"vocabulary from an address": {sequential(layer("keras.layers", "TextVectorization", `{"vocabulary":"https://example.org/v"}`)), asset.Malicious, ruleFile, ""},
		"vocabulary beside":          {sequential(layer("keras.layers", "StringLookup", `{"vocabulary":"vocab.txt"}`)), asset.Unverified, ruleFile, ""},
		"vocabulary":                 {sequential(layer("keras.layers", "StringLookup", `{"vocabulary":["/etc/passwd","b"]}`)), asset.OK, "", ""},
		"saved model":                {sequential(layer("keras.layers", "TFSMLayer", `{"filepath":"/tmp/x"}`)), asset.Malicious, ruleFile, "CVE-2026-1462"},
		"tensorflow function":        {`{"class_name":"Functional","config":{"layers":[{"class_name":"TFOpLambda","config":{"function":"math.multiply"}}]}}`, asset.OK, "", ""},
		"tensorflow write_file":      {`{"class_name":"Functional","config":{"layers":[{"class_name":"TFOpLambda","config":{"function":"io.write_file"}}]}}`, asset.Malicious, ruleTensor, "io.write_file"},
		"tensorflow unknown":         {`{"class_name":"Functional","config":{"layers":[{"class_name":"TFOpLambda","config":{"function":"summary.image"}}]}}`, asset.Unverified, ruleTensor, ""},
		"key twice":                  {`{"class_name":"Sequential","class_name":"Model","config":{}}`, asset.Unverified, ruleTwice, "class_name"},
		"first of two keys":          {sequential(`{"module":"keras.layers","class_name":"Dense","config":` + layer("os", "system", "{}") + `,"config":{}}`), asset.Malicious, ruleModule, ""},
		"cut off":                    {strings.TrimSuffix(sequential(dense), "}}"), asset.Failed, "", ""},
		"evil and cut off":           {sequential(layer("os", "system", `{}`)) + "x", asset.Malicious, ruleModule, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := artifacttest.Scan(t, New(), "model.json", []byte(tt.config))
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

func TestOtherJSON(t *testing.T) {
	for _, doc := range []string{`{"model_type":"bert","vocab_size":3}`, `{"class_name_map":{"class_name":1}}`, `[]`, `{`} {
		if r := artifacttest.Scan(t, New(), "config.json", []byte(doc)); r.Verdict != asset.Unknown || len(r.Errors) > 0 {
			t.Errorf("%s: verdict %q, %v", doc, r.Verdict, r.Errors)
		}
	}
}

// TestJSONHidden writes the key that a model is known by in escapes, or far from the
// beginning: Python reads the same from all of them.
func TestJSONHidden(t *testing.T) {
	doc := sequential(layer("keras.layers", "Activation", `{"activation":`+fn("os", "system")+`}`))
	pad := `{"pad":"` + strings.Repeat("x", 200_000) + `",`
	for name, hidden := range map[string]string{
		"plain": doc, "escapes": strings.ReplaceAll(doc, "class_name", `class\u005fname`), "all of it": strings.ReplaceAll(doc, "class_name", `\u0063lass_name`),
		"far": pad + doc[1:], "far, in escapes": pad + strings.ReplaceAll(doc[1:], "class_name", `clas\u0073_name`), "spaces": strings.Repeat(" ", 9000) + doc,
	} {
		if r := artifacttest.Scan(t, New(), "model.json", []byte(hidden)); r.Verdict != asset.Malicious {
			t.Errorf("%s: verdict %q, %v", name, r.Verdict, r.Errors)
		}
	}
	if r := artifacttest.Scan(t, New(), "other.json", []byte(pad+`"class":1}`)); r.Verdict != asset.Unknown || len(r.Errors) > 0 {
		t.Errorf("JSON of something else: %q %v", r.Verdict, r.Errors)
	}
}

// TestMethods calls methods by their names, which tf_keras does on classes of TensorFlow.
func TestMethods(t *testing.T) {
	for config, want := range map[string]asset.Verdict{
		layer("tf_keras.layers", "ClassMethod", `{"cls_symbol":"tf.RaggedTensor","method_name":"from_row_splits"}`): asset.OK,
		layer("tf_keras.layers", "ClassMethod", `{"cls_symbol":"tf.io.TFRecordWriter","method_name":"write"}`):      asset.Unverified,
		layer("tf_keras.layers", "InstanceMethod", `{"method_name":"to_tensor"}`):                                   asset.OK,
		layer("tf_keras.layers", "InstanceMethod", `{"method_name":"__reduce_ex__"}`):                               asset.Unverified,
		layer("tf_keras.layers", "TFOpLambda", `{"function":"import_graph_def"}`):                                   asset.Unverified,
	} {
		if r := artifacttest.Scan(t, New(), "model.json", []byte(sequential(config))); r.Verdict != want {
			t.Errorf("%s: verdict %q, want %q: %v", config, r.Verdict, want, r.Messages())
		}
	}
}

var both = []scan.Scanner{New(), archive.New()}

// TestLibraries scans what Keras itself wrote (bench/formats/keras/make.py).
func TestLibraries(t *testing.T) {
	want := map[string]asset.Verdict{"lambda": asset.Unverified, "custom": asset.Unverified, "danger": asset.Malicious}
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		if strings.HasSuffix(file, ".h5.json") {
			continue
		}
		n++
		base, _, _ := strings.Cut(filepath.Base(file), ".")
		verdict := asset.OK
		if v, ok := want[base]; ok {
			verdict = v
		}
		r := artifacttest.ScanPath(t, both, file)
		if r.Verdict != verdict {
			t.Errorf("%s: verdict %q, want %q: %v %v", file, r.Verdict, verdict, r.Messages(), r.Errors)
		}
		if verdict == asset.OK && len(r.Findings) > 0 {
			t.Errorf("%s: %v", file, r.Messages())
		}
	}
	if n < 12 {
		t.Errorf("only %d files", n)
	}
}

type row struct {
	Name  string  `json:"name"`
	DType string  `json:"dtype"`
	Shape []int64 `json:"shape"`
}

func TestDescribe(t *testing.T) {
	for _, name := range []string{"small.h5", "functional.h5", "recurrent.h5", "small.weights.h5", "small.keras"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := artifacttest.Describe(t, New(), name, b)
		if err != nil {
			t.Fatal(err)
		}
		oracle := name
		if name == "small.keras" { // the same weights as small.weights.h5
			oracle = "small.weights.h5"
			facts := map[string]any{}
			for _, f := range d.Facts {
				facts[f.Kind] = f.Value
			}
			if facts["architecture"] != "Sequential small" || facts["library"] != "keras 3.15.1" {
				t.Errorf("%v", facts)
			}
		}
		var want struct {
			Datasets []row `json:"datasets"`
		}
		j, err := os.ReadFile("testdata/" + oracle + ".json")
		if err == nil {
			err = json.Unmarshal(j, &want)
		}
		if err != nil {
			t.Fatal(err)
		}
		var got []row
		for _, x := range d.Tensors {
			got = append(got, row{x.Name, x.DType, x.Shape})
		}
		slices.SortFunc(got, func(a, b row) int { return strings.Compare(a.Name, b.Name) })
		if name == "small.keras" {
			if len(got) == 0 {
				t.Error("no tensors")
			}
			continue
		}
		if diff := cmp.Diff(want.Datasets, got); diff != "" {
			t.Errorf("%s: h5py says otherwise (-) than merlon (+):\n%s", name, diff)
		}
	}
}

func TestHDF5(t *testing.T) {
	for name, tt := range map[string]struct {
		verdict asset.Verdict
		rule    string
	}{
		"simple.h5": {asset.OK, ""}, "latest.h5": {asset.OK, ""}, "kinds.h5": {asset.OK, ""}, "dense.h5": {asset.OK, ""}, "userblock.h5": {asset.OK, ""},
		"external-storage.h5": {asset.Malicious, ruleExternal},
		"external-link.h5":    {asset.Malicious, ruleExternal},
		"virtual.h5":          {asset.Malicious, ruleExternal},
		"huge.h5":             {asset.Unverified, ruleHuge},
	} {
		r := artifacttest.ScanPath(t, both, "../../../engine/hdf5/testdata/"+name)
		if r.Verdict != tt.verdict || tt.rule != "" && !slices.Contains(r.Rules(), tt.rule) || tt.rule == "" && len(r.Findings) > 0 {
			t.Errorf("%s: verdict %q, want %q: %v %v", name, r.Verdict, tt.verdict, r.Messages(), r.Errors)
		}
	}
}

// TestUserBlock puts blocks of all sizes before a file, as HDF5 allows: h5py opens them
// all, and takes the addresses in the file from the signature on.
func TestUserBlock(t *testing.T) {
	b, err := os.ReadFile("testdata/danger.h5")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"m.h5", "M.HDF5", "m.model", "m.bin"} {
		for size := 512; size <= 1<<20; size *= 2 {
			r := artifacttest.Scan(t, New(), name, append(make([]byte, size), b...))
			if r.Verdict != asset.Malicious {
				t.Errorf("%s behind a block of %d bytes: verdict %q, %v", name, size, r.Verdict, r.Errors)
			}
		}
	}
	if r := artifacttest.Scan(t, New(), "m.bin", make([]byte, 1<<16)); r.Verdict != asset.Unknown || len(r.Errors) > 0 {
		t.Errorf("no HDF5: verdict %q, %v", r.Verdict, r.Errors)
	}
}

// TestLegacyLambda reads a file of Keras in which the code was replaced.
func TestLegacyLambda(t *testing.T) {
	r := artifacttest.ScanPath(t, both, "testdata/danger.h5")
	if r.Verdict != asset.Malicious || !slices.Contains(r.Rules(), ruleDanger) || !strings.Contains(strings.Join(r.Messages(), "\n"), "CVE-2025-9905") {
		t.Errorf("verdict %q: %v", r.Verdict, r.Messages())
	}
}

// TestArchive puts a configuration into a zip that is named like a model, or not.
func TestArchive(t *testing.T) {
	pack := func(name, config string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, m := range [][2]string{{"metadata.json", `{"keras_version":"3.8.0"}`}, {name, config}} {
			w, err := z.Create(m[0])
			if err == nil {
				_, err = io.WriteString(w, m[1])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	evil := sequential(layer("os", "system", `{"command":"echo merlon-test"}`))
	late := `{"x":"` + strings.Repeat("x", 8000) + `",` + evil[1:] // what counts lies behind the head
	for _, tt := range []struct {
		file, member, config string
		want                 asset.Verdict
	}{
		{"m.keras", "config.json", sequential(dense), asset.OK},
		{"m.keras", "config.json", evil, asset.Malicious},
		{"m.keras", "config.json", late, asset.Malicious},
		{"m.zip", "config.json", evil, asset.Malicious},
		{"m.zip", "config.json", late, asset.Malicious},
		{"m.keras", "config.json", "{", asset.Failed},
		{"m.keras", "config.json", "{}", asset.Failed},
		{"m.keras", "other.json", sequential(dense), asset.Failed},
	} {
		r := artifacttest.ScanAll(t, both, tt.file, pack(tt.member, tt.config))
		if r.Verdict != tt.want {
			t.Errorf("%s with %s %.60s: verdict %q, want %q: %v %v", tt.file, tt.member, tt.config, r.Verdict, tt.want, r.Messages(), r.Errors)
		}
	}
}

func TestHostile(t *testing.T) {
	config, err := os.ReadFile("testdata/small.config.json")
	if err != nil {
		t.Fatal(err)
	}
	artifacttest.Truncate(t, New(), "model.json", config, nil)
	artifacttest.Mutate(t, New(), "model.json", config, 300)
	for _, name := range []string{"custom.h5", "lambda.h5"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		artifacttest.Mutate(t, New(), name, b, 300)
	}
	b, err := os.ReadFile("../../../engine/hdf5/testdata/external-link.h5")
	if err != nil {
		t.Fatal(err)
	}
	artifacttest.Truncate(t, New(), "m.h5", b, nil)
}

func TestRules(t *testing.T) { artifacttest.CheckRules(t, New()) }

func FuzzConfig(f *testing.F) {
	f.Add([]byte(sequential(dense, layer("os", "system", "{}"))))
	f.Add([]byte(sequential(layer("keras.layers", "Lambda", `{"function":["`+marshalled(f, "312-2")+`"],"function_type":"lambda"}`))))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, New(), "model.json", b) })
}
