package secret_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/bench/secret/formats"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/decode"
	"github.com/merlon-security/merlon/text/secret"
)

// samples is how many values of each format are tried in each context.
const samples = 50

// findAll looks into a text and into what is encoded in it, as a scan does.
func findAll(d *secret.Detector, text string) []secret.Match {
	found := d.Find([]byte(text))
	decode.Each([]byte(text), decode.Default(len(text)), func(l decode.Layer) { found = append(found, d.Find(l.Text)...) })
	return found
}

func table(t *testing.T) []formats.Format {
	t.Helper()
	all, err := formats.Table()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRecall: of every format in a table that knows nothing of the detector, 50
// samples in 6 contexts are found as what they are; 99 of 100 of a type, and of all.
func TestRecall(t *testing.T) {
	d := secret.Default()
	r := rand.New(rand.NewPCG(11, 12))
	total, missed := 0, 0
	types := map[string]bool{}
	for _, f := range table(t) {
		types[f.Type] = true
		all, lost, n := 0, map[string]int{}, 0
		first := ""
		for range samples {
			value := f.Sample(r)
			name := f.Name(r)
			for _, c := range formats.Contexts() {
				text := c.Text(name, value)
				all++
				ok, got := false, "nothing"
				for _, m := range findAll(d, text) {
					got = m.Type.ID
					ok = ok || m.Type.ID == f.Type
				}
				if !ok {
					lost[c.Name]++
					n++
					if first == "" {
						first = got + " in " + text
					}
				}
			}
		}
		total, missed = total+all, missed+n
		if 100*n > all {
			t.Errorf("%s: %d of %d missed, by context %v; first: found %s", f.Type, n, all, lost, first)
		}
	}
	for _, ty := range secret.Types() {
		if !types[ty.ID] {
			t.Errorf("%s: the table of formats does not have it", ty.ID)
		}
	}
	t.Logf("%d samples, %d missed (%.3f %%)", total, missed, 100*float64(missed)/float64(total))
}

// TestNearMisses: what only looks like a credential of a format is not reported as
// one, and what can be told without its name is not reported at all.
func TestNearMisses(t *testing.T) {
	d := secret.Default()
	r := rand.New(rand.NewPCG(13, 14))
	total, reported, shown := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, f := range table(t) {
		for range 10 {
			for _, miss := range f.Misses(r) {
				for i, c := range formats.Contexts() {
					// A value of the wrong length under a name that promises a secret is one,
					// whatever its format; under any other name it is nothing.
					name := "ITEM"
					if i%2 == 0 {
						name = f.Name(r)
					}
					text := c.Text(name, miss.Value)
					total[miss.Kind]++
					for _, m := range findAll(d, text) {
						if m.Type.ID == f.Type || name == "ITEM" || miss.Placeholder {
							reported[miss.Kind]++
							if what := miss.Kind + f.Type; !shown[what] {
								shown[what] = true
								t.Logf("%s: %s reported as %s: %s", miss.Kind, f.Type, m.Type.ID, strings.TrimSpace(text))
							}
							break
						}
					}
				}
			}
		}
	}
	all, bad := 0, 0
	for kind, n := range total {
		t.Logf("%s: %d of %d reported", kind, reported[kind], n)
		if 100*reported[kind] > n {
			t.Errorf("%s: %d of %d near misses are reported, more than one of a hundred", kind, reported[kind], n)
		}
		all, bad = all+n, bad+reported[kind]
	}
	t.Logf("%d near misses, %d reported (%.3f %%)", all, bad, 100*float64(bad)/float64(all))
}

// TestKnownNonsense: examples of documentations, hashes and identifiers are no
// credentials, whatever they are called.
func TestKnownNonsense(t *testing.T) {
	d := secret.Default()
	for _, e := range formats.Nonsense(rand.New(rand.NewPCG(15, 16))) {
		for _, c := range formats.Contexts() {
			text := c.Text(e.Name, e.Value)
			for _, m := range findAll(d, text) {
				if m.Severity >= finding.High || e.Harmless {
					t.Errorf("%s: reported as %s: %s", e.What, m.Type.ID, text)
				}
			}
		}
	}
}
