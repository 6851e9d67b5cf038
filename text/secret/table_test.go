package secret

import (
	"regexp"
	"strings"
	"testing"
)

// TestTypes holds every type to what the rest relies on.
func TestTypes(t *testing.T) {
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$|^jwt$`)
	seen := map[string]bool{}
	for _, ty := range Types() {
		if !id.MatchString(ty.ID) || seen[ty.ID] || ty.Provider == "" || ty.Title == "" || ty.Severity == 0 {
			t.Errorf("type %q is not complete, or not the only one", ty.ID)
		}
		seen[ty.ID] = true
		if ty.Rotate != "" && !strings.HasPrefix(ty.Rotate, "https://") {
			t.Errorf("%s: rotate at %q", ty.ID, ty.Rotate)
		}
		if ty.Pattern == "" {
			continue
		}
		s, err := analyse(ty.Pattern)
		if err != nil {
			t.Errorf("%s: %v", ty.ID, err)
		}
		if len(s.anchors) == 0 && ty.Near == "" {
			t.Errorf("%s: nothing to look for", ty.ID)
		}
		if s.bits < 40 {
			t.Errorf("%s: %.0f bits of chance are too few to mean anything", ty.ID, s.bits)
		}
		if ty.Fix != nil {
			if v := ty.Check(ty.Example(1)); v.Refuse {
				t.Errorf("%s: its own example %q is refused", ty.ID, ty.Example(1))
			}
		}
	}
	t.Logf("%d types", len(seen))
	if len(seen) < 250 {
		t.Errorf("%d types, at least 250 are promised", len(seen))
	}
}

// TestExamplesAreFound: what the generator of a type makes is found as that type,
// in an assignment that names the provider.
func TestExamplesAreFound(t *testing.T) {
	d := Default()
	for _, ty := range Types() {
		if ty.Pattern == "" {
			continue
		}
		name := "SERVICE_API_KEY"
		if n := words(ty.Near); len(n) > 0 {
			name = strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(n[0])) + "_API_KEY"
		}
		missed := 0
		for seed := range uint64(20) {
			text := name + `="` + ty.Example(seed) + "\"\n"
			found := d.Find([]byte(text))
			if len(found) != 1 || found[0].Type.ID != ty.ID {
				missed++
				if missed == 1 {
					got := "nothing"
					if len(found) > 0 {
						got = found[0].Type.ID
					}
					t.Logf("%s: %s found in %s", ty.ID, got, text)
				}
			}
		}
		if missed > 0 {
			t.Errorf("%s: %d of 20 examples were not found as such", ty.ID, missed)
		}
	}
}

// BenchmarkNew is what the first file of a scan pays.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(nil); err != nil {
			b.Fatal(err)
		}
	}
}
