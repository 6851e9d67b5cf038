package numpy

import (
	"archive/zip"
	"bytes"
	"testing"

	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/scan"
)

// all look at an array together.
var all = []scan.Scanner{archive.New(), New(), pickle.New()}

func TestHostile(t *testing.T) {
	plain := []byte(npy(1, head("'<f4'", "(2, 3)"), "0123456789abcdef01234567"))
	artifacttest.TruncateAll(t, all, "m.npy", plain, nil)
	artifacttest.MutateAll(t, all, "m.npy", plain, 500)
	objects := []byte(npy(2, head("'|O'", "(1,)"), "\x80\x02]q\x00K\x01a."))
	artifacttest.TruncateAll(t, all, "m.npy", objects, nil)
	artifacttest.MutateAll(t, all, "m.npy", objects, 500)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("w.npy")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(plain); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	artifacttest.TruncateAll(t, all, "m.npz", b.Bytes(), nil)
	artifacttest.MutateAll(t, all, "m.npz", b.Bytes(), 300)
}

func FuzzScan(f *testing.F) {
	f.Add([]byte(npy(1, head("'<f4'", "(2, 3)"), "0123456789abcdef01234567")))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.FuzzAll(t, all, "m.npy", b) })
}
