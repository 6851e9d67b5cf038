package tensorflow

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/tfcheckpoint/tabletest"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/scan"
)

// checkpointIn writes an index and data files of the given sizes, and scans the index.
func checkpointIn(t *testing.T, index []byte, sizes ...int64) *artifacttest.Result {
	t.Helper()
	dir := t.TempDir()
	for i, n := range sizes {
		if n < 0 {
			continue
		}
		name := filepath.Join(dir, fmt.Sprintf("variables.data-%05d-of-%05d", i, len(sizes)))
		if err := os.WriteFile(name, make([]byte, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "variables.index")
	if err := os.WriteFile(file, index, 0o600); err != nil {
		t.Fatal(err)
	}
	return artifacttest.ScanPath(t, []scan.Scanner{New()}, file)
}

func TestCheckpoint(t *testing.T) {
	head := tabletest.Header
	tensor := tabletest.Tensor
	six := []uint64{2, 3}
	for name, tt := range map[string]struct {
		index   []byte
		sizes   []int64
		verdict asset.Verdict
		rule    string
	}{
		"plain":            {tabletest.File(head(1), tensor("a", 1, six, 0, 0, 24), tensor("b", 1, six, 0, 24, 24)), []int64{48}, asset.OK, ""},
		"two data files":   {tabletest.File(head(2), tensor("a", 1, six, 0, 0, 24), tensor("b", 1, six, 1, 0, 24)), []int64{24, 24}, asset.OK, ""},
		"text":             {tabletest.File(head(1), tensor("a", 7, nil, 0, 0, 11)), []int64{11}, asset.OK, ""},
		"control in name":  {tabletest.File(head(1), tensor("a\x1b[2J\n", 7, nil, 0, 0, 11)), []int64{11}, asset.OK, ""},
		"missing":          {tabletest.File(head(2), tensor("a", 1, six, 0, 0, 24)), []int64{24, -1}, asset.Failed, ruleShard},
		"shorter":          {tabletest.File(head(1), tensor("a", 1, six, 0, 0, 24)), []int64{23}, asset.Failed, ruleSize},
		"size lies":        {tabletest.File(head(1), tensor("a", 1, six, 0, 0, 20)), []int64{24}, asset.Failed, ruleSize},
		"far away":         {tabletest.File(head(1), tensor("a", 1, six, 0, 1<<62, 24)), []int64{24}, asset.Failed, ruleSize},
		"negative offset":  {tabletest.File(head(1), tensor("a", 1, six, 0, 1<<63, 24)), []int64{24}, asset.Failed, ruleSize},
		"no such file":     {tabletest.File(head(1), tensor("a", 1, six, 1, 0, 24)), []int64{24}, asset.Failed, ruleSize},
		"no such type":     {tabletest.File(head(1), tensor("a", 99, six, 0, 0, 24)), []int64{24}, asset.Failed, ruleSize},
		"too many":         {tabletest.File(head(1), tensor("a", 1, []uint64{1 << 40, 1 << 40}, 0, 0, 24)), []int64{24}, asset.Failed, ruleSize},
		"overlap":          {tabletest.File(head(1), tensor("a", 1, six, 0, 0, 24), tensor("b", 1, six, 0, 20, 24)), []int64{44}, asset.Unverified, ruleHidden},
		"trailing":         {tabletest.File(head(1), tensor("a", 1, six, 0, 0, 24)), []int64{10_000}, asset.Unverified, ruleHidden},
		"gap":              {tabletest.File(head(1), tensor("a", 1, six, 0, 0, 24), tensor("b", 1, six, 0, 9000, 24)), []int64{9024}, asset.Unverified, ruleHidden},
		"aligned":          {tabletest.File(head(1), tensor("a", 1, six, 0, 0, 24), tensor("b", 1, six, 0, 4096, 24)), []int64{4120}, asset.OK, ""},
		"unknown field":    {tabletest.File(head(1), tabletest.KV{Key: "a", Value: tensor("a", 1, six, 0, 0, 24).Value + "\x7a\x03abc"}), []int64{24}, asset.Unverified, ruleHidden},
		"repeated tensor":  {tabletest.File(head(1), tensor("a", 1, six, 0, 0, 24), tensor("a", 1, six, 0, 0, 24)), []int64{24}, asset.Failed, ""},
		"too many shards":  {tabletest.File(head(200_000)), nil, asset.Failed, ""},
		"broken, then cut": {tabletest.File(head(1), tensor("a", 1, six, 0, 0, 20))[:30], []int64{24}, asset.Failed, ""},
	} {
		r := checkpointIn(t, tt.index, tt.sizes...)
		if r.Verdict != tt.verdict || tt.rule == "" && len(r.Findings) > 0 || tt.rule != "" && !slices.Contains(r.Rules(), tt.rule) {
			t.Errorf("%s: %q %v %v, want %q %q", name, r.Verdict, r.Messages(), r.Errors, tt.verdict, tt.rule)
		}
		if strings.ContainsAny(strings.Join(r.Messages(), ""), "\x1b\n") {
			t.Errorf("%s: a name is shown as it is", name)
		}
	}
}

func TestCheckpointOutside(t *testing.T) {
	dir := t.TempDir()
	index := tabletest.File(tabletest.Header(1))
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "variables.data-00000-of-00001")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	file := filepath.Join(dir, "variables.index")
	if err := os.WriteFile(file, index, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := artifacttest.ScanPath(t, []scan.Scanner{New()}, file); r.Verdict != asset.Malicious {
		t.Errorf("%q %v", r.Verdict, r.Messages())
	}
}

func TestCheckpointNames(t *testing.T) {
	index := tabletest.File(tabletest.Header(1))
	for name, want := range map[string]asset.Verdict{"variables.index": asset.Failed, "blob": asset.Failed} {
		if r := artifacttest.Scan(t, New(), name, index); r.Verdict != want || r.Format != checkpointFormat {
			t.Errorf("%s: %q %q", name, r.Verdict, r.Format)
		}
	}
	for name, b := range map[string]string{"faiss.index": "IxFl\x00\x00", "x.index": "\x00\x00\x04abcd", "y": string(index[:40])} {
		if r := artifacttest.Scan(t, New(), name, []byte(b)); r.Verdict != asset.Unknown {
			t.Errorf("%s: taken for %q", name, r.Format)
		}
	}
}

// TestCheckpointLibrary reads what TensorFlow wrote (bench/formats/tensorflow/text.py).
func TestCheckpointLibrary(t *testing.T) {
	var want map[string][]row
	b, err := os.ReadFile("testdata/checkpoint.json")
	if err == nil {
		err = json.Unmarshal(b, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, rows := range want {
		file := filepath.Join("testdata/checkpoint", name+".index")
		if r := artifacttest.ScanPath(t, []scan.Scanner{New()}, file); r.Verdict != asset.OK || len(r.Findings) > 0 {
			t.Errorf("%s: %q %v %v", name, r.Verdict, r.Messages(), r.Errors)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := artifacttest.Describe(t, New(), file, content)
		if err != nil {
			t.Fatal(err)
		}
		var got []row
		for _, x := range d.Tensors {
			got = append(got, row{x.Name, x.DType, x.Shape})
		}
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Errorf("%s: TensorFlow says otherwise (-) than merlon (+):\n%s", name, diff)
		}
		artifacttest.Truncate(t, New(), "m.index", content, nil)
		artifacttest.Mutate(t, New(), "m.index", content, 200)
	}
}

func FuzzCheckpoint(f *testing.F) {
	f.Add(tabletest.File(tabletest.Header(1), tabletest.Tensor("a", 1, []uint64{2}, 0, 0, 8)))
	f.Fuzz(func(t *testing.T, b []byte) {
		artifacttest.Fuzz(t, New(), "m.index", b)
		artifacttest.Fuzz(t, New(), "m.index", tabletest.Table(tabletest.KV{Key: "\xff", Value: string(tabletest.Sealed(b, 0))}))
	})
}
