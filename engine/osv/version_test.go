package osv

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/mod/semver"
)

func TestCompare(t *testing.T) {
	// Each line is in ascending order; "=" joins what is equal.
	for _, tt := range []struct {
		ecosystem string
		ascending [][]string
	}{
		{"PyPI", [][]string{{"1.dev0"}, {"1.0a0.dev1"}, {"1a0", "1.0-alpha", "1.0.0.a.0"}, {"1b2.post1.dev3"}, {"1b2.post1"}, {"1rc1", "1c1", "1.0.pre1", "1.0preview1"}, {"1", "v1.0", "1.0.0"}, {"1+abc"}, {"1+abc.5"}, {"1+5"}, {"1.post0.dev1"}, {"1.post0", "1.0-0", "1.0r", "1.0.rev"}, {"1.0.1"}, {"1.10"}, {"2024.1"}, {"1!0.1"}}},
		{"npm", [][]string{{"1.0.0-0"}, {"1.0.0-alpha"}, {"1.0.0-alpha.1"}, {"1.0.0-alpha.beta"}, {"1.0.0-beta.2"}, {"1.0.0-beta.11"}, {"1.0.0", "v1.0.0", "1.0.0+build", "1"}, {"1.2.0", "1.2"}, {"1.10.0"}}},
		{"Go", [][]string{{"v0.0.0-20170424173420-06e7a29f36a3"}, {"v0.9.1-0.20170424173420-06e7a29f36a3"}, {"0.9.1", "v0.9.1"}, {"go1.20rc1", "1.20.0-rc.1"}, {"go1.20rc10"}, {"go1.20", "1.20.0"}, {"go1.20.1"}, {"v2.0.0+incompatible", "v2.0.0"}}},
		{"NuGet", [][]string{{"1.0.0-Beta", "1.0.0-beta"}, {"1.0.0", "1.0.0.0"}, {"1.0.0.1"}, {"1.0.1"}}},
		{"Debian:12", [][]string{{"1.0~rc1-1"}, {"1.0-1~bpo1"}, {"1.0-1"}, {"1.0-1+deb12u1"}, {"1.0a-1"}, {"1.0+dfsg-1"}, {"1.10-1"}, {"1:0.1-1"}}},
		{"Alpine:v3.20", [][]string{{"1.2_alpha1"}, {"1.2_rc1-r3"}, {"1.2"}, {"1.2-r1"}, {"1.2_git20240101"}, {"1.2_p1"}, {"1.2a"}, {"1.2.0"}, {"1.10"}}},
		{"Red Hat", [][]string{{"1.0~rc1-1.el9"}, {"1.0-1.el9"}, {"1.0-2.el9"}, {"1.0^git1-1"}, {"1.0.1-1"}, {"1.10-1"}, {"1:0.1-1"}}},
		{"RubyGems", [][]string{{"1.0.a"}, {"1.0.0-rc1"}, {"1.0", "1", "1.0.0"}, {"1.0.1"}, {"1.10"}}},
		{"Packagist", [][]string{{"1.0-dev"}, {"1.0-alpha1"}, {"1.0-beta1"}, {"1.0-RC1"}, {"1.0"}, {"1.0-pl1"}, {"1.0.1"}}},
		{"Maven", [][]string{{"1-alpha-1", "1a1"}, {"1-beta"}, {"1-m1", "1-milestone-1"}, {"1-rc", "1-cr"}, {"1-SNAPSHOT"}, {"1", "1.0", "1-ga", "1.final", "1.0.0"}, {"1-sp"}, {"1-foo"}, {"1-1"}, {"1.1"}, {"1.10"}}},
	} {
		for i, same := range tt.ascending {
			for _, a := range same {
				for _, b := range same {
					if c, err := Compare(tt.ecosystem, a, b); c != 0 || err != nil {
						t.Errorf("%s: Compare(%q, %q) = %d, %v; want 0", tt.ecosystem, a, b, c, err)
					}
				}
				for _, more := range tt.ascending[i+1:] {
					for _, b := range more {
						if c, err := Compare(tt.ecosystem, a, b); c != -1 || err != nil {
							t.Errorf("%s: Compare(%q, %q) = %d, %v; want -1", tt.ecosystem, a, b, c, err)
						}
						if c, err := Compare(tt.ecosystem, b, a); c != 1 || err != nil {
							t.Errorf("%s: Compare(%q, %q) = %d, %v; want 1", tt.ecosystem, b, a, c, err)
						}
					}
				}
			}
		}
	}
}

func TestInvalidVersions(t *testing.T) {
	for ecosystem, versions := range map[string][]string{
		"PyPI":    {"", "latest", "1.0-", "1.0+", "1.0+a..b", "1..0", "1.0 beta 1 x", "!1", "1.0+ü"},
		"npm":     {"", "x", "1.2.3.4", "1.2.3-", "1.2.3-a..b", "^1.2.3", "workspace:*"},
		"Go":      {"", "(devel)", "latest"},
		"Alpine":  {"", "a1", "1.2_foo"},
		"Debian":  {"", "a:1", "1 2"},
		"Nowhere": {"1.0"},
	} {
		for _, v := range versions {
			if Valid(ecosystem, v) {
				t.Errorf("%s: %q is said to be a version", ecosystem, v)
			}
		}
	}
}

func TestName(t *testing.T) {
	for _, tt := range [][3]string{
		{"PyPI", "Flask_SQLAlchemy..Ext--2", "flask-sqlalchemy-ext-2"}, {"PyPI", "torch", "torch"},
		{"npm", "@Scope/Name", "@Scope/Name"}, {"NuGet", "Newtonsoft.Json", "newtonsoft.json"},
		{"Go", "github.com/BurntSushi/toml", "github.com/BurntSushi/toml"},
	} {
		if got := Name(tt[0], tt[1]); got != tt[2] {
			t.Errorf("Name(%q, %q) = %q, want %q", tt[0], tt[1], got, tt[2])
		}
	}
}

// TestSemVerAgainstGo compares with golang.org/x/mod/semver.
func TestSemVerAgainstGo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		a, b := randomSemVer(r), randomSemVer(r)
		if got, _ := Compare("Go", a, b); got != semver.Compare(a, b) {
			t.Fatalf("Compare(%q, %q) = %d, x/mod/semver says %d", a, b, got, semver.Compare(a, b))
		}
	}
}

func randomSemVer(r *rand.Rand) string {
	s := fmt.Sprintf("v%d.%d.%d", r.IntN(3), r.IntN(12), r.IntN(3))
	for i := range r.IntN(4) {
		s += [...]string{"-", "."}[min(i, 1)] + [...]string{"0", "1", "11", "alpha", "beta", "rc", "0a", "x-y", "20240101000000"}[r.IntN(9)]
	}
	if r.IntN(5) == 0 {
		s += "+" + [...]string{"incompatible", "b.1"}[r.IntN(2)]
	}
	return s
}

// TestCanonicalSpelling: versions are equal exactly if their canonical spellings are.
func TestCanonicalSpelling(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for ecosystem, version := range map[string]func(*rand.Rand) string{"PyPI": randomPEP440, "Go": randomSemVer} {
		for range 50000 {
			a, b := version(r), version(r)
			c, err := Compare(ecosystem, a, b)
			if err != nil {
				t.Fatal(err)
			}
			x, _ := canonical(ecosystem, a)
			y, _ := canonical(ecosystem, b)
			if (c == 0) != (x == y) {
				t.Fatalf("%s: %q and %q compare %d, their spellings are %q and %q", ecosystem, a, b, c, x, y)
			}
		}
	}
}
