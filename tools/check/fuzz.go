package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// target is one fuzz function.
type target struct{ dir, name string }

var fuzzFunc = regexp.MustCompile(`^func (Fuzz[A-Z]\w*)\(`)

// targets lists every fuzz function of the module, in a fixed order.
func targets(root string) ([]target, error) {
	var all []target
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if m := fuzzFunc.FindStringSubmatch(lines.Text()); m != nil {
				all = append(all, target{dir: "./" + filepath.ToSlash(filepath.Dir(name)), name: m[1]})
			}
		}
		return nil
	})
	slices.SortFunc(all, func(a, b target) int {
		return strings.Compare(a.dir+a.name, b.dir+b.name)
	})
	return all, err
}

// perRun is how many targets share the time of one run.
const perRun = 3

// rotate picks the targets of a run: one turn goes on where the last one ended, so
// that all of them are run in time.
func rotate(all []target, turn int) []target {
	n := min(perRun, len(all))
	picked := make([]target, 0, n)
	for i := range n {
		picked = append(picked, all[(turn*n+i)%len(all)])
	}
	return picked
}

func fuzz(ctx context.Context, r *run) {
	all, err := targets(".")
	if err == nil && len(all) == 0 {
		err = errors.New("there are no fuzz targets")
	}
	if err != nil {
		r.result("fuzz", "", err)
		return
	}
	picked := rotate(all, int(time.Now().Unix()/60%int64(len(all)))) // the minute a run begins is chance enough
	each := (r.fuzz / time.Duration(len(picked))).Round(time.Second)
	for _, t := range picked {
		out, err := r.output(ctx, nil, "go", "test", "-vet=off", "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+each.String(), "-fuzzminimizetime=20x", t.dir)
		fmt.Printf("      fuzz %s %s for %s of %d targets\n", t.dir, t.name, each, len(all))
		r.result("fuzz "+t.dir+" "+t.name, out, err)
	}
}
