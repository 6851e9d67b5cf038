package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain text":                      "plain text",
		"":                                "",
		"tab\tand\nline":                  `tab\tand\nline`,
		"\x1b[31mred":                     `\x1b[31mred`,
		"del\x7f nel\u0085":               `del\x7f nel\u0085`,
		"user\u202egpj.exe":               `user\u202egpj.exe`,
		"zero\u200bwidth\ufeff":           `zero\u200bwidth\ufeff`,
		"tag\U000e0041":                   `tag\U000e0041`,
		"selector\ufe0f":                  `selector\ufe0f`,
		"bad\xff\xfebytes":                `bad\xff\xfebytes`,
		"no\u00a0break":                   `no\u00a0break`,
		"filler\u3164":                    `filler\u3164`,
		"grüße 日本語 🙂":                     "grüße 日本語 🙂",
		`already \x1b escaped`:            `already \x1b escaped`,
		"e\u0301 is fine":                 "e\u0301 is fine",
		"z\u0301\u0301\u0301\u0301\u0301": "z\u0301\u0301\u0301\u0301" + `\u0301`,
	} {
		if diff := cmp.Diff(want, Visible(in)); diff != "" {
			t.Errorf("Visible(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func FuzzVisible(f *testing.F) {
	for _, s := range []string{"a", "\x1b[2J", "\u202e", "\xc3\x28", "é\u200d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Visible(s)
		if !utf8.ValidString(got) {
			t.Fatalf("Visible(%q) = %q is not UTF-8", s, got)
		}
		if i := strings.IndexFunc(got, Hidden); i >= 0 {
			t.Fatalf("Visible(%q) = %q hides something at %d", s, got, i)
		}
		if Visible(got) != got && !strings.ContainsFunc(got, func(r rune) bool { return r > 0x7f }) {
			t.Fatalf("Visible(%q) is not stable", s)
		}
	})
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		s    string
		cols int
		end  string
		mid  string
		tail string
	}{
		{"short", 10, "short", "short", "short"},
		{"models/credit/approval.pkl", 16, "models/credit...", "mode...roval.pkl", ".../approval.pkl"},
		{"日本語日本語日本語", 10, "日本語...", "日...本語", "...日本語"},
		{"abc", 2, "..", "..", ".."},
	} {
		if got := Cut(tt.s, tt.cols); got != tt.end || Width(got) > tt.cols {
			t.Errorf("Cut(%q, %d) = %q, want %q", tt.s, tt.cols, got, tt.end)
		}
		if got := CutMiddle(tt.s, tt.cols); got != tt.mid || Width(got) > tt.cols {
			t.Errorf("CutMiddle(%q, %d) = %q, want %q", tt.s, tt.cols, got, tt.mid)
		}
		if got := CutStart(tt.s, tt.cols); got != tt.tail || Width(got) > tt.cols {
			t.Errorf("CutStart(%q, %d) = %q, want %q", tt.s, tt.cols, got, tt.tail)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		s    string
		cols int
		want []string
	}{
		{"one two three four", 9, []string{"one two", "three", "four"}},
		{"a abcdefghijkl b", 5, []string{"a", "abcde", "fghij", "kl b"}},
		{"日本語", 1, []string{"日", "本", "語"}},
		{"as it is", 0, []string{"as it is"}},
		{"", 5, []string{""}},
	} {
		if diff := cmp.Diff(tt.want, Wrap(tt.s, tt.cols)); diff != "" {
			t.Errorf("Wrap(%q, %d) (-want +got):\n%s", tt.s, tt.cols, diff)
		}
	}
}
