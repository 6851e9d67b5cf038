package sast

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIgnores(t *testing.T) {
	const code = "import os\nfrom flask import request\n"
	for _, tt := range []struct {
		name, file, body, want string
	}{
		{"reported", "a.py", `os.system(request.args["x"])`, "critical"},
		{"nosec", "a.py", `os.system(request.args["x"])  # nosec`, `critical ignored "comment in the code: # nosec"`},
		{"nosec with words", "a.py", `os.system(request.args["x"])  # nosec checked by hand`, `critical ignored "comment in the code: # nosec checked by hand"`},
		{"nosec with the id", "a.py", `os.system(request.args["x"])  # nosec B101, B605`, `critical ignored "comment in the code: # nosec B101, B605"`},
		{"nosec with another id", "a.py", `os.system(request.args["x"])  # nosec B101`, "critical"},
		{"nosec with the name of a test", "a.py", `os.system(request.args["x"])  # nosec hardcoded_tmp_directory`, "critical"},
		{"nosec in the last line", "a.py", "os.system(\n  request.args['x'])  # nosec", `critical ignored "comment in the code: # nosec"`},
		{"nosec in a string", "a.py", `os.system(request.args["# nosec"])`, "critical"},
		{"ours", "a.py", `os.system(request.args["x"])  # merlon: ignore[code/command-injection] admins only`, `critical ignored "comment in the code: admins only"`},
		{"ours above", "a.py", "# merlon: ignore[code/command-injection] admins only\n" + `os.system(request.args["x"])`, `critical ignored "comment in the code: admins only"`},
		{"another rule", "a.py", `os.system(request.args["x"])  # merlon: ignore[code/weak-hash] admins only`, "critical"},
		{"no reason", "a.py", `os.system(request.args["x"])  # merlon: ignore[code/command-injection]`, "critical"},
		{"test folder", "tests/a.py", `os.system(request.args["x"])`, "low"},
		{"test file", "pkg/test_a.py", `os.system(request.args["x"])`, "low"},
		{"conftest", "conftest.py", `os.system(request.args["x"])`, "low"},
		{"contest", "contest.py", `os.system(request.args["x"])`, "critical"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// The folder of the project does not make it test code.
			dir := filepath.Join(t.TempDir(), "tests", "project")
			name := filepath.Join(dir, filepath.FromSlash(tt.file))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(code+tt.body+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, f := range scanFixture(t, dir) {
				if f.Rule.ID == "code/command-injection" {
					got += f.Severity.String()
					if f.Suppressed != nil {
						got += fmt.Sprintf(" ignored %q", f.Suppressed.Reason)
					}
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
