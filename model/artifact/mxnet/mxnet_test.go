package mxnet

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
)

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// symbol is a graph of one operator.
func symbol(op, attrs string) string {
	return `{"nodes":[{"op":"null","name":"data","inputs":[]},{"op":"` + op + `","name":"n","attrs":{` + attrs + `},"inputs":[[0,0,0]]}],"arg_nodes":[0],"heads":[[1,0,0]]}`
}

func TestThreats(t *testing.T) {
	net, params := read(t, "net-symbol.json"), read(t, "net-0001.params")
	swap := func(s, old, new string) string {
		if !strings.Contains(s, old) {
			t.Fatalf("%q is not there", old)
		}
		return strings.Replace(s, old, new, 1)
	}
	for name, tt := range map[string]struct {
		file, content string
		verdict       asset.Verdict
		rule          string
	}{
		"graph":                    {"a-symbol.json", net, asset.OK, ""},
		"graph of another name":    {"a.txt", net, asset.OK, ""},
		"address":                  {"a.json", symbol("_Native", `"info":"0x1234"`), asset.Malicious, rulePointer},
		"address for arrays":       {"a.json", symbol("_NDArray", `"info":"0x1234"`), asset.Malicious, rulePointer},
		"address in a loop":        {"a.json", swap(net, `"op": "elemwise_add"`, `"op": "_Native"`), asset.Malicious, rulePointer},
		"address by older keys":    {"a.json", strings.Replace(symbol("_Native", `"info":"0x1234"`), `"attrs"`, `"param"`, 1), asset.Malicious, rulePointer},
		"name of an address":       {"a.json", symbol("relu", `"info":"0x1234","__note__":"_Native"`), asset.OK, ""},
		"file":                     {"a.json", symbol("_cvimread", `"filename":"/etc/passwd"`), asset.Malicious, ruleFile},
		"class":                    {"a.json", symbol("Custom", `"op_type":"mine"`), asset.Unverified, ruleCustom},
		"other library":            {"a.json", symbol("evil", ""), asset.Unverified, ruleCustom},
		"input outside":            {"a.json", swap(symbol("relu", ""), `"inputs":[[0,0,0]]`, `"inputs":[[7,0,0]]`), asset.Failed, ruleIndex},
		"circle":                   {"a.json", swap(symbol("relu", ""), `"inputs":[[0,0,0]]`, `"inputs":[[1,0,0]]`), asset.Failed, ruleIndex},
		"negative input":           {"a.json", swap(symbol("relu", ""), `"inputs":[[0,0,0]]`, `"inputs":[[-1,0,0]]`), asset.Failed, ruleIndex},
		"head outside":             {"a.json", swap(symbol("relu", ""), `"heads":[[1,0,0]]`, `"heads":[[2,0,0]]`), asset.Failed, ruleIndex},
		"key twice":                {"a.json", swap(symbol("relu", ""), `"name":"n"`, `"name":"n","op":"relu"`), asset.Unverified, ruleTwice},
		"cut off":                  {"a-symbol.json", net[:len(net)/2], asset.Failed, ""},
		"no graph":                 {"a-symbol.json", "{}", asset.Failed, ""},
		"graph of something else":  {"a.json", `{"nodes":[{"op":"x","inputs":[]}],"edges":[]}`, asset.Unknown, ""},
		"arrays":                   {"a.params", params, asset.OK, ""},
		"arrays of another name":   {"a.bin", params, asset.OK, ""},
		"arrays cut in the data":   {"a.params", params[:100], asset.Failed, ruleSize},
		"arrays cut in a name":     {"a.params", params[:len(params)-3], asset.Failed, ""},
		"bytes behind":             {"a.params", params + "x", asset.Unverified, ruleHidden},
		"shape that overflows":     {"a.params", swap(params, "\x03\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00", "\x00\x00\x00\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00\x40"), asset.Failed, ruleSize},
		"negative dimension":       {"a.params", swap(params, "\x03\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00", "\xff\xff\xff\xff\xff\xff\xff\xff\x04\x00\x00\x00\x00\x00\x00\x00"), asset.Failed, ruleSize},
		"a larger shape":           {"a.params", swap(params, "\x03\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00", "\x03\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00"), asset.Failed, ruleSize},
		"more arrays than bytes":   {"a.params", listMagic + "\xff\xff\xff\xff\xff\xff\xff\x7f", asset.Failed, ruleSize},
		"fewer names":              {"a.params", swap(params, "\x04\x00\x00\x00\x00\x00\x00\x00\x0d", "\x03\x00\x00\x00\x00\x00\x00\x00\x0d"), asset.Failed, ""},
		"empty list":               {"a.params", listMagic + strings.Repeat("\x00", 16), asset.OK, ""},
		"array of before versions": {"a.params", listMagic + "\x01\x00\x00\x00\x00\x00\x00\x00" + "\x01\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00ab" + strings.Repeat("\x00", 8), asset.OK, ""},
		"unknown way of storing":   {"a.params", swap(params, "\xc9\xfa\x93\xf9\x00\x00\x00\x00", "\xc9\xfa\x93\xf9\x09\x00\x00\x00"), asset.Failed, ""},
		"unknown type":             {"a.params", swap(params, "\x00\x00\x00\x00\xf1\x19", "\x63\x00\x00\x00\xf1\x19"), asset.Failed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := artifacttest.Scan(t, New(), tt.file, []byte(tt.content))
			var want []string
			if tt.rule != "" {
				want = []string{tt.rule}
			}
			if diff := cmp.Diff(want, r.Rules()); r.Verdict != tt.verdict || diff != "" {
				t.Errorf("verdict %q, want %q; rules (-want +got) %s\n%v %v", r.Verdict, tt.verdict, diff, r.Messages(), r.Errors)
			}
		})
	}
}

// TestLibraries reads what MXNet wrote (bench/formats/mxnet/make.py), and compares
// with what it says about its arrays.
func TestLibraries(t *testing.T) {
	for _, name := range []string{"net-symbol.json", "net-0001.params", "sparse.params", "list.params", "numpy.params"} {
		content := []byte(read(t, name))
		if r := artifacttest.Scan(t, New(), name, content); r.Verdict != asset.OK || len(r.Findings) > 0 {
			t.Errorf("%s: %q %v %v", name, r.Verdict, r.Messages(), r.Errors)
		}
		d, err := artifacttest.Describe(t, New(), name, content)
		if err != nil {
			t.Fatal(err)
		}
		if name == "net-symbol.json" {
			var got []any
			for _, f := range d.Facts {
				got = append(got, f.Value)
			}
			want := []any{"mxnet", asset.Pair{Name: "mxnet_version", Value: "1.9.1"}, "Activation", "FullyConnected", "_foreach", "_mul_scalar", "elemwise_add"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("facts (-want +got)\n%s", diff)
			}
			continue
		}
		if name == "list.params" {
			if want := []asset.Tensor{{DType: "float16", Shape: []int64{2, 2}, Bytes: 8}}; !cmp.Equal(want, d.Tensors) {
				t.Errorf("%s: %v", name, d.Tensors)
			}
			continue
		}
		type row struct {
			Name  string  `json:"name"`
			DType string  `json:"dtype"`
			Shape []int64 `json:"shape"`
		}
		var want, got []row
		if err := json.Unmarshal([]byte(read(t, name+".tensors.json")), &want); err != nil {
			t.Fatal(err)
		}
		for _, x := range d.Tensors {
			got = append(got, row{x.Name, x.DType, x.Shape})
		}
		slices.SortFunc(got, func(a, b row) int { return strings.Compare(a.Name, b.Name) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: MXNet says otherwise (-) than merlon (+):\n%s", name, diff)
		}
	}
}

func TestHostileBytes(t *testing.T) {
	artifacttest.CheckRules(t, New())
	for _, name := range []string{"net-0001.params", "sparse.params", "numpy.params", "net-symbol.json"} {
		b := []byte(read(t, name))
		artifacttest.Truncate(t, New(), name, b, nil)
		artifacttest.Mutate(t, New(), name, b, 300)
	}
}

func FuzzParams(f *testing.F) {
	f.Add([]byte(read(f, "net-0001.params")))
	f.Add([]byte(read(f, "sparse.params")))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, New(), "m.params", b) })
}

func FuzzSymbol(f *testing.F) {
	f.Add([]byte(read(f, "net-symbol.json")))
	f.Add([]byte(symbol("_Native", `"info":"0x1"`)))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, New(), "m-symbol.json", b) })
}
