package catboost_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/catboost"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What merlon counts is what CatBoost itself says about its models.
func TestRealModels(t *testing.T) {
	type counts struct{ Trees, Leaves, Features int64 }
	var want map[string]counts
	if err := json.Unmarshal(read(t, "expected.json"), &want); err != nil {
		t.Fatal(err)
	}
	for name, w := range want {
		b := read(t, name+".cbm")
		if r := artifacttest.Scan(t, catboost.New(), "m.cbm", b); r.Verdict != asset.OK || r.Format != "catboost" {
			t.Errorf("%s: %q %v", name, r.Verdict, r.Errors)
		}
		d, err := artifacttest.Describe(t, catboost.New(), "m.cbm", b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got counts
		for _, f := range d.Facts {
			switch f.Kind {
			case "trees":
				got.Trees = f.Value.(int64)
			case "leaves":
				got.Leaves = f.Value.(int64)
			case "features":
				got.Features = f.Value.(int64)
			}
		}
		if diff := cmp.Diff(w, got); diff != "" {
			t.Errorf("%s (-CatBoost +merlon)\n%s", name, diff)
		}
	}
}

// find returns where numbers lie in a file, which they must do once.
func find(t *testing.T, b []byte, values ...uint32) int {
	t.Helper()
	var want []byte
	for _, v := range values {
		want = binary.LittleEndian.AppendUint32(want, v)
	}
	i := bytes.Index(b, want)
	if i < 0 || bytes.Contains(b[i+1:], want) {
		t.Fatalf("%v is not there exactly once", values)
	}
	return i
}

func TestBrokenModels(t *testing.T) {
	plain := read(t, "plain.cbm")
	splits := find(t, plain, 4, 1, 3, 0, 2)                       // four splits
	at := splits - 12 + find(t, plain[splits-12:splits], 2, 2, 2) // sizes: two trees of depth 2
	starts := at - 12 + find(t, plain[at-12:at], 2, 0, 2)         // and where they begin
	for name, change := range map[string]struct {
		at    int
		value uint32
	}{
		"deeper tree":    {at + 4, 3},
		"huge tree":      {at + 4, 0x7fffffff},
		"negative tree":  {at + 4, 0xffffffff},
		"another start":  {starts + 8, 1},
		"border outside": {splits + 4, 1000},
		"more splits":    {splits, 5},
		"core too long":  {4, 0x7fffffff},
	} {
		b := bytes.Clone(plain)
		binary.LittleEndian.PutUint32(b[change.at:], change.value)
		if r := artifacttest.Scan(t, catboost.New(), "m.cbm", b); r.Verdict != asset.Failed {
			t.Errorf("%s: %q", name, r.Verdict)
		}
	}
	if r := artifacttest.Scan(t, catboost.New(), "m.cbm", append(bytes.Clone(plain), 0)); r.Verdict != asset.Failed {
		t.Errorf("trailing byte: %q", r.Verdict)
	}
	category := read(t, "category.cbm")
	renamed := bytes.Replace(category, []byte("static_provider_v1"), []byte("another_unknown_v1"), 1)
	if r := artifacttest.Scan(t, catboost.New(), "m.cbm", renamed); r.Verdict != asset.Unverified {
		t.Errorf("unknown part: %q", r.Verdict)
	}
}

func TestHostileBytes(t *testing.T) {
	s := catboost.New()
	artifacttest.CheckRules(t, s)
	for _, name := range []string{"category.cbm"} {
		artifacttest.Truncate(t, s, name, read(t, name), nil)
		artifacttest.Mutate(t, s, name, read(t, name), 300)
	}
}

func FuzzCatBoost(f *testing.F) {
	f.Add(read(f, "category.cbm"))
	f.Add(read(f, "depthwise.cbm"))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, catboost.New(), "m.cbm", b) })
}
