package xmldoc

import (
	"strings"
	"testing"
)

func TestHides(t *testing.T) {
	for head, want := range map[string]bool{
		`<?xml version="1.0"?><net name="x">`:         false,
		"\xef\xbb\xbf<!-- a --><!-- b -->\n<project>": false,
		"<\x00a\x00>\x00":                             false,
		"not XML":                                     false,
		"":                                            true,
		"  \n\t ":                                     true,
		`<?xml version="1.0"?>` + strings.Repeat(" ", 5000):      true,
		`<?xml version="1.0"?><!--` + strings.Repeat("x", 5000):  true,
		`<?xml version="1.0"?><?x ` + strings.Repeat("x", 5000):  true,
		`<?xml version="1.0"?><!-- a --><!DOCTYPE x [ <!ENTITY `: true,
		`<!--`: true,
	} {
		if got := Begin([]byte(head)).Hides(); got != want {
			t.Errorf("%.60q: hides %v, want %v", head, got, want)
		}
	}
}
