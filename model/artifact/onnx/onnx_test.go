package onnx

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/internal/prototest"
	"github.com/merlon-security/merlon/scan"
)

type msg = prototest.Msg

// build makes a model of one graph; the graph's fields are given.
func build(graph msg, more ...msg) []byte {
	m := msg{}.Int(1, 10).Str(2, "test").Sub(7, graph)
	for _, domain := range []string{"", "com.microsoft", "com.example", "pyop", "p", "l", "b", "x"} {
		m = m.Sub(8, msg{}.Str(1, domain).Int(2, 1))
	}
	for _, x := range more {
		m = append(m, x...)
	}
	return m
}

func node(op, domain string, attrs ...msg) msg {
	n := msg{}.Str(1, "x").Str(2, "y").Str(3, "n").Str(4, op)
	for _, a := range attrs {
		n = n.Sub(5, a)
	}
	return n.Str(7, domain)
}

func attr(name, text string) msg { return msg{}.Str(1, name).Str(4, text).Int(20, 3) }

func subgraph(g msg) msg { return msg{}.Str(1, "body").Sub(6, g).Int(20, 5) }

func pair(k, v string) msg { return msg{}.Str(1, k).Str(2, v) }

// floats is an initializer of n floats that stores some bytes.
func floats(n int64, stored int) msg {
	return msg{}.Int(1, n).Int(2, 1).Str(8, "w").Str(9, strings.Repeat("\x00", stored))
}

func external(location, offset, length string) msg {
	return msg{}.Int(1, 4).Int(2, 1).Str(8, "w").Sub(13, pair("location", location)).Sub(13, pair("offset", offset)).
		Sub(13, pair("length", length)).Int(14, 1)
}

func graph(n msg, tensors ...msg) msg {
	g := msg{}.Sub(1, n)
	for _, t := range tensors {
		g = g.Sub(5, t)
	}
	return g
}

func function(domain, name string, nodes ...msg) msg {
	f := msg{}.Str(1, name)
	for _, n := range nodes {
		f = f.Sub(7, n)
	}
	return msg{}.Sub(25, f.Str(10, domain))
}

var relu = node("Relu", "")

func TestThreats(t *testing.T) {
	deep := graph(relu)
	for range 17 {
		deep = graph(node("If", "", subgraph(deep)))
	}
	bomb := []msg{function("b", "f0", relu, relu)}
	for i := range 40 {
		name := func(i int) string { return "f" + strconv.Itoa(i) }
		call := node(name(i), "b")
		bomb = append(bomb, function("b", name(i+1), call, call))
	}
	sparse := func(dense int64) msg {
		return graph(relu).Sub(15, msg{}.Sub(1, floats(2, 8)).Sub(2, msg{}.Int(1, 2).Int(2, 7).Str(9, strings.Repeat("\x01", 16))).Int(3, dense))
	}
	for name, tt := range map[string]struct {
		model   []byte
		verdict asset.Verdict
		rule    string
		says    string
	}{
		"plain":                    {build(graph(relu, floats(4, 16))), asset.OK, "", ""},
		"absolute":                 {build(graph(relu, external("/etc/passwd", "0", "16"))), asset.Malicious, rulePath, "CVE-2022-25882 in onnx < 1.13.0"},
		"memory of the process":    {build(graph(relu, external("*/_ORT_MEM_ADDR_/*", "4096", "16"))), asset.Malicious, rulePath, "address in the memory"},
		"traversal":                {build(graph(relu, external("../../secret", "", ""))), asset.Malicious, rulePath, "out of the model's folder"},
		"backslashes":              {build(graph(relu, external(`..\secret`, "", ""))), asset.Malicious, rulePath, ""},
		"inner traversal":          {build(graph(relu, external("a/../../secret", "", ""))), asset.Malicious, rulePath, "CVE-2024-27318"},
		"in an attribute":          {build(graph(node("Constant", "", msg{}.Str(1, "value").Sub(5, external("/etc/passwd", "", ""))))), asset.Malicious, rulePath, ""},
		"in a subgraph":            {build(graph(node("If", "", subgraph(graph(relu, external("../x", "", "")))))), asset.Malicious, rulePath, ""},
		"in a function":            {build(graph(node("F", "l")), function("l", "F", node("Constant", "", msg{}.Str(1, "value").Sub(5, external("../x", "", ""))))), asset.Malicious, rulePath, ""},
		"in training":              {build(graph(relu), msg{}.Sub(20, msg{}.Sub(2, graph(relu, external("../x", "", ""))))), asset.Malicious, rulePath, ""},
		"dots in a name":           {build(graph(relu, external("a..b", "", ""))), asset.Failed, ruleMissing, "not there"},
		"dots that stay inside":    {build(graph(relu, external("a/../b", "", ""))), asset.Unverified, rulePath, ""},
		"remote":                   {build(graph(relu, external("https://example.org/w", "", ""))), asset.Malicious, rulePath, "network"},
		"python":                   {build(graph(node("PyOp", "pyop", attr("module", "os"), attr("class_name", "system")))), asset.Malicious, rulePython, `module="os"`},
		"python in a loop":         {build(graph(node("Loop", "", subgraph(graph(node("PyOp", "p", attr("module", "os"))))))), asset.Malicious, rulePython, ""},
		"named like python":        {build(graph(node("PyOp2", "pyop"))), asset.Unverified, ruleCustom, ""},
		"function called PyOp":     {build(graph(node("PyOp", "l")), function("l", "PyOp", relu)), asset.OK, "", ""},
		"custom domain":            {build(graph(node("Evil", "com.example"))), asset.Unverified, ruleCustom, "com.example::Evil"},
		"custom in a branch":       {build(graph(node("If", "", subgraph(graph(node("Evil", "com.example")))))), asset.Unverified, ruleCustom, ""},
		"custom in training":       {build(graph(relu), msg{}.Sub(20, msg{}.Sub(1, graph(node("Evil", "x"))))), asset.Unverified, ruleCustom, ""},
		"unknown standard":         {build(graph(node("Relu7", ""))), asset.Unverified, ruleCustom, "Relu7"},
		"ai.onnx spelled out":      {build(graph(node("Relu", "ai.onnx"))), asset.OK, "", ""},
		"microsoft":                {build(graph(node("FusedMatMul", "com.microsoft"))), asset.OK, "", ""},
		"blob":                     {build(graph(node("EPContext", "com.microsoft", attr("ep_cache_context", "x"), msg{}.Str(1, "embed_mode").Int(3, 1)))), asset.Unverified, ruleOpaque, ""},
		"blob elsewhere":           {build(graph(node("EPContext", "com.microsoft", attr("ep_cache_context", "../x.bin"), msg{}.Str(1, "embed_mode").Int(3, 0)))), asset.Malicious, rulePath, ""},
		"shadowed":                 {build(graph(relu), function("", "Relu", node("Tanh", ""))), asset.Unverified, ruleShadow, ""},
		"function":                 {build(graph(node("F", "l")), function("l", "F", relu)), asset.OK, "", ""},
		"recursion":                {build(graph(node("F", "l")), function("l", "F", node("G", "l")), function("l", "G", node("F", "l"))), asset.Unverified, ruleRecursion, "calls itself"},
		"recursion not called":     {build(graph(relu), function("l", "F", node("F", "l"))), asset.Unverified, ruleRecursion, ""},
		"function bomb":            {build(graph(node("f40", "b")), bomb...), asset.Unverified, ruleExpansion, "more than"},
		"deep":                     {build(deep), asset.Unverified, ruleDepth, "17 deep"},
		"not so deep":              {build(graph(node("If", "", subgraph(graph(node("If", "", subgraph(graph(relu)))))))), asset.OK, "", ""},
		"more than stored":         {build(graph(relu, floats(1<<40, 16))), asset.Failed, ruleSize, "16 stored"},
		"less than stored":         {build(graph(relu, floats(3, 16))), asset.Failed, ruleSize, "12 bytes declared"},
		"negative dimension":       {build(graph(relu, floats(-1, 0))), asset.Failed, ruleSize, "negative"},
		"overflow":                 {build(graph(relu, msg{}.Int(1, 1<<40).Int(1, 1<<40).Int(2, 1).Str(8, "w").Str(9, ""))), asset.Failed, ruleSize, "2^62"},
		"no data":                  {build(graph(relu, msg{}.Int(1, 4).Int(2, 1).Str(8, "w"))), asset.Failed, ruleSize, "no data"},
		"unknown type":             {build(graph(relu, msg{}.Int(1, 4).Int(2, 99).Str(9, "abcd"))), asset.Failed, ruleSize, "type 99"},
		"two places":               {build(graph(relu, floats(1, 4).F32(4, 1))), asset.Failed, ruleSize, "2 fields at once"},
		"sparse bomb":              {build(sparse(1 << 40)), asset.Unverified, ruleExpansion, "Sparse"},
		"sparse":                   {build(sparse(1000)), asset.OK, "", ""},
		"unknown field":            {build(graph(relu), msg{}.Str(99, "payload")), asset.Unverified, ruleHidden, "99"},
		"two graphs":               {build(graph(relu), msg{}.Sub(7, graph(node("Evil", "x")))), asset.Unverified, ruleCustom, "Evil"},
		"hidden text":              {build(graph(relu), msg{}.Sub(14, pair("note", "a\u202eb"))), asset.OK, ruleText, `\u202e`},
		"text":                     {build(graph(relu), msg{}.Sub(14, pair("note", "eval(os.system) ../../x\n"))), asset.OK, "", ""},
		"no graph":                 {msg{}.Int(1, 10).Str(2, "x"), asset.Failed, "", ""},
		"domain not imported":      {build(graph(node("Relu", "ai.onnx.ml"))), asset.Failed, ruleCustom, ""},
		"no opset":                 {msg{}.Int(1, 10).Sub(7, graph(relu)), asset.Failed, "", ""},
		"empty":                    {nil, asset.Failed, "", ""},
		"length lie":               {append(build(graph(relu)), msg{}.Lie(14, 1<<40)...), asset.Failed, "", ""},
		"evil before a broken end": {append(build(graph(relu, external("/x", "", ""))), msg{}.Lie(14, 1<<40)...), asset.Malicious, rulePath, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := artifacttest.Scan(t, New(), "m.onnx", tt.model)
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

func TestExternalFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("w.bin", make([]byte, 32))
	write("secret", make([]byte, 32))
	if err := os.Mkdir(filepath.Join(dir, "m"), 0o755); err != nil {
		t.Fatal(err)
	}
	write("m/w.bin", make([]byte, 32))
	if err := os.Symlink("../secret", filepath.Join(dir, "m", "link")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	for name, tt := range map[string]struct {
		tensor  msg
		verdict asset.Verdict
		rule    string
	}{
		"inside":        {external("w.bin", "16", "16"), asset.OK, ""},
		"no length":     {external("w.bin", "", ""), asset.OK, ""},
		"beyond":        {external("w.bin", "17", "16"), asset.Failed, ruleBounds},
		"far beyond":    {external("w.bin", "9223372036854775807", "16"), asset.Failed, ruleBounds},
		"negative":      {external("w.bin", "-1", "16"), asset.Failed, ruleBounds},
		"wrong length":  {external("w.bin", "0", "32"), asset.Failed, ruleBounds},
		"symbolic link": {external("link", "0", "16"), asset.Malicious, rulePath},
		"missing":       {external("none.bin", "0", "16"), asset.Failed, ruleMissing},
		"folder":        {external("../m", "0", "16"), asset.Malicious, rulePath},
	} {
		write("m/model.onnx", build(graph(relu, tt.tensor)))
		r := artifacttest.ScanPath(t, []scan.Scanner{New()}, filepath.Join(dir, "m", "model.onnx"))
		if r.Verdict != tt.verdict {
			t.Errorf("%s: verdict %q, want %q: %v", name, r.Verdict, tt.verdict, r.Messages())
		}
		if tt.rule != "" && !slices.Contains(r.Rules(), tt.rule) {
			t.Errorf("%s: rules %v, want %q", name, r.Rules(), tt.rule)
		}
	}
}

// TestLibraries reads what onnx and skl2onnx write (bench/formats/onnx/make.py), and
// compares with what the onnx package says about its tensors.
func TestLibraries(t *testing.T) {
	files, err := filepath.Glob("testdata/*.onnx")
	if err != nil || len(files) < 9 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r := artifacttest.ScanPath(t, []scan.Scanner{New()}, file)
			if r.Verdict != asset.OK || len(r.Findings) > 0 {
				t.Errorf("verdict %q: %v %v", r.Verdict, r.Messages(), r.Errors)
			}
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if r := artifacttest.Scan(t, New(), "blob", content); r.Format != "onnx" {
				t.Error("not recognised without its name")
			}
			d, err := artifacttest.Describe(t, New(), file, content)
			if err != nil {
				t.Fatal(err)
			}
			type row struct {
				Name  string  `json:"name"`
				DType string  `json:"dtype"`
				Shape []int64 `json:"shape"`
			}
			var want, got []row
			b, err := os.ReadFile(strings.TrimSuffix(file, ".onnx") + ".json")
			if err == nil {
				err = json.Unmarshal(b, &want)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range d.Tensors {
				got = append(got, row{x.Name, x.DType, x.Shape})
			}
			byName := func(a, b row) int { return strings.Compare(a.Name, b.Name) }
			slices.SortFunc(want, byName)
			slices.SortFunc(got, byName)
			if diff := cmp.Diff(want, got, cmp.Transformer("empty", func(r []row) []row { return append([]row{}, r...) })); diff != "" {
				t.Errorf("the onnx package says otherwise (-) than merlon (+):\n%s", diff)
			}
		})
	}
}

func TestHostile(t *testing.T) {
	for _, name := range []string{"linear", "control", "functions", "types", "sparse", "sklearn", "external"} {
		content, err := os.ReadFile("testdata/" + name + ".onnx")
		if err != nil {
			t.Fatal(err)
		}
		if len(content) < 1000 { // the longer ones hold nothing else
			last := lastRequired(content)
			artifacttest.Truncate(t, New(), "m.onnx", content, func(n int) bool { return n >= last })
		}
		artifacttest.Mutate(t, New(), "m.onnx", content, 100)
	}
}

// lastRequired is where a model ends if only metadata and functions follow: a cut at
// the end of a field there is a whole model.
func lastRequired(content []byte) int {
	n := 0
	for at := 0; at < len(content); {
		_, _, size := protowire.ConsumeField(content[at:])
		if num := content[at] >> 3; num == 7 || num == 8 {
			n = at + size
		}
		at += size
	}
	return n
}

func TestRules(t *testing.T) { artifacttest.CheckRules(t, New()) }

func FuzzScan(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.onnx")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(build(graph(relu, external("../x", "1", "2"))))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, New(), "m.onnx", b) })
}
