package secret

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const custom = `
title = "rules of our own"
[extend]
useDefault = true
[[rules]]
id = "acme-key"
description = "ACME internal key"
regex = '''acme[_-]?key\s*[:=]\s*["']?(acme-[a-z0-9]{16})'''
keywords = ["acme"]
[[rules]]
id = "Ticket ID"
regex = '''TCKT-([0-9A-F]{12})'''
secretGroup = 1
entropy = 2.5
[rules.allowlist]
regexes = ['''000000''']
stopwords = ["abcdef"]
`

func TestReadGitleaks(t *testing.T) {
	types, err := ReadGitleaks([]byte(custom))
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(types)
	if err != nil {
		t.Fatal(err)
	}
	text := "acme_key = 'acme-k3vq9xlm2tzrw7pq'\nsee TCKT-9F3A17C2B8D4 and TCKT-0000001F2A3B and TCKT-ABCDEF123456 and TCKT-111111111112\n"
	var got []string
	for _, m := range d.Find([]byte(text)) {
		got = append(got, m.Type.ID+" "+text[m.Start:m.End])
	}
	want := []string{"custom-acme-key acme-k3vq9xlm2tzrw7pq", "custom-ticket-id 9F3A17C2B8D4"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestReadGitleaksRefuses(t *testing.T) {
	for name, doc := range map[string]string{
		"no toml":     "[[rules",
		"no regex":    "[[rules]]\nid = \"a\"\n",
		"bad regex":   "[[rules]]\nid = \"a\"\nregex = '''(['''\nkeywords = [\"a\"]\n",
		"no keywords": "[[rules]]\nid = \"a\"\nregex = '''[a-z]{20}'''\n",
		"no group":    "[[rules]]\nid = \"a\"\nregex = '''abcd[a-z]{20}'''\nsecretGroup = 2\n",
	} {
		if _, err := ReadGitleaks([]byte(doc)); err == nil || !strings.Contains(err.Error(), "gitleaks configuration") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
