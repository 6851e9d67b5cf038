package inspection_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/report/inspection"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const evil = "<script>alert(1)</script>\x1b[31m\u202e"

func sample() *asset.Inspection {
	at := asset.Ref{Path: "model.safetensors"}
	return &asset.Inspection{
		Name: "my-model", Path: "/m", Kind: "folder", Format: "safetensors", Root: strings.Repeat("ab", 32),
		Facts: []asset.Fact{
			{Kind: "parameters", Value: int64(7241732096), Proved: true, At: at},
			{Kind: "tensors", Value: int64(3), Proved: true, At: at},
			{Kind: "licence", Value: "apache-2.0", At: asset.Ref{Path: "README.md"}},
			{Kind: "architecture", Value: evil, At: asset.Ref{Path: "config.json"}},
			{Kind: "metadata", Value: asset.Pair{Name: "format", Value: "pt"}, At: at},
		},
		Files: []asset.InspectedFile{
			{Path: "README.md", Size: 10, SHA256: strings.Repeat("0", 64)},
			{Path: "broken.bin", Size: 5, SHA256: strings.Repeat("1", 64), Err: "cut off"},
			{Path: "model.safetensors", Size: 14483464192, SHA256: strings.Repeat("2", 64), Format: "safetensors", Tensors: []asset.Tensor{
				{Name: "model.layers.0.mlp.weight", DType: "BF16", Shape: []int64{4096, 14336}, Bytes: 117440512},
				{Name: "model.layers.1.mlp.weight", DType: "BF16", Shape: []int64{4096, 14336}, Bytes: 117440512},
				{Name: evil, DType: "F32", Shape: []int64{}, Bytes: 4},
			}},
		},
	}
}

func render(t *testing.T, format string, x *asset.Inspection, o inspection.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := inspection.Write(&b, format, x, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTable(t *testing.T) {
	out := render(t, "table", sample(), inspection.Options{Tensors: true, Width: 100})
	for _, want := range []string{"my-model  safetensors, 3 files, 14.5 GB", "proved by the bytes", "7241732096 (7.24 billion)", "claimed, not proved",
		"apache-2.0  (README.md)", "format = pt", "broken.bin", "not readable to its end: cut off", "root sha256:abab", "[4096, 14336]", "117.4 MB", "scalar"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if strings.ContainsAny(out, "\x1b\u202e") {
		t.Error("hidden characters reach the terminal")
	}
	if out := render(t, "table", sample(), inspection.Options{}); strings.Contains(out, "4096") {
		t.Error("tensors are listed without being asked for")
	}
	if out := render(t, "table", sample(), inspection.Options{Color: true}); !strings.Contains(out, "\x1b[1mmy-model") {
		t.Error("no colours")
	}
}

func TestJSONFollowsItsSchema(t *testing.T) {
	var schema any
	if err := json.Unmarshal([]byte(inspection.Schema), &schema); err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", schema); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []*asset.Inspection{sample(), {Name: "m", Path: "m", Kind: "file", Files: []asset.InspectedFile{{Path: "m"}}}, {Kind: "folder"}} {
		for _, tensors := range []bool{true, false} {
			var doc any
			if err := json.Unmarshal([]byte(render(t, "json", x, inspection.Options{Tensors: tensors, Version: "1"})), &doc); err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(doc); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestPage(t *testing.T) {
	out := render(t, "html", sample(), inspection.Options{Version: "1"})
	for _, want := range []string{"<svg", "<details>", "layers", "Proved by the bytes", "Claimed, not proved", "Content-Security-Policy", "sha256:abab"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, bad := range []string{"<script", "\x1b", "\u202e", "http://", "https://", "ZgotmplZ"} {
		if strings.Contains(out, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}

// A model with a million tensors must not make a page that no browser opens.
func TestLargeModelsStaySmall(t *testing.T) {
	x := &asset.Inspection{Name: "m", Kind: "file", Files: []asset.InspectedFile{{Path: "m"}}}
	for i := range 300_000 {
		x.Files[0].Tensors = append(x.Files[0].Tensors, asset.Tensor{Name: fmt.Sprintf("a%d.b%d.c", i%700, i), Bytes: 1})
	}
	if out := render(t, "html", x, inspection.Options{}); len(out) > 8<<20 {
		t.Errorf("%d bytes", len(out))
	}
}

func TestUnknownFormat(t *testing.T) {
	if err := inspection.Write(&bytes.Buffer{}, "xml", sample(), inspection.Options{}); err == nil {
		t.Error("xml was written")
	}
}
