package safetoml

import (
	"strings"
	"testing"
)

func TestUnmarshal(t *testing.T) {
	const table = "[[package]]\nname = \"a\"\nversion = \"1.0\" # [[[[\nx = '[[[['\ny = \"\"\"\n[[[[ \\\"\"\"\n\"\"\"\nfiles = [{file = \"a.b.c.d\", hash = 'x'}]\n[package.a.\"b.c\"]\nn = 1.5\n"
	var v map[string]any
	if err := Unmarshal([]byte(strings.Repeat(table[:len(table)-len("[package.a.\"b.c\"]\nn = 1.5\n")], 1000)), &v); err != nil {
		t.Error(err)
	}
	repeat := strings.Repeat
	mixed := "a = " // neither many brackets nor many parts of a key, but both
	for range 60 {
		mixed += "{" + repeat("k.", 59) + "k = "
	}
	for name, doc := range map[string]string{
		"arrays": "a = " + repeat("[", 100000), "inline tables": "a = " + repeat("{b = ", 100000), "key": repeat("a.", 100000) + "b = 1\n", "header": "[" + repeat("a.", 100000) + "b]\n",
		"key over lines": "a = [" + repeat("{b.c =\n", 100000), "after a string": "x = \"\"\"\n\"\"\"\na = " + repeat("[", 100000), "keys within tables": mixed,
	} {
		if err := Unmarshal([]byte(doc), &v); err == nil || !strings.Contains(err.Error(), "nested deeper") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte("a = [1, {b.c = 'x'}]\n[d.e]\n"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		var v map[string]any
		_ = Unmarshal(doc, &v)
	})
}
