// Package versions compares the orders of versions with a second implementation.
package versions

import (
	"math/rand/v2"
	"testing"

	"github.com/google/osv-scalibr/semantic"

	"github.com/merlon-security/merlon/engine/osv"
)

// TestOrdersAgainstScalibr compares the orders of other ecosystems with a second
// implementation, on versions that both have a place for.
func TestOrdersAgainstScalibr(t *testing.T) {
	pieces := map[string][]string{
		"Debian":   {"1", "0", "10", "2", ".", "+", "~", "-", "a", "b", "dfsg", "rc"},
		"Alpine":   {"1", "10", "2", "a", "_alpha", "_rc1", "_p1", "_git2024", ".1", ".01", "-r1", "-r10"},
		"Red Hat":  {"1", "10", "2", ".", "~", "^", "a", "el", "rc"}, // a version without a release means all of them here
		"NuGet":    {"1", ".2", ".10", ".0", "-beta", "-RC.1", "-rc.2", "-a"},
		"RubyGems": {"1", ".2", ".10", ".0", ".a", ".rc1", "b"}, // Ruby reads "-" as ".pre.", the other does not
		"Maven":    {"1", ".2", ".10", ".0", "-alpha", "-1", "-rc1", "a1", "-SNAPSHOT", "-sp", "-foo", "x"},
	}
	for ecosystem, words := range pieces {
		t.Run(ecosystem, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			compared, different := 0, 0
			for range 20000 {
				a, b := "1", "1"
				for range r.IntN(5) {
					a += words[r.IntN(len(words))]
				}
				for range r.IntN(5) {
					b += words[r.IntN(len(words))]
				}
				got, err := osv.Compare(ecosystem, a, b)
				v, perr := semantic.Parse(a, ecosystem)
				if err != nil || perr != nil {
					continue
				}
				want, werr := v.CompareStr(b)
				if werr != nil {
					continue
				}
				compared++
				if got != want {
					if different++; different < 8 {
						t.Errorf("Compare(%q, %q) = %d, the other says %d", a, b, got, want)
					}
				}
			}
			if compared < 2000 {
				t.Errorf("only %d pairs compared", compared)
			}
			if different > 0 {
				t.Errorf("%d of %d differ", different, compared)
			}
		})
	}
}
