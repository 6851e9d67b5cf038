// Command weights measures how often the checks of a deep scan are wrong about
// benign weights, and whether they find what was hidden. Usage:
//
//	python3 bench/weights/make.py DIR && go run ./bench/weights DIR
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

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
		path := filepath.Join(dir, part)
		x, err := inspect.Run(ctx, inspect.Options{Path: path, Scanners: []scan.Scanner{safetensors.New()}})
		if err != nil {
			return err
		}
		tensors := 0
		var bytes int64
		for _, f := range x.Files {
			tensors += len(f.Tensors)
			bytes += f.Size
		}
		res, err := scan.Run(ctx, scan.Options{Roots: []string{path}, Scanners: []scan.Scanner{weights.New()}})
		if err != nil {
			return err
		}
		counts := map[string]int{}
		for _, f := range res.Findings {
			counts[f.Finding.Rule]++
		}
		fmt.Printf("%s: %d files, %d tensors, %.0f MB in %.1f s, %d errors\n", part, len(x.Files), tensors, float64(bytes)/1e6, res.Duration.Seconds(), len(res.Coverage.Errors))
		var rules []string
		for _, r := range weights.New().Info().Rules {
			rules = append(rules, r.ID)
		}
		slices.Sort(rules)
		for _, r := range rules {
			fmt.Printf("  %-34s %4d findings, %.2f %% of tensors\n", r, counts[r], 100*float64(counts[r])/float64(max(tensors, 1)))
		}
		if part == "hidden" {
			for _, f := range res.Findings {
				fmt.Printf("    %s: %s\n", filepath.Base(f.Where().Ref.Path), f.Message)
			}
		}
	}
	return nil
}
