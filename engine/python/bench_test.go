package python

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkParse parses the .py files below $MERLON_PYTHON_BENCH, with one core.
func BenchmarkParse(b *testing.B) {
	root := os.Getenv("MERLON_PYTHON_BENCH")
	if root == "" {
		b.Skip("MERLON_PYTHON_BENCH names no folder")
	}
	var files [][]byte
	var size int64
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".py") {
			return err
		}
		src, err := os.ReadFile(name)
		files = append(files, src)
		size += int64(len(src))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	var kept int64
	for b.Loop() {
		kept = 0
		for _, src := range files {
			kept += Parse(src).Memory()
		}
	}
	b.ReportMetric(float64(kept)/float64(size), "bytes-kept/byte")
	b.ReportMetric(float64(len(files)), "files")
}
