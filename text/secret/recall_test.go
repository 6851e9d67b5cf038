package secret_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/text/secret"
)

// TestRecall: of every documented format, 50 samples in every context are found as
// what they are; 99 of 100 of a type, and of all.
func TestRecall(t *testing.T) {
	d := secret.Default()
	r := rand.New(rand.NewPCG(11, 12))
	total, missed := 0, 0
	for _, f := range readFormats(t) {
		all, lost := 0, map[string]int{}
		first := ""
		for range 50 {
			value := f.sample(r)
			for _, c := range contexts {
				text := c.text(f.name, value)
				all++
				found := d.Find([]byte(text))
				ok, got := false, "nothing"
				for _, m := range found {
					got = m.Type.ID
					ok = ok || m.Type.ID == f.id && strings.Contains(value, text[m.Start:m.End]) && 2*(m.End-m.Start) > len(value)
				}
				if !ok {
					lost[c.name]++
					if first == "" {
						first = got + " in " + text
					}
				}
			}
		}
		n := 0
		for _, k := range lost {
			n += k
		}
		total, missed = total+all, missed+n
		if 100*n > all {
			t.Errorf("%s: %d of %d missed, by context %v; first: found %s", f.id, n, all, lost, first)
		}
	}
	t.Logf("%d samples, %d missed (%.3f %%)", total, missed, 100*float64(missed)/float64(total))
}

// TestNearMisses: what only looks like a credential of a documented format is not
// reported as one: a wrong checksum, a character too few or too many, placeholders,
// hashes under the same name.
func TestNearMisses(t *testing.T) {
	d := secret.Default()
	r := rand.New(rand.NewPCG(13, 14))
	total, reported, by := map[string]int{}, map[string]int{}, map[string]int{}
	for _, f := range readFormats(t) {
		for range 10 {
			v := f.sample(r)
			miss := map[string]string{
				"stars":       v[:len(v)/4] + strings.Repeat("*", len(v)-len(v)/4),
				"x":           v[:min(4, len(v))] + strings.Repeat("x", len(v)-min(4, len(v))),
				"placeholder": "your-" + strings.ToLower(f.name) + "-here",
				"template":    "${" + f.name + "}",
			}
			if f.exact && len(f.forms) == 1 {
				last := v[len(v)-1]
				miss["too long"] = v + "7"
				if last != '=' {
					miss["too short"] = v[:len(v)-1]
				}
			}
			switch {
			case strings.HasPrefix(f.id, "github-") && f.id != "github-fine-grained-token", f.id == "npm-token", f.id == "grafana-service-account-token":
				flip := byte('a')
				if v[len(v)-1] == 'a' {
					flip = 'b'
				}
				miss["checksum"] = v[:len(v)-1] + string(flip)
			}
			for kind, value := range miss {
				for _, c := range contexts {
					if kind == "stars" && c.name == "url" {
						continue
					}
					total[kind]++
					for _, m := range d.Find([]byte(c.text(f.name, value))) {
						// A value of the wrong length under the name of a service is
						// still a secret of that service; only the format is not met.
						if m.Type.ID == f.id || f.self {
							reported[kind]++
							if what := kind + ": " + f.id + " reported as " + m.Type.ID; by[what] == 0 {
								by[what]++
								t.Logf("%s: %s", what, value)
							}
							break
						}
					}
				}
			}
		}
	}
	for kind, n := range total {
		t.Logf("%s: %d of %d reported", kind, reported[kind], n)
		if 100*reported[kind] > n {
			t.Errorf("%s: %d of %d near misses are reported, more than one of a hundred", kind, reported[kind], n)
		}
	}
}
