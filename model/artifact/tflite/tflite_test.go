package tflite

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/flatbuf"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/internal/flattest"
	"github.com/merlon-security/merlon/model/artifact/internal/prototest"
	"github.com/merlon-security/merlon/scan"
)

type table = flattest.Table

// build is a model of one operator on two tensors, with changes.
func build(code, op table, change func(model, graph, tensor, buffer table)) []byte {
	tensor := table{0: []int32{2, 2}, 1: uint8(0), 2: uint32(1), 3: "w"}
	other := table{0: []int32{2, 2}, 1: uint8(0), 2: uint32(0), 3: "y"}
	buffer := table{0: make([]byte, 16)}
	merge(op, table{0: uint32(0), 1: []int32{0}, 2: []int32{1}})
	graph := table{0: []table{tensor, other}, 1: []int32{0}, 2: []int32{1}, 3: []table{op}, 4: "main"}
	model := table{0: uint32(3), 1: []table{code}, 3: "test", 4: []table{{}, buffer}}
	if change != nil {
		change(model, graph, tensor, buffer)
	}
	if _, ok := model[2]; !ok {
		model[2] = []table{graph}
	}
	return flattest.File(identifier, model)
}

// merge adds the fields that are not there.
func merge(t, more table) {
	for i, v := range more {
		if _, ok := t[i]; !ok {
			t[i] = v
		}
	}
}

var relu = table{0: uint8(19), 3: int32(19)}

func custom(name string) table { return table{0: uint8(32), 1: name, 3: int32(32)} }

// flexOptions is a FlexBuffer of an operation's name and its NodeDef.
func flexOptions(name, nodeOp string) []byte {
	node := string(prototest.Msg{}.Str(1, "n").Str(2, nodeOp))
	var b []byte
	at := []int{}
	for _, s := range []string{name, node} {
		b = append(b, byte(len(s)))
		at = append(at, len(b))
		b = append(append(b, s...), 0)
	}
	b = append(b, 2) // elements
	start := len(b)
	for i, x := range at {
		b = append(b, byte(start+i-x))
	}
	b = append(b, 5<<2, 25<<2)
	return append(b, byte(len(b)-start), 10<<2, 1)
}

func TestFlexOptions(t *testing.T) {
	got, err := flatbuf.FlexStrings(flexOptions("Det", "MatrixDeterminant"))
	if err != nil || len(got) != 2 || got[0] != "Det" || nodeOp(got[1]) != "MatrixDeterminant" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestThreats(t *testing.T) {
	flex := func(name, runs string) table { return table{5: flexOptions(name, runs)} }
	for name, tt := range map[string]struct {
		model   []byte
		verdict asset.Verdict
		rule    string
		says    string
	}{
		"plain":               {build(relu, table{}, nil), asset.OK, "", ""},
		"custom":              {build(custom("Evil"), table{}, nil), asset.Unverified, ruleCustom, "Evil"},
		"registered":          {build(custom("TFLite_Detection_PostProcess"), table{}, nil), asset.OK, "", ""},
		"old style custom":    {build(table{0: uint8(32), 1: "Evil"}, table{}, nil), asset.Unverified, ruleCustom, ""},
		"name without code":   {build(table{0: uint8(19), 1: "FlexWriteFile", 3: int32(19)}, table{}, nil), asset.OK, "", ""},
		"flex":                {build(custom("FlexErf"), flex("Erf", "Erf"), nil), asset.OK, "", ""},
		"flex that writes":    {build(custom("FlexWriteFile"), flex("WriteFile", "WriteFile"), nil), asset.Malicious, ruleFlex, "writes a file"},
		"flex that lies":      {build(custom("FlexErf"), flex("Erf", "WriteFile"), nil), asset.Malicious, ruleFlex, "WriteFile"},
		"flex that is none":   {build(custom("FlexEvil"), flex("Evil", "Evil"), nil), asset.Unverified, ruleCustom, "Evil"},
		"flex unreadable":     {build(custom("FlexErf"), table{5: []byte("x")}, nil), asset.Unverified, ruleCustom, "cannot be read"},
		"delegate":            {build(table{0: uint8(51), 3: int32(51)}, table{}, nil), asset.Unverified, ruleOpaque, ""},
		"custom call":         {build(table{0: uint8(127), 3: int32(173)}, table{11: uint8(5), 12: table{0: "evil"}}, nil), asset.Unverified, ruleCustom, "evil"},
		"newer operator":      {build(table{0: uint8(127), 3: int32(9999)}, table{}, nil), asset.Unverified, ruleCustom, "9999"},
		"tensor out of range": {build(relu, table{1: []int32{7}}, nil), asset.Failed, ruleIndex, "tensor 7 of 2"},
		"negative tensor":     {build(relu, table{1: []int32{-2}}, nil), asset.Failed, ruleIndex, ""},
		"optional tensor":     {build(relu, table{1: []int32{-1, 0}}, nil), asset.OK, "", ""},
		"code out of range":   {build(relu, table{0: uint32(5)}, nil), asset.Failed, ruleIndex, "code 5 of 1"},
		"buffer out of range": {build(relu, table{}, func(_, _, x, _ table) { x[2] = uint32(9) }), asset.Failed, ruleIndex, "buffer 9"},
		"too little data":     {build(relu, table{}, func(_, _, x, _ table) { x[0] = []int32{200, 200} }), asset.Failed, ruleSize, "160000 bytes"},
		"negative dimension":  {build(relu, table{}, func(_, _, x, _ table) { x[0] = []int32{-2, 2} }), asset.Failed, ruleSize, "dimension -2"},
		"overflow":            {build(relu, table{}, func(_, _, x, _ table) { x[0] = []int32{1 << 30, 1 << 30, 1 << 30} }), asset.Failed, ruleSize, "can be counted"},
		"unknown type":        {build(relu, table{}, func(_, _, x, _ table) { x[1] = uint8(99) }), asset.Failed, ruleSize, "99"},
		"data behind":         {build(relu, table{}, func(_, _, _, b table) { delete(b, 0); b[1] = uint64(1 << 40); b[2] = uint64(16) }), asset.Failed, ruleIndex, "lies at"},
		"metadata nowhere":    {build(relu, table{}, func(m, _, _, _ table) { m[6] = []table{{0: "x", 1: uint32(44)}} }), asset.Failed, ruleIndex, "44"},
		"calls itself":        {build(table{0: uint8(119), 3: int32(119)}, table{3: uint8(93), 4: table{0: int32(0), 1: int32(0)}}, nil), asset.Unverified, ruleLoop, "calls itself"},
		"calls nobody":        {build(table{0: uint8(119), 3: int32(119)}, table{3: uint8(93), 4: table{0: int32(8), 1: int32(0)}}, nil), asset.Failed, ruleIndex, "subgraph 8"},
		"no graph":            {build(relu, table{}, func(m, _, _, _ table) { m[2] = []table{} }), asset.Failed, "", ""},
		"no root":             {[]byte("\xff\xff\xff\xffTFL3\x00\x00\x00\x00"), asset.Failed, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := artifacttest.Scan(t, New(), "m.tflite", tt.model)
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

type row struct {
	Name  string  `json:"name"`
	DType string  `json:"dtype"`
	Shape []int64 `json:"shape"`
}

// TestLibraries reads what TensorFlow's converter wrote (bench/formats/tflite/make.py),
// and compares with what the generated reader of the schema says.
func TestLibraries(t *testing.T) {
	files, err := filepath.Glob("testdata/*.tflite")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		r := artifacttest.ScanPath(t, []scan.Scanner{New()}, file)
		if r.Verdict != asset.OK || len(r.Findings) > 0 {
			t.Errorf("%s: verdict %q: %v %v", file, r.Verdict, r.Messages(), r.Errors)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := artifacttest.Describe(t, New(), file, content)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []row
		b, err := os.ReadFile(strings.Replace(strings.TrimSuffix(file, ".tflite"), "metadata", "dense", 1) + ".json")
		if err == nil {
			err = json.Unmarshal(b, &want)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range d.Tensors {
			got = append(got, row{x.Name, x.DType, x.Shape})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: TensorFlow says otherwise (-) than merlon (+):\n%s", file, diff)
		}
	}
}

func TestHostile(t *testing.T) {
	for _, name := range []string{"dense", "loop", "flex"} {
		b, err := os.ReadFile("testdata/" + name + ".tflite")
		if err != nil {
			t.Fatal(err)
		}
		// FlatBuffers end in padding that nothing refers to.
		artifacttest.Truncate(t, New(), "m.tflite", b, func(n int) bool { return len(b)-n < 8 })
		artifacttest.Mutate(t, New(), "m.tflite", b, 300)
	}
}

// The writer of TensorFlow Lite's metadata (bench/formats/tflite/metadata.py) appends a
// zip of the files that they name.
func TestMetadata(t *testing.T) {
	b, err := os.ReadFile("testdata/metadata.tflite")
	if err != nil {
		t.Fatal(err)
	}
	end := int64(strings.Index(string(b), "PK\x03\x04"))
	m := ReadMetadata(bytes.NewReader(b), end)
	for name, want := range map[string]bool{"labels.txt": true, "abels.txt": false, "": false, "other": false} {
		if got := m.Names(name); got != want {
			t.Errorf("metadata name %q: %v, want %v", name, got, want)
		}
	}
	for n := range end {
		ReadMetadata(bytes.NewReader(b[:n]), n)
	}
	dense, err := os.ReadFile("testdata/dense.tflite")
	if err != nil {
		t.Fatal(err)
	}
	if m := ReadMetadata(bytes.NewReader(dense), int64(len(dense))); m.Names("labels.txt") {
		t.Error("a model without metadata names files")
	}
}

func TestRules(t *testing.T) { artifacttest.CheckRules(t, New()) }

func FuzzScan(f *testing.F) {
	for _, name := range []string{"dense", "loop", "flex"} {
		b, err := os.ReadFile("testdata/" + name + ".tflite")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, New(), "m.tflite", b) })
}
