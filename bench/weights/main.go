// Command weights measures how often the checks of a deep scan are wrong about
// benign weights, and whether they find what was hidden. Usage:
//
//	python3 bench/weights/make.py DIR && go run ./bench/weights DIR
package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/gguf"
	"github.com/merlon-security/merlon/model/artifact/onnx"
	"github.com/merlon-security/merlon/model/artifact/safetensors"
	"github.com/merlon-security/merlon/model/artifact/weights"
	"github.com/merlon-security/merlon/model/inspect"
	"github.com/merlon-security/merlon/scan"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: weights DIR")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string) error {
	for _, part := range []string{"benign", "hidden"} {
		for _, format := range []string{".safetensors", ".gguf", ".npz", ".pt", ".onnx"} {
			if err := measure(ctx, filepath.Join(dir, part), format); err != nil {
				return err
			}
		}
	}
	return nil
}

// tensors counts what a file has; those in zips are its members.
func tensors(ctx context.Context, path string) (int, error) {
	x, err := inspect.Run(ctx, inspect.Options{Path: path, Scanners: []scan.Scanner{safetensors.New(), gguf.New(), onnx.New()}})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, f := range x.Files {
		n += len(f.Tensors)
	}
	if n == 0 {
		z, err := zip.OpenReader(path)
		if err != nil {
			return 0, nil
		}
		defer z.Close()
		n = len(z.File)
		if filepath.Ext(path) == ".pt" {
			n-- // data.pkl
		}
	}
	return n, nil
}

func measure(ctx context.Context, dir, format string) error {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == format {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		return err
	}
	total := 0
	for _, p := range paths {
		n, err := tensors(ctx, p)
		if err != nil {
			return err
		}
		total += n
	}
	res, err := scan.Run(ctx, scan.Options{Roots: paths, Scanners: []scan.Scanner{archive.New(), weights.New()}})
	if err != nil {
		return err
	}
	fmt.Printf("%s%s: %d files, %d tensors, %.1f s, %d errors\n", filepath.Base(dir), format, len(paths), total, res.Duration.Seconds(), len(res.Coverage.Errors))
	for _, e := range res.Coverage.Errors {
		fmt.Printf("  %s: %s\n", filepath.Base(e.Path), e.Err)
	}
	for _, f := range res.Findings {
		if strings.HasPrefix(f.Finding.Rule, "artifact/weights-") {
			fmt.Printf("  %s %s: %s\n", f.Finding.Rule, filepath.Base(f.Where().Ref.Path), f.Message)
		}
	}
	return nil
}
