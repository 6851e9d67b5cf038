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
	}
	if _, err := Encode([]byte("# coding: latin-1\n"), "€"); err == nil {
		t.Error("a character that the encoding does not have was written")
	}
	if _, err := Encode([]byte("# coding: nonsense\n"), "x"); err == nil {
		t.Error("an unknown encoding was written")
	}
}
