package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExcerpts compares every ```go block that names a file with that file, which
// is compiled and tested where it stands:
//
//	```go file=walkthrough/scanner/scanner.go
//	```go file=walkthrough/scanner/scanner.go part=table
//
// A part lies between the lines "// part NAME" and "// end NAME".
func TestExcerpts(t *testing.T) {
	for _, doc := range documents(t) {
		b, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		got := string(b)
		for _, m := range excerpt.FindAllStringSubmatch(got, -1) {
			file, part, body := m[1], m[2], m[3]
			want := source(t, file, part)
			if d := cmp.Diff(want, body); d != "" {
				if *update {
					got = strings.Replace(got, m[0], strings.TrimSuffix(m[0], body+"```")+want+"```", 1)
					continue
				}
				t.Errorf("%s shows another %s %s than there is (-file +document); go test ./docs -update\n%s", doc, file, part, d)
			}
		}
		if got != string(b) {
			if err := os.WriteFile(doc, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(regexp.MustCompile("(?m)^```go( .*)?$").FindAllString(got, -1)); n != len(excerpt.FindAllString(got, -1)) {
			t.Errorf("%s has ```go blocks that name no file: their code may not compile", doc)
		}
	}
}

var excerpt = regexp.MustCompile("(?ms)^```go file=(\\S+)(?: part=(\\S+))?\n(.*?)```$")

// source returns the code of a file, without its package comment, or a part of it.
func source(t *testing.T, file, part string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if part == "" {
		if i := strings.Index(text, "\npackage "); i >= 0 {
			text = text[i+1:]
		}
		return text
	}
	_, text, ok := strings.Cut(text, "// part "+part+"\n")
	text, _, found := strings.Cut(text, "// end "+part)
	if !ok || !found {
		t.Fatalf("%s has no part %q", file, part)
	}
	return strings.TrimRight(text, "\n\t ") + "\n"
}
