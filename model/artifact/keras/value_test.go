package keras

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/scan"
)

// PyTables loads pickles from attributes and arrays of objects; pandas writes harmless
// ones.
func TestPickles(t *testing.T) {
	load := func(name string) []byte {
		b, err := os.ReadFile("../testdata/pandas/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	pandas := load("pandas.h5")
	list := []byte("(lp0\nS'echo merlon-test'\np1\na.")
	if !bytes.Contains(pandas, list) {
		t.Fatal("pandas.h5 has no pickle in an attribute")
	}
	for name, tt := range map[string]struct {
		file    []byte
		verdict asset.Verdict
	}{
		"pandas":    {pandas, asset.OK},
		"attribute": {bytes.Replace(pandas, list, []byte("cos\nsystem\n(S'echo merlon'\ntR."), 1), asset.Malicious},
		"object":    {load("objects.h5"), asset.Malicious},
		// What only begins like a pickle is no error.
		"text": {bytes.Replace(pandas, list, []byte("(lp0\nS'echo merlon-test', and."), 1), asset.OK},
		"data": {bytes.Replace(pandas, list, []byte("\x80\x04\xff\xff and no more of one, then."), 1), asset.OK},
	} {
		t.Run(name, func(t *testing.T) {
			r := artifacttest.ScanAll(t, []scan.Scanner{New(), pickle.New()}, "frame.h5", tt.file)
			if d := cmp.Diff(tt.verdict, r.Verdict); d != "" {
				t.Error(d, r.Messages(), r.Errors)
			}
		})
	}
}

func TestEmpty(t *testing.T) {
	for _, name := range []string{"m.h5", "m.hdf5", "m.keras"} {
		if r := artifacttest.Scan(t, New(), name, nil); r.Verdict != asset.Failed {
			t.Errorf("%s: verdict %q, want an error", name, r.Verdict)
		}
	}
}
