package safetensors

import (
	"context"
	"io"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/scan"
)

// spy collects the content of derived files.
type spy struct{ seen *[]string }

func spies(seen *[]string) []scan.Scanner { return []scan.Scanner{spy{seen}} }

func (spy) Info() scan.Info { return scan.Info{ID: "spy", Version: "1", Vendored: true} }
func (spy) Wants(fi scan.FileInfo) scan.Need {
	if len(fi.Ref.Inner) > 0 {
		return scan.Yes
	}
	return scan.No
}
func (s spy) Scan(_ context.Context, f scan.File, _ *scan.Sink) error {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	*s.seen = append(*s.seen, string(b))
	return err
}

func TestIndex(t *testing.T) {
	const name = "model.safetensors.index.json"
	for _, tt := range []struct {
		name, content string
		verdict       asset.Verdict
		rules         []string
	}{
		{"clean", `{"metadata":{"total_size":8},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}`, asset.OK, nil},
		{"sub-folder", `{"weight_map":{"a":"shards/model-1.safetensors"}}`, asset.OK, nil},
		{"dots in a name", `{"weight_map":{"a":"model..v2.safetensors"}}`, asset.OK, nil},
		{"traversal", `{"weight_map":{"a":"../other/model.safetensors"}}`, asset.Unverified, []string{ruleShard}},
		{"traversal that comes back", `{"weight_map":{"a":"x/../../model.safetensors"}}`, asset.Unverified, []string{ruleShard}},
		{"traversal with backslashes", `{"weight_map":{"a":"..\\other.safetensors"}}`, asset.Unverified, []string{ruleShard}},
		{"traversal by escapes", `{"weight_map":{"a":"\u002e\u002e/x.safetensors"}}`, asset.Unverified, []string{ruleShard}},
		{"absolute", `{"weight_map":{"a":"/etc/model.safetensors"}}`, asset.Unverified, []string{ruleShard}},
		{"drive", `{"weight_map":{"a":"C:\\model.safetensors"}}`, asset.Unverified, []string{ruleShard}},
		{"URL", `{"weight_map":{"a":"https://example.com/model.safetensors"}}`, asset.Unverified, []string{ruleShard}},
		{"invisible", `{"weight_map":{"a":"model\u202e.safetensors"}}`, asset.Unverified, []string{ruleShard}},
		{"tensor twice", `{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}`, asset.Unverified, []string{ruleIndexDup}},
		{"map twice", `{"weight_map":{"a":"x.safetensors"},"weight_map":{"a":"y.safetensors"}}`, asset.Unverified, []string{ruleIndexDup}},
		{"no map", `{}`, asset.Failed, nil},
		{"number", `{"weight_map":{"a":1}}`, asset.Failed, nil},
		{"cut", `{"weight_map":{"a":"x.saf`, asset.Failed, nil},
	} {
		r := artifacttest.Scan(t, New(), name, []byte(tt.content))
		if diff := gocmp.Diff(tt.rules, r.Rules()); r.Verdict != tt.verdict || diff != "" {
			t.Errorf("%s: verdict %q, want %q; rules (-want +got):\n%s%v", tt.name, r.Verdict, tt.verdict, diff, r.Errors)
		}
	}
	artifacttest.Truncate(t, New(), name, []byte(`{"weight_map":{"a":"x.safetensors"}}`), nil)
}

func TestIndexTellsItsShards(t *testing.T) {
	r := artifacttest.Scan(t, New(), "pytorch_model.bin.index.json", []byte(`{"weight_map":{"a":"2.bin","b":"1.bin","c":"2.bin"}}`))
	i := slices.IndexFunc(r.Scan.Facts, func(f asset.Fact) bool { return f.Kind == "shards" })
	if i < 0 {
		t.Fatal("no fact names the shards")
	}
	if diff := gocmp.Diff([]string{"1.bin", "2.bin"}, r.Scan.Facts[i].Value); diff != "" {
		t.Error(diff)
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{"total_size":8},"weight_map":{"a":"model-00001-of-00002.safetensors"}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		artifacttest.Fuzz(t, New(), "model.safetensors.index.json", content)
	})
}
