package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

type step struct {
	name, what string
	run        func(context.Context, *run)
}

// steps are run in this order: the quick ones that fail often come first.
var steps = []step{
	{"setup", "install what the checks need", setup},
	{"gofmt", "every Go file is formatted", gofmt},
	{"vet", "go vet for every operating system", vet},
	{"staticcheck", "the pinned linter", staticcheck},
	{"build", "the program builds, without cgo, under 80 MB", build},
	{"test", "go test ./...: units, archtest, oracle, command line, browser, documents", test},
	{"oracle", "CPython and merlon agree on pickles that real libraries wrote", oracle},
	{"race", "the concurrent packages under the race detector", race},
	{"cross", "builds for every platform", cross},
	{"nested", "the nested modules build", nested},
	{"fuzz", "a rotating share of the fuzz targets", fuzz},
}

func setup(ctx context.Context, r *run) { r.script(ctx, "setup", "scripts/setup.sh") }

// script runs a shell script that prints "missing: NAME: WHY" for what it could
// not have.
func (r *run) script(ctx context.Context, name, file string) {
	out, err := r.output(ctx, nil, "sh", file)
	for line := range strings.Lines(out) {
		if what, ok := strings.CutPrefix(strings.TrimSpace(line), "missing: "); ok {
			r.skipped = append(r.skipped, what)
		}
	}
	r.result(name, out, err)
}

func gofmt(ctx context.Context, r *run) {
	out, err := r.output(ctx, nil, "sh", "-c", "gofmt -l $(git ls-files -co --exclude-standard '*.go' | grep -v /testdata/)")
	if err == nil && out != "" {
		err = fmt.Errorf("not formatted; run gofmt -w on them")
	}
	r.result("gofmt", out, err)
}

func vet(ctx context.Context, r *run) {
	for _, goos := range []string{"linux", "windows", "darwin"} {
		out, err := r.output(ctx, []string{"GOOS=" + goos, "CGO_ENABLED=0"}, "go", "vet", "./...")
		r.result("vet "+goos, out, err)
	}
}

func staticcheck(ctx context.Context, r *run) {
	bin, err := filepath.Abs(".cache/bin/staticcheck")
	if err == nil {
		var out string
		out, err = r.output(ctx, []string{"CGO_ENABLED=0"}, "go", "build", "-C", "tools/lint", "-o", bin, "honnef.co/go/tools/cmd/staticcheck")
		if err != nil {
			r.result("staticcheck", out, err)
			return
		}
	}
	out, err := r.output(ctx, []string{"CGO_ENABLED=0"}, bin, "./...")
	r.result("staticcheck", out, err)
}

const maxProgram = 80 << 20 // bytes

func build(ctx context.Context, r *run) {
	out, err := r.output(ctx, nil, "make", "--no-print-directory", "build")
	if err == nil {
		var fi os.FileInfo
		if fi, err = os.Stat("bin/merlon"); err == nil && fi.Size() > maxProgram {
			err = fmt.Errorf("bin/merlon has %d bytes, the limit is %d", fi.Size(), maxProgram)
		}
	}
	r.result("build", out, err)
}

func test(ctx context.Context, r *run) {
	r.goTest(ctx, nil, "-vet=off", "-timeout=15m", "./...")
}

// oracle gives the oracle test of engine/pickle more than what it makes itself.
func oracle(ctx context.Context, r *run) {
	r.script(ctx, "corpus", "scripts/corpus.sh")
	dir, err := filepath.Abs(".cache/corpus")
	if err != nil {
		r.result("oracle", "", err)
		return
	}
	r.goTest(ctx, []string{"MERLON_PICKLE_CORPUS=" + dir}, "-vet=off", "-timeout=15m", "-run=^TestOracle$", "./engine/pickle")
}

// concurrent are the packages in which goroutines share anything.
var concurrent = []string{"./scan/...", "./safeio/...", "./sign/...", "./model/...", "./engine/archive/...", "./internal/cli/...", "./ledger", "."}

func race(ctx context.Context, r *run) {
	args := []string{"-vet=off", "-timeout=15m", "-race"}
	for _, pkg := range concurrent {
		if hasGo(strings.TrimSuffix(pkg, "/...")) {
			args = append(args, pkg)
		}
	}
	r.goTest(ctx, []string{"CGO_ENABLED=1"}, args...)
}

// platforms is the promise of the design: what merlon is cross-built for.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"}

func cross(ctx context.Context, r *run) {
	for _, p := range platforms {
		goos, goarch, _ := strings.Cut(p, "/")
		env := []string{"CGO_ENABLED=0", "GOOS=" + goos, "GOARCH=" + goarch}
		out, err := r.output(ctx, env, "go", "build", "-o", filepath.Join(".cache/cross", goos+"-"+goarch, "merlon"), "./cmd/merlon")
		r.result("build for "+p, out, err)
	}
}

func nested(ctx context.Context, r *run) {
	mods, err := filepath.Glob("*/*/go.mod")
	if err != nil {
		r.result("nested", "", err)
		return
	}
	more, _ := filepath.Glob("*/go.mod")
	for _, mod := range append(mods, more...) {
		out, err := r.output(ctx, []string{"CGO_ENABLED=0"}, "go", "vet", "-C", filepath.Dir(mod), "./...")
		r.result("vet "+filepath.Dir(mod), out, err)
	}
}

// hasGo reports whether there is a Go file in or below dir.
func hasGo(dir string) bool {
	found := false
	filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".go") {
			found = true
			return filepath.SkipAll
		}
		return nil
	})
	return found
}
