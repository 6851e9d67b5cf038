package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const events = `
{"Action":"start","Package":"m/a"}
{"Action":"pass","Package":"m/a","Test":"TestPlain"}
{"Action":"pass","Package":"m/a","Test":"TestTable/one"}
{"Action":"fail","Package":"m/a","Test":"TestTable/two"}
{"Action":"fail","Package":"m/a","Test":"TestTable"}
{"Action":"output","Package":"m/a","Test":"TestTool","Output":"=== RUN   TestTool\n"}
{"Action":"output","Package":"m/a","Test":"TestTool","Output":"    a_test.go:9: no python3\n"}
{"Action":"skip","Package":"m/a","Test":"TestTool"}
{"Action":"fail","Package":"m/a"}
{"Action":"pass","Package":"m/b"}
{"Action":"build-output","ImportPath":"m/c [m/c.test]","Output":"c.go:1: undefined: x\n"}
{"Action":"build-fail","ImportPath":"m/c [m/c.test]"}
{"Action":"fail","Package":"m/c"}
{"Action":"run","Package":"m/d","Test":"TestHangs"}
{"Action":"fail","Package":"m/d"}
`

func TestCount(t *testing.T) {
	outcomes, err := readEvents(strings.NewReader(strings.TrimSpace(events)))
	if err != nil {
		t.Fatal(err)
	}
	var r run
	r.count(outcomes)
	if r.passed != 2 {
		t.Errorf("passed = %d, want 2: a test with subtests is not counted itself", r.passed)
	}
	want := []string{"m/a TestTable/two", "m/c ", "m/d TestHangs: it did not end", "m/d "}
	slices.Sort(want)
	slices.Sort(r.failed)
	if d := cmp.Diff(want, r.failed); d != "" {
		t.Errorf("failed (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"m/a TestTool: a_test.go:9: no python3"}, r.skipped); d != "" {
		t.Errorf("skipped (-want +got):\n%s", d)
	}
}

func TestSkipFailsUnderCI(t *testing.T) {
	r := run{passed: 3, skipped: []string{"browser: no chromium"}}
	if !r.close() {
		t.Error("a skip fails on a developer's machine")
	}
	r.ci = true
	if r.close() {
		t.Error("a skip passes under CI=true")
	}
}

func TestRotateReachesAll(t *testing.T) {
	for n := 1; n <= 40; n++ {
		all := make([]target, n)
		for i := range all {
			all[i].name = string(rune('A' + i))
		}
		seen := map[string]bool{}
		for turn := range n {
			for _, p := range rotate(all, turn) {
				seen[p.name] = true
			}
		}
		if len(seen) != n {
			t.Errorf("%d targets: only %d have a turn", n, len(seen))
		}
	}
}
