package osv

import "testing"

func TestAffects(t *testing.T) {
	span := func(events ...Event) []Range { return []Range{{Type: Ecosystem, Events: events}} }
	for _, tt := range []struct {
		name    string
		in      Affected
		version string
		want    Affects
		fixed   string
	}{
		{"before the fix", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "0"}, Event{Fixed, "2.0"})}, "1.9", Yes, "2.0"},
		{"at the fix", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "0"}, Event{Fixed, "2.0"})}, "2.0", No, ""},
		{"local version of the fix", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "0"}, Event{Fixed, "2.0"})}, "2.0+cu118", No, ""},
		{"candidate of the fix", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "0"}, Event{Fixed, "2.0"})}, "2.0rc1", Yes, "2.0"},
		{"between two ranges", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "0"}, Event{Fixed, "1.5"}, Event{Introduced, "2.0"}, Event{Fixed, "2.3"})}, "1.6", No, ""},
		{"in the second, given first", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "2.0"}, Event{Fixed, "2.3"}, Event{Introduced, "0"}, Event{Fixed, "1.5"})}, "2.1", Yes, "2.3"},
		{"fixed and introduced again at once", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "0"}, Event{Fixed, "1.0"}, Event{Introduced, "1.0"}, Event{Fixed, "2.0"})}, "1.0", Yes, "2.0"},
		{"last affected", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "0"}, Event{LastAffected, "2.0"})}, "2.0", Yes, ""},
		{"after the last affected", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "0"}, Event{LastAffected, "2.0"})}, "2.0.post1", No, ""},
		{"within a limit", Affected{Ecosystem: "npm", Ranges: []Range{{Semver, []Event{{Introduced, "1.0.0"}, {Limit, "2.0.0"}}}}}, "1.5.0", Yes, ""},
		{"beyond a limit", Affected{Ecosystem: "npm", Ranges: []Range{{Semver, []Event{{Introduced, "1.0.0"}, {Limit, "2.0.0"}}}}}, "2.5.0", No, ""},
		{"no limit", Affected{Ecosystem: "npm", Ranges: []Range{{Semver, []Event{{Introduced, "1.0.0"}, {Limit, "*"}}}}}, "2.5.0", Yes, ""},
		{"listed in another spelling", Affected{Ecosystem: "PyPI", Versions: []string{"1.0.0"}}, "1.0", Yes, ""},
		{"listed, whatever it is", Affected{Ecosystem: "PyPI", Versions: []string{"dev-build"}}, "dev-build", Yes, ""},
		{"listed outside of the range", Affected{Ecosystem: "PyPI", Versions: []string{"3.0"}, Ranges: span(Event{Introduced, "0"}, Event{Fixed, "2.0"})}, "3.0", Yes, ""},
		{"no version of any order", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "0"}, Event{Fixed, "2.0"})}, "latest", Unknown, ""},
		{"no version", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "0"}, Event{Fixed, "2.0"})}, "", Unknown, ""},
		{"no version, a list", Affected{Ecosystem: "PyPI", Versions: []string{"1.0"}}, "", Unknown, ""},
		{"event out of all order", Affected{Ecosystem: "PyPI", Ranges: span(Event{Introduced, "0"}, Event{Fixed, "a b"})}, "1.0", Unknown, ""},
		{"ecosystem that nobody orders", Affected{Ecosystem: "CRAN", Ranges: span(Event{Introduced, "0"})}, "1.0", Unknown, ""},
		{"range of commits", Affected{Ecosystem: "PyPI", Ranges: []Range{{Git, []Event{{Introduced, "0"}, {Fixed, "abc"}}}}}, "1.0", No, ""},
		{"standard library of Go", Affected{Ecosystem: "Go", Ranges: []Range{{Semver, []Event{{Introduced, "1.21.0-0"}, {Fixed, "1.21.3"}}}}}, "go1.21rc2", Yes, "1.21.3"},
		{"Debian release", Affected{Ecosystem: "Debian:12", Ranges: span(Event{Introduced, "0"}, Event{Fixed, "1.2-3+deb12u1"})}, "1.2-3", Yes, "1.2-3+deb12u1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, fixed := tt.in.Affects(tt.version)
			if got != tt.want || fixed != tt.fixed {
				t.Errorf("Affects(%q) = %v, %q; want %v, %q", tt.version, got, fixed, tt.want, tt.fixed)
			}
		})
	}
}

func TestAffectsCommit(t *testing.T) {
	a := Affected{Ranges: []Range{{Git, []Event{{Introduced, "aa"}, {Fixed, "bb"}}}}}
	for commit, want := range map[string]Affects{"aa": Yes, "bb": No, "cc": Unknown} {
		if got := a.AffectsCommit(commit); got != want {
			t.Errorf("AffectsCommit(%s) = %v, want %v", commit, got, want)
		}
	}
	if got := (&Affected{Versions: []string{"1"}}).AffectsCommit("aa"); got != No {
		t.Errorf("without a range of commits: %v", got)
	}
}
