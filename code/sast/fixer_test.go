package sast

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// mend mends everything below a folder.
func mend(t *testing.T, o Options, dir string) ([]Mended, []Left) {
	t.Helper()
	x := NewFixer(o)
	if _, err := scan.Run(context.Background(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{x}}); err != nil {
		t.Fatal(err)
	}
	files, left, err := x.Mend(context.Background(), func(finding.Finding) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	return files, left
}

func mendText(t *testing.T, o Options, src string) (string, []Left) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "app.py"), []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	files, left := mend(t, o, dir)
	if len(files) == 0 {
		return src, left
	}
	return string(files[0].New), left
}

func TestMendKeepsTheFileAsItIs(t *testing.T) {
	for name, tt := range map[string]struct{ src, want string }{
		"nothing":      {"print(1)\n", "print(1)\n"},
		"UTF-8":        {"import torch\ntorch.load('ä', ä)\n", "import torch\ntorch.load('ä', ä, weights_only=True)\n"},
		"BOM":          {"\xef\xbb\xbfimport torch\ntorch.load('ä')\n", "\xef\xbb\xbfimport torch\ntorch.load('ä', weights_only=True)\n"},
		"Latin-1":      {"# coding: latin-1\nimport torch\nx = '\xe4'; torch.load('\xf6')\n", "# coding: latin-1\nimport torch\nx = '\xe4'; torch.load('\xf6', weights_only=True)\n"},
		"Shift JIS":    {"# coding: sjis\nimport torch\ntorch.load('\x83\x5c\x83\x58')\n", "# coding: sjis\nimport torch\ntorch.load('\x83\x5c\x83\x58', weights_only=True)\n"},
		"CRLF":         {"import torch\r\ntorch.load(\r\n\ta,\r\n)\r\n", "import torch\r\ntorch.load(\r\n\ta,\r\n\tweights_only=True,\r\n)\r\n"},
		"no line end":  {"import torch\ntorch.load(a)", "import torch\ntorch.load(a, weights_only=True)"},
		"form feed":    {"import torch\n\x0ctorch.load(a)\n", "import torch\n\x0ctorch.load(a, weights_only=True)\n"},
		"two in one":   {"import torch\ntorch.load(torch.load(a))\n", "import torch\ntorch.load(torch.load(a, weights_only=True), weights_only=True)\n"},
		"two for one":  {"import transformers as t\nt.AutoModel.from_pretrained('a/b', trust_remote_code=True)\n", "import transformers as t\nt.AutoModel.from_pretrained('a/b')\n"},
		"broken":       {"import torch\ntorch.load(a)\nif:\n", "import torch\ntorch.load(a)\nif:\n"},
		"f-string":     {"import torch\nx = f'{torch.load(a)}'\n", "import torch\nx = f'{torch.load(a, weights_only=True)}'\n"},
		"ignored":      {"import torch\ntorch.load(a)  # merlon: ignore[code/torch-load-default] ours\n", "import torch\ntorch.load(a)  # merlon: ignore[code/torch-load-default] ours\n"},
		"in variables": {"import requests\nargs = {'verify': False}\nrequests.get(u, **args)\n", "import requests\nargs = {'verify': False}\nrequests.get(u, **args)\n"},
	} {
		got, left := mendText(t, Options{}, tt.src)
		if d := cmp.Diff(tt.want, got); d != "" || len(left) > 0 {
			t.Errorf("%s: %s %v", name, d, left)
		}
	}
}

// TestMendIsChecked: a fix that does not do what it says is undone, and the others stay.
func TestMendIsChecked(t *testing.T) {
	dir := t.TempDir()
	rules := `rules:
  - {id: own/one, calls: [m.one], message: one, title: t, why: w, remedy: r, severity: high}
  - {id: own/two, calls: [m.two], when: [k missing], message: two, title: t, why: w, remedy: r, severity: high}
  - {id: own/three, calls: [m.two], when: [k is 2], message: three, title: t, why: w, remedy: r, severity: high}
  - {id: own/four, calls: [m.four], when: [k missing], message: four, title: t, why: w, remedy: r, severity: high}
  - {id: own/five, calls: [m.five], when: [k missing], message: five, title: t, why: w, remedy: r, severity: high}
fixes:
  - {rules: [own/one], steps: [[set k 1]]}
  - {rules: [own/two], steps: [[set k 2]]}
  - {rules: [own/four], steps: [[set k 4]]}
  - {rules: [own/five], steps: [['set k )']]}
`
	if err := os.WriteFile(filepath.Join(dir, "own.yaml"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, left := mendText(t, Options{Knowledge: k}, "import m\nm.one()\nm.two()\nm.four()\nm.five()\nm.four(m.one())\n")
	if d := cmp.Diff("import m\nm.one()\nm.two()\nm.four(k=4)\nm.five()\nm.four(m.one(), k=4)\n", got); d != "" {
		t.Error(d)
	}
	var reasons []string
	for _, l := range left {
		reasons = append(reasons, l.Rule+": "+l.Reason)
	}
	if d := cmp.Diff([]string{"own/one: " + leftStays, "own/two: " + leftOther, "own/five: " + leftSyntax, "own/one: " + leftStays}, reasons); d != "" {
		t.Error(d)
	}
}

// TestMendFixtures mends all fixtures: what was mended is gone, nothing is mended twice, and
// every fix is shown by one of them.
func TestMendFixtures(t *testing.T) {
	shown := map[string]bool{}
	mended := 0
	for _, dir := range fixtures(t) {
		profile := "default"
		if strings.HasSuffix(dir, "/profile-strict") {
			profile = "strict"
		}
		files, left := mend(t, Options{Profile: profile}, dir)
		for _, l := range left {
			t.Errorf("%s:%d %s: %s", l.Locations[0].Ref, l.Locations[0].Line, l.Rule, l.Reason)
		}
		if len(files) == 0 {
			continue
		}
		again := t.TempDir()
		if err := os.CopyFS(again, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			mended += len(f.Findings)
			for _, x := range f.Findings {
				shown[x.Rule] = true
			}
			rel, err := filepath.Rel(dir, f.Path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(again, rel), f.New, 0o600); err != nil {
				t.Fatal(err)
			}
			if tree := python.Parse(f.New); tree.ErrorCount() > 0 {
				t.Errorf("%s: %v", f.Path, tree.Errors())
			}
		}
		if files, _ := mend(t, Options{Profile: profile}, again); len(files) > 0 {
			t.Errorf("%s: %d files are mended twice, %s among them", dir, len(files), files[0].Path)
		}
	}
	k, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	for id := range k.rules.fixes {
		if !shown[id] {
			t.Errorf("no fixture shows the fix of %s", id)
		}
	}
	t.Logf("%d findings mended, of %d rules", mended, len(shown))
}

func TestFixesAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"fixes: [{rules: [code/none], steps: [[drop k]]}]":                            "there is no rule code/none",
		"fixes: [{rules: [code/flask-debug]}]":                                        "no steps",
		"fixes: [{rules: [code/flask-debug], steps: [[frob k]]}]":                     "begins with none of",
		"fixes: [{rules: [code/flask-debug], steps: [[set k]]}]":                      "names no argument and value",
		"fixes: [{rules: [code/flask-debug], steps: [[drop a b]]}]":                   "has not 1 words",
		"fixes: [{rules: [code/flask-debug], steps: [[set a b c]]}]":                  "does not name one argument",
		"fixes: [{rules: [code/flask-debug], steps: [[missing]]}]":                    "does not name one argument",
		"fixes: [{rules: [code/flask-debug], steps: [[call a]]}]":                     "has not 2 words",
		"fixes: [{rules: [code/flask-debug], steps: [[drop debug]], unsafe: breaks}]": "",
	} {
		_, err := load(append(slices.Clone(mustDocuments(t)), document{"own.yaml", []byte(text)}))
		if got := ""; err != nil {
			got = err.Error()
			if want == "" || !strings.Contains(got, want) || !strings.HasPrefix(got, "own.yaml:1: ") {
				t.Errorf("%s: %v", text, err)
			}
		} else if want != "" {
			t.Errorf("%s: no error, want %s", text, want)
		}
	}
}

func mustDocuments(t *testing.T) []document {
	docs, err := embeddedDocuments()
	if err != nil {
		t.Fatal(err)
	}
	return docs
}
