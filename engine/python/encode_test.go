package python

import "testing"

func TestEncodeIsTheReverseOfParse(t *testing.T) {
	for _, src := range []string{
		"x = 1\n",
		"\xef\xbb\xbfx = 'ä'\r\n",
		"# -*- coding: latin-1 -*-\nx = '\xe4\xf6'\n",
		"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
		"# coding: euc-jp\nx = '\xa4\xa2'\n",
		"# coding: utf-8\nx = 'ä'\n",
	} {
		tree := Parse([]byte(src))
		if tree.ErrorCount() > 0 {
			t.Fatalf("%q: %v", src, tree.Errors())
		}
		got, err := Encode([]byte(src), tree.Source())
		if err != nil || string(got) != src {
			t.Errorf("%q became %q, %v", src, got, err)
		}
		at, err := Offsets([]byte(src), tree.Source())
		if err != nil {
			t.Errorf("%q: %v", src, err)
			continue
		}
		for i := range tree.Source() {
			tail, err := Encode([]byte(src), tree.Source()[:i])
			if err != nil || at(i) != len(tail) {
				t.Errorf("%q: character %d is at %d, want %d, %v", src, i, at(i), len(tail), err)
			}
		}
	}
	iso := "# coding: iso-2022-jp\nx = '\x1b$B$\"$$\x1b(B'\n"
	if _, err := Offsets([]byte(iso), Parse([]byte(iso)).Source()); err == nil {
		t.Error("offsets of an encoding with states")
	}
	if _, err := Encode([]byte("# coding: latin-1\n"), "€"); err == nil {
		t.Error("a character that the encoding does not have was written")
	}
	if _, err := Encode([]byte("# coding: nonsense\n"), "x"); err == nil {
		t.Error("an unknown encoding was written")
	}
}
