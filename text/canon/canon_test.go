package canon

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestOf(t *testing.T) {
	all := Options{Latin: true, Tags: true}
	tags := ""
	for _, c := range "hide me" {
		tags += string(0xe0000 + c)
	}
	for _, tt := range []struct {
		name, text string
		o          Options
		want       string
	}{
		{"plain", "plain text", all, "plain text"},
		{"full width", "ｉｇｎｏｒｅ", Options{}, "ignore"},
		{"mathematical", "𝐢𝐠𝐧𝐨𝐫𝐞", Options{}, "ignore"},
		{"ligature", "eﬃcient", Options{}, "efficient"},
		{"zero width", "ig\u200bno\u200dre\ufeff", Options{}, "ignore"},
		{"soft hyphen", "ig\u00adnore", Options{}, "ignore"},
		{"direction", "a\u202eb\u202cc\u2066d", Options{}, "abcd"},
		{"tags dropped", "see" + tags, Options{}, "see"},
		{"tags decoded", "see " + tags, all, "see hide me"},
		{"cyrillic", "іgnоrе", all, "ignore"},
		{"cyrillic stays", "привет", Options{}, "привет"},
		{"selectors", "a\ufe0fb\U000e0101c", Options{}, "abc"},
		{"dash", "sk–ant", all, "sk-ant"},
		{"composed", "e\u0301", Options{}, "é"},
		{"invalid", "a\xffb", Options{}, "a\xffb"},
	} {
		got := Of([]byte(tt.text), tt.o)
		if string(got.Bytes) != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got.Bytes, tt.want)
		}
	}
}

// TestOrigin: what is found in the canonical text is pointed at in the original.
func TestOrigin(t *testing.T) {
	text := "ünder \u200bｓｅｃ\u200bret\u200b: x"
	c := Of([]byte(text), Options{})
	i := strings.Index(string(c.Bytes), "secret")
	if i < 0 {
		t.Fatalf("%q", c.Bytes)
	}
	from, to := c.Origin(i), c.Origin(i+len("secret"))
	if got := text[from:to]; got != "ｓｅｃ\u200bret\u200b" && got != "ｓｅｃ\u200bret" {
		t.Errorf("secret comes from %q", got)
	}
	if c.Hidden != 3 {
		t.Errorf("%d hidden characters, want 3", c.Hidden)
	}
}

func FuzzOf(f *testing.F) {
	f.Add("ünder \u200bｓｅｃ\u200bret \U000e0041 é\xff")
	f.Add("plain")
	f.Fuzz(func(t *testing.T, s string) {
		c := Of([]byte(s), Options{Latin: true, Tags: true})
		last := 0
		for i := range len(c.Bytes) + 1 {
			o := c.Origin(i)
			if o < 0 || o > len(s) {
				t.Fatalf("byte %d comes from %d of %d", i, o, len(s))
			}
			if o < last-utf8.UTFMax*32 {
				t.Fatalf("origins fall from %d to %d", last, o)
			}
			last = o
		}
	})
}
