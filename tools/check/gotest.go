package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is one line of `go test -json` (see `go doc test2json`).
type event struct {
	Action     string
	Package    string
	ImportPath string // of build-output and build-fail
	Test       string
	Output     string
}

// outcome is what became of one test, or, with an empty name, of a package.
type outcome struct {
	pkg, test, action string
	output            string
}

// goTest runs go test and counts each test that has no subtests.
func (r *run) goTest(ctx context.Context, env []string, args ...string) {
	cmd := r.command(ctx, env, "go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.result("go test", "", err)
		return
	}
	outcomes, readErr := readEvents(out)
	waitErr := cmd.Wait()
	before := len(r.failed)
	r.count(outcomes)
	switch {
	case readErr != nil:
		r.result("go test", "", readErr)
	case waitErr != nil && len(r.failed) == before:
		r.result("go test", "", waitErr) // it failed in a way that no event told
	}
}

func readEvents(in io.Reader) ([]outcome, error) {
	type key struct{ pkg, test string }
	var order []key
	seen := map[key]*outcome{}
	get := func(pkg, test string) *outcome {
		k := key{pkg, test}
		if seen[k] == nil {
			seen[k] = &outcome{pkg: pkg, test: test}
			order = append(order, k)
		}
		return seen[k]
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("go test printed %q: %w", lines.Text(), err)
		}
		if e.Package == "" {
			e.Package, _, _ = strings.Cut(e.ImportPath, " ")
		}
		o := get(e.Package, e.Test)
		switch e.Action {
		case "output", "build-output":
			o.output += e.Output
		case "pass", "fail", "skip":
			o.action = e.Action
		case "build-fail":
			o.action = "fail"
		}
	}
	var all []outcome
	for _, k := range order {
		all = append(all, *seen[k])
	}
	return all, lines.Err()
}

func (r *run) count(outcomes []outcome) {
	parents := map[string]bool{}
	failedIn := map[string]bool{}
	for _, o := range outcomes {
		if i := strings.LastIndexByte(o.test, '/'); i >= 0 {
			parents[o.pkg+" "+o.test[:i]] = true
		}
		if o.test != "" && o.action == "fail" {
			failedIn[o.pkg] = true
		}
	}
	for _, o := range outcomes {
		name := strings.TrimPrefix(o.pkg, "github.com/merlon-security/merlon/") + " " + o.test
		switch {
		case o.action == "fail" && (o.test != "" || !failedIn[o.pkg]):
			// A parent's own output matters too, so it is shown even when a subtest failed.
			fmt.Println("---", name)
			fmt.Println(tail(o.output, 60))
			if !parents[o.pkg+" "+o.test] || !failedBelow(outcomes, o) {
				r.failed = append(r.failed, name)
			}
		case o.test == "" || parents[o.pkg+" "+o.test] && o.action != "skip":
		case o.action == "pass":
			r.passed++
		case o.action == "skip":
			r.skipped = append(r.skipped, name+": "+reason(o.output))
		default:
			r.failed = append(r.failed, name+": it did not end")
		}
	}
}

func failedBelow(outcomes []outcome, parent outcome) bool {
	return slices.ContainsFunc(outcomes, func(o outcome) bool {
		return o.pkg == parent.pkg && o.action == "fail" && strings.HasPrefix(o.test, parent.test+"/")
	})
}

// reason finds what a skipped test said.
func reason(output string) string {
	var said []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			said = append(said, line)
		}
	}
	return strings.Join(said, " ")
}
