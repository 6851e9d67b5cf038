package sast

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/scan"
)

// TestBrokenFiles: what is Python of a file is looked at, and a file that is mostly
// something else is told, once.
func TestBrokenFiles(t *testing.T) {
	const bad = "import os\nos.system(input())\n"
	for name, test := range map[string]struct {
		text  string
		error string // "" none
		line  int    // of the finding; 0 none
	}{
		"deep brackets":   {"x = " + strings.Repeat("(", 10_000) + strings.Repeat(")", 10_000) + "\n" + bad, "not Python: line 1: too many nested", 3},
		"deep blocks":     {blocks(2000), "not Python: line 100", 0},
		"deep attributes": {"x" + strings.Repeat(".a", 10_000) + "\n" + bad, "", 3},
		"one line":        {strings.Repeat("a = 1;", 100_000) + strings.ReplaceAll(bad, "\n", ";"), "", 1},
		"Python 2":        {"print 'x'\ntry:\n  pass\nexcept E, e:\n  pass\n" + bad, "", 7},
		"template":        {"{{ header }}\n{% if x %}\n" + bad + strings.Repeat("y = 1\n", 20), "", 4},
		"only a template": {"{% for x in y %}\n{{ x }}\n{% endfor %}\n", "not Python: line 1", 0},
		"NUL":             {"x = 'a\x00b'\n" + bad + "\x00\n", "", 3},
		"not UTF-8":       {"# \xe9\n" + bad, "", 3},
		"unknown coding":  {"# -*- coding: klingon -*-\n" + bad, "", 3},
		"BOM":             {"\xef\xbb\xbf" + bad, "", 2},
		"UTF-16":          {"\xff\xfei\x00m\x00\n\x00", "not Python: line 1: the file is UTF-16", 0},
		"form feeds":      {"import os\n\f\ndef f():\n\f    os.system(input())\n\f", "", 4},
		"binary":          {strings.Repeat("\x00\x9f%\x01)$\n?\x13", 1000), "not Python: line 1", 0},
		"empty":           {"", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "x.py"), []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := scan.Run(context.Background(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{New()}})
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, e := range r.Coverage.Errors {
				said += e.Err + "\n"
			}
			if (test.error == "") != (said == "") || !strings.HasPrefix(said, test.error) || strings.Count(said, "\n") > 1 {
				t.Errorf("errors %q, want %q", said, test.error)
			}
			line := 0
			for _, f := range r.Findings {
				if f.Rule.ID == "code/command-injection" {
					line = f.Locations[0].Line
				}
			}
			if line != test.line {
				t.Errorf("finding in line %d, want %d", line, test.line)
			}
		})
	}
}

func blocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "if x:\n")
	}
	return b.String() + strings.Repeat(" ", n) + "pass\n"
}
