package gate

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestJSONOfInputs holds the fast way against encoding/json: the digest of an input is
// that of its JSON, which readers compute too.
func TestJSONOfInputs(t *testing.T) {
	odd := whole()
	for _, s := range []string{"", `"`, `\`, "<a&b>", "ä\u2028", "\xff", "\n\x00\x7f", `"findings":[`, strings.Repeat("x", 3000)} {
		odd.Findings = append(odd.Findings, Item{Fingerprint: s, Rule: s, Path: s, Asset: s, Category: s, Suppressed: s})
	}
	odd.Environment, odd.Asset.Name = `"findings":[`, `\"findings":[]`
	odd.Exceptions[0].Findings = []string{"a"}
	inputs := []Input{{}, whole(), odd}
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		inputs = append(inputs, randomEvidence(r))
	}
	for _, in := range inputs {
		in = in.normal()
		want, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := in.json()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatal(diff)
		}
	}
}
