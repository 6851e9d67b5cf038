package paddle

import (
	"encoding/binary"
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

func op(name string, attrs ...string) msg {
	m := msg{}.Str(3, name)
	for i := 0; i+1 < len(attrs); i += 2 {
		m = m.Sub(4, msg{}.Str(1, attrs[i]).Int(2, 2).Str(5, attrs[i+1]))
	}
	return m
}

func desc(ops ...msg) []byte {
	variable := msg{}.Str(1, "w").Sub(2, msg{}.Int(1, 7).Sub(3, msg{}.Sub(1, msg{}.Int(1, 5).Int(2, 4)))).Int(3, 1)
	b := msg{}.Int(1, 0).Int(2, -1).Sub(3, variable)
	for _, o := range ops {
		b = b.Sub(4, o)
	}
	return msg{}.Sub(1, b).Sub(4, msg{}.Int(1, 3000000))
}

func json3(ops string) []byte {
	return []byte(`{"base_code":{"magic":"pir","trainable":true,"version":4},"program":{"regions":[{"#":"region_0","blocks":[{"#":"block_0","args":[],"ops":[` + ops + `]}]}]}}`)
}

func tensor(dim int64, data int) []byte {
	d := []byte(msg{}.Int(1, 5).Int(2, dim))
	b := make([]byte, 16)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(d)))
	b = append(b, d...)
	return append(b, make([]byte, data)...)
}

func TestThreats(t *testing.T) {
	for name, tt := range map[string]struct {
		file    string
		model   []byte
		verdict asset.Verdict
		rule    string
		says    string
	}{
		"plain":            {"m.pdmodel", desc(op("relu")), asset.OK, "", ""},
		"without its name": {"blob", desc(op("py_func")), asset.Malicious, rulePython, ""},
		"py_func":          {"m.pdmodel", desc(op("py_func")), asset.Malicious, rulePython, ""},
		"named py_func":    {"m.pdmodel", desc(op("relu", "op_namescope", "py_func")), asset.OK, "", ""},
		"load":             {"m.pdmodel", desc(op("load", "file_path", "/etc/passwd")), asset.Malicious, ruleFile, "/etc/passwd"},
		"save":             {"m.pdmodel", desc(op("save_combine", "file_path", "/tmp/merlon-test")), asset.Malicious, ruleFile, "/tmp/merlon-test"},
		"custom":           {"m.pdmodel", desc(op("evil")), asset.Unverified, ruleCustom, "evil"},
		"engine":           {"m.pdmodel", desc(op("tensorrt_engine")), asset.Unverified, ruleOpaque, ""},
		"network":          {"m.pdmodel", desc(op("listen_and_serv", "endpoint", "0.0.0.0:1")), asset.Unverified, ruleNet, "0.0.0.0:1"},
		"second block":     {"m.pdmodel", msg(desc(op("relu"))).Sub(1, msg{}.Int(1, 1).Int(2, 0).Sub(4, op("py_func"))), asset.Malicious, rulePython, ""},
		"unknown field":    {"m.pdmodel", msg(desc(op("relu"))).Str(99, "payload"), asset.Unverified, ruleHidden, "99"},
		"no version":       {"m.pdmodel", msg{}.Sub(1, msg{}.Int(1, 0).Int(2, -1)), asset.Failed, "", ""},
		"json":             {"m.json", json3(`{"#":"1.relu","A":[]}`), asset.OK, "", ""},
		"json py_func":     {"m.json", json3(`{"#":"1.py_func","A":[]}`), asset.Malicious, rulePython, ""},
		"json in a region": {"m.json", json3(`{"#":"1.if","A":[],"regions":[{"blocks":[{"ops":[{"#":"1.py_func"}]}]}]}`), asset.Malicious, rulePython, ""},
		"json custom":      {"m.json", json3(`{"#":"3.evil","A":[]}`), asset.Unverified, ruleCustom, "3.evil"},
		"json cut off":     {"m.json", json3(`{"#":"1.relu"}`)[:150], asset.Failed, "", ""},
		"parameters":       {"m.pdiparams", append(tensor(4, 16), tensor(2, 8)...), asset.OK, "", ""},
		"unnamed":          {"blob", tensor(4, 16), asset.OK, "", ""},
		"too few":          {"m.pdiparams", tensor(4, 15), asset.Failed, ruleSize, "16 bytes"},
		"huge":             {"m.pdiparams", tensor(1<<60, 16), asset.Failed, ruleSize, ""},
		"negative":         {"m.pdiparams", tensor(-4, 16), asset.Failed, ruleSize, "negative"},
		"rest":             {"m.pdiparams", append(tensor(4, 16), "rest"...), asset.Failed, "", ""},
		"empty":            {"m.pdiparams", nil, asset.Failed, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := artifacttest.Scan(t, New(), tt.file, tt.model)
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
	if r := artifacttest.Scan(t, New(), "m.pdiparams", []byte("\x80\x02}q.")); r.Verdict != asset.Unknown {
		t.Errorf("a pickle: %q", r.Verdict)
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

// TestLibraries reads what PaddlePaddle wrote (bench/formats/paddle/make.py), and
// compares with its parameters.
func TestLibraries(t *testing.T) {
	type row struct {
		DType string  `json:"dtype"`
		Shape []int64 `json:"shape"`
	}
	var want []row
	if err := json.Unmarshal(load(t, "new.parameters.txt"), &want); err != nil {
		t.Fatal(err)
	}
	key := func(r row) string { b, _ := json.Marshal(r); return string(b) }
	order := func(a, b row) int { return strings.Compare(key(a), key(b)) }
	slices.SortFunc(want, order)
	for _, name := range []string{"old.pdmodel", "old.pdiparams", "new.json", "new.pdiparams"} {
		r := artifacttest.ScanPath(t, []scan.Scanner{New()}, filepath.Join("testdata", name))
		if r.Verdict != asset.OK || len(r.Findings) > 0 {
			t.Errorf("%s: verdict %q: %v %v", name, r.Verdict, r.Messages(), r.Errors)
		}
		d, err := artifacttest.Describe(t, New(), name, load(t, name))
		if err != nil {
			t.Fatal(err)
		}
		var got []row
		for _, x := range d.Tensors {
			got = append(got, row{x.DType, x.Shape})
		}
		slices.SortFunc(got, order)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: PaddlePaddle says otherwise (-) than merlon (+):\n%s", name, diff)
		}
	}
}

func TestHostile(t *testing.T) {
	artifacttest.Truncate(t, New(), "m.pdmodel", desc(op("relu", "file_path", "x")), nil)
	two := append(tensor(4, 16), tensor(2, 8)...)
	artifacttest.Truncate(t, New(), "m.pdiparams", two, func(n int) bool { return n == len(tensor(4, 16)) })
	artifacttest.Truncate(t, New(), "m.json", json3(`{"#":"1.relu","A":[]}`), nil)
	for _, name := range []string{"old.pdmodel", "old.pdiparams", "new.json"} {
		artifacttest.Mutate(t, New(), name, load(t, name), 200)
	}
}

func TestRules(t *testing.T) { artifacttest.CheckRules(t, New()) }

func FuzzScan(f *testing.F) {
	f.Add(desc(op("py_func")), "m.pdmodel")
	f.Add(tensor(4, 16), "m.pdiparams")
	f.Add(json3(`{"#":"1.relu"}`), "m.json")
	f.Fuzz(func(t *testing.T, b []byte, name string) {
		if !slices.Contains([]string{"m.pdmodel", "m.pdiparams", "m.json"}, name) {
			name = "blob"
		}
		artifacttest.Fuzz(t, New(), name, b)
	})
}
