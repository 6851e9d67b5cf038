package coreml

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/internal/prototest"
	"github.com/merlon-security/merlon/scan"
)

type msg = prototest.Msg

func model(kind int, m msg) []byte {
	feature := msg{}.Str(1, "x").Sub(3, msg{}.Sub(2, msg{}))
	return msg{}.Int(1, 4).Sub(2, msg{}.Sub(1, feature).Sub(10, feature)).Sub(kind, m)
}

func network(layers ...msg) []byte {
	n := msg{}
	for _, l := range layers {
		n = n.Sub(1, l)
	}
	return model(500, n)
}

// program is one of one operation.
func program(op msg) []byte {
	block := msg{}.Str(2, "y").Sub(3, op)
	function := msg{}.Str(2, "CoreML7").Sub(3, msg{}.Str(1, "CoreML7").Sub(2, block))
	return model(502, msg{}.Int(1, 1).Sub(2, msg{}.Str(1, "main").Sub(2, function)))
}

func constant(file string, offset int64) msg {
	value := msg{}.Sub(5, msg{}.Str(1, file).Int(2, offset))
	return msg{}.Str(1, "const").Sub(5, msg{}.Str(1, "val").Sub(2, value))
}

func TestThreats(t *testing.T) {
	relu := msg{}.Str(1, "act").Sub(130, msg{}.Sub(10, msg{}))
	custom := msg{}.Str(1, "evil").Sub(500, msg{}.Str(10, "EvilLayer"))
	for name, tt := range map[string]struct {
		model   []byte
		verdict asset.Verdict
		rule    string
		says    string
	}{
		"plain":                {network(relu), asset.OK, "", ""},
		"custom layer":         {network(relu, custom), asset.Unverified, ruleCustom, "EvilLayer"},
		"in a branch":          {network(msg{}.Sub(605, msg{}.Sub(1, msg{}.Sub(1, custom)))), asset.Unverified, ruleCustom, "EvilLayer"},
		"a layer named custom": {network(msg{}.Str(1, "custom").Sub(130, msg{})), asset.OK, "", ""},
		"custom model":         {model(555, msg{}.Str(10, "EvilModel")), asset.Unverified, ruleCustom, "EvilModel"},
		"in a pipeline":        {model(202, msg{}.Sub(1, msg(model(555, msg{}.Str(10, "EvilModel"))))), asset.Unverified, ruleCustom, "EvilModel"},
		"linked":               {model(556, msg{}.Sub(1, msg{}.Sub(1, msg{}.Str(1, "other")))), asset.Unverified, ruleLinked, "other"},
		"linked elsewhere":     {model(556, msg{}.Sub(1, msg{}.Sub(1, msg{}.Str(1, "../../other")))), asset.Malicious, ruleLinked, "other"},
		"serialized":           {model(3000, msg{}.Str(1, "com.apple.x").Str(2, "blob")), asset.Unverified, ruleOpaque, "com.apple.x"},
		"operation":            {program(msg{}.Str(1, "relu")), asset.OK, "", ""},
		"unknown operation":    {program(msg{}.Str(1, "evil")), asset.Unverified, ruleOp, "evil"},
		"weights elsewhere":    {program(constant("@model_path/../../etc/passwd", 64)), asset.Malicious, rulePath, "passwd"},
		"weights at the root":  {program(constant("/etc/passwd", 64)), asset.Malicious, rulePath, "absolute"},
		"weights missing":      {program(constant("@model_path/weights/weight.bin", 64)), asset.Failed, ruleMissing, "weight.bin"},
		"unknown field":        {append(network(relu), msg{}.Str(9999, "payload")...), asset.Unverified, ruleHidden, "9999"},
		"no model":             {msg{}.Int(1, 4), asset.Failed, "", ""},
		"evil and cut off":     {append(network(custom), msg{}.Lie(502, 1<<40)...), asset.Failed, ruleCustom, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := artifacttest.Scan(t, New(), "m.mlmodel", tt.model)
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

func TestManifest(t *testing.T) {
	manifest := func(path string) []byte {
		return []byte(`{"fileFormatVersion":"1.0.0","itemInfoEntries":{"a":{"name":"m","path":"` + path + `"}},"rootModelIdentifier":"a"}`)
	}
	for path, want := range map[string]asset.Verdict{"../../etc/passwd": asset.Malicious, "/etc/passwd": asset.Malicious, "missing": asset.Failed} {
		if r := artifacttest.Scan(t, New(), "Manifest.json", manifest(path)); r.Verdict != want {
			t.Errorf("%s: verdict %q, want %q", path, r.Verdict, want)
		}
	}
	if r := artifacttest.Scan(t, New(), "Manifest.json", []byte(`{"a":1}`)); r.Verdict != asset.Unknown {
		t.Errorf("another manifest: %q", r.Verdict)
	}
}

// TestLibraries reads what coremltools wrote (bench/formats/coreml/make.py).
func TestLibraries(t *testing.T) {
	for file, want := range map[string]asset.Verdict{"network.mlmodel": asset.OK, "regressor.mlmodel": asset.OK, "program.mlpackage": asset.OK, "quantised.mlpackage": asset.OK,
		"custom.mlmodel": asset.Unverified, "model.mlmodel": asset.Unverified} {
		r := artifacttest.ScanPath(t, []scan.Scanner{New()}, filepath.Join("testdata", file))
		if r.Verdict != want || want == asset.OK && len(r.Findings) > 0 {
			t.Errorf("%s: verdict %q, want %q: %v %v", file, r.Verdict, want, r.Messages(), r.Errors)
		}
	}
	type row struct {
		Name  string  `json:"name"`
		DType string  `json:"dtype"`
		Shape []int64 `json:"shape"`
	}
	for _, name := range []string{"program", "quantised"} {
		d, err := artifacttest.Describe(t, New(), "m.mlmodel", load(t, name+".mlpackage/Data/com.apple.CoreML/model.mlmodel"))
		if err != nil {
			t.Fatal(err)
		}
		var want, got []row
		if err := json.Unmarshal(load(t, name+".json"), &want); err != nil {
			t.Fatal(err)
		}
		for _, x := range d.Tensors {
			got = append(got, row{x.Name, x.DType, x.Shape})
		}
		slices.SortFunc(got, func(a, b row) int { return strings.Compare(a.Name, b.Name) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: coremltools says otherwise (-) than merlon (+):\n%s", name, diff)
		}
	}
	d, err := artifacttest.Describe(t, New(), "m.mlmodel", load(t, "network.mlmodel"))
	if err != nil || len(d.Tensors) != 2 || d.Tensors[0].Name != "dense.weights" || d.Tensors[0].Shape[0] != 12 {
		t.Errorf("%+v, %v", d, err)
	}
	for _, file := range []string{"network.mlmodel", "custom.mlmodel"} {
		if r := artifacttest.Scan(t, New(), "blob", load(t, file)); r.Format != "coreml" {
			t.Errorf("%s is not recognised without its name", file)
		}
	}
}

func load(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHostile(t *testing.T) {
	for _, file := range []string{"network.mlmodel", "regressor.mlmodel"} {
		artifacttest.Truncate(t, New(), "m.mlmodel", load(t, file), nil)
		artifacttest.Mutate(t, New(), "m.mlmodel", load(t, file), 200)
	}
	artifacttest.Mutate(t, New(), "m.mlmodel", load(t, "program.mlpackage/Data/com.apple.CoreML/model.mlmodel"), 200)
	artifacttest.Truncate(t, New(), "Manifest.json", load(t, "program.mlpackage/Manifest.json"), nil)
}

// A SavedModel of TensorFlow begins alike: a version, and a message whose first field
// is a message whose second field is a long list of operations.
func TestOthersAreLeftAlone(t *testing.T) {
	ops := msg{}.Str(2, "\n\x05AddV2"+strings.Repeat("\n\x03Mul", 2000))
	saved := msg{}.Int(1, 1).Sub(2, msg{}.Sub(1, ops).Sub(2, msg{}))
	if r := artifacttest.Scan(t, New(), "saved_model.pb", []byte(saved)); r.Verdict != asset.Unknown || len(r.Errors) > 0 {
		t.Errorf("verdict %q, errors %v", r.Verdict, r.Errors)
	}
}

func TestRules(t *testing.T) { artifacttest.CheckRules(t, New()) }

func FuzzScan(f *testing.F) {
	f.Add(load(f, "network.mlmodel"))
	f.Add(load(f, "program.mlpackage/Data/com.apple.CoreML/model.mlmodel"))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, New(), "m.mlmodel", b) })
}
