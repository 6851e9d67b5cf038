package torchzip_test

import (
	"archive/zip"
	"os"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/model/artifact/torchzip"
	"github.com/merlon-security/merlon/scan"
)

// all look at a file of PyTorch together.
var all = []scan.Scanner{archive.New(), torchzip.New(), pickle.New()}

func TestHostile(t *testing.T) {
	object := state("", "FloatStorage 0 2", "LongStorage 1 1")
	for method, name := range map[uint16]string{zip.Store: "stored.pt", zip.Deflate: "deflated.pt"} {
		b := zipOf(t, method, "m/data.pkl", object, "m/data/0", strings.Repeat("x", 8), "m/data/1", strings.Repeat("y", 8), "m/version", "3\n")
		artifacttest.TruncateAll(t, all, name, b, nil)
		artifacttest.MutateAll(t, all, name, b, 300)
	}
	b := []byte(legacy(state("N", "FloatStorage 0 2"), counted(2, strings.Repeat("x", 8))))
	artifacttest.TruncateAll(t, all, "legacy.pt", b, nil)
	artifacttest.MutateAll(t, all, "legacy.pt", b, 300)
	real, err := os.ReadFile("../testdata/real/torch113-torch-state-dict.pt")
	if err != nil {
		t.Fatal(err)
	}
	artifacttest.MutateAll(t, all, "real.pt", real, 200)
}

func FuzzTorch(f *testing.F) {
	f.Add(zipOf(f, zip.Store, "m/data.pkl", state("", "FloatStorage 0 2"), "m/data/0", strings.Repeat("x", 8)))
	f.Add([]byte(legacy(state("N", "FloatStorage 0 2"), counted(2, strings.Repeat("x", 8)))))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.FuzzAll(t, all, "m.pt", b) })
}
