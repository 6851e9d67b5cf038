package cve

import (
	"regexp"
	"testing"
)

func TestTable(t *testing.T) {
	id := regexp.MustCompile(`^CVE-20\d\d-\d{4,}$`)
	version := regexp.MustCompile(`^(\d+(\.\d+)+|b\d+)?$`) // llama.cpp counts builds
	seen := map[string]bool{}
	for _, e := range All() {
		if !id.MatchString(e.ID) || e.Library == "" || e.Title == "" || e.Trigger == "" ||
			!version.MatchString(e.From) || !version.MatchString(e.Fixed) {
			t.Errorf("malformed: %+v", e)
		}
		if k := e.Trigger + e.ID; seen[k] {
			t.Errorf("twice: %+v", e)
		} else {
			seen[k] = true
		}
	}
	if len(seen) < 15 {
		t.Errorf("only %d entries", len(seen))
	}
}

func TestSentence(t *testing.T) {
	if got, want := Sentence("keras/module"), " It exploits CVE-2025-1550 in keras >= 3.0.0, < 3.9.0."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Sentence("nobody/knows"); got != "" {
		t.Errorf("got %q", got)
	}
}
