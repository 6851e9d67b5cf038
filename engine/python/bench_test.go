package python

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The benchmarks read the .py files below $MERLON_PYTHON_BENCH.
func benchFiles(b *testing.B) (files [][]byte, size int64) {
	root := os.Getenv("MERLON_PYTHON_BENCH")
	if root == "" {
		b.Skip("MERLON_PYTHON_BENCH names no folder")
	}
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
	return files, size
}

func BenchmarkParse(b *testing.B) {
	files, size := benchFiles(b)
	var kept int64
	for b.Loop() {
		kept = 0
		for _, src := range files {
			kept += Parse(src).Memory()
		}
	}
	b.ReportMetric(float64(kept)/float64(size), "bytes-kept/byte")
}

func BenchmarkResolve(b *testing.B) {
	files, _ := benchFiles(b)
	var trees []*Tree
	for _, src := range files {
		trees = append(trees, Parse(src))
	}
	for b.Loop() {
		for _, t := range trees {
			Resolve(t, ModuleInfo{Name: "m"})
		}
	}
}
