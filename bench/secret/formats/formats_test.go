package formats

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestTable: the table reads, every form makes a sample, and the sources are counted.
func TestTable(t *testing.T) {
	all, err := Table()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	by := map[Source]int{}
	for _, f := range all {
		by[f.Source]++
		for range 20 {
			if v := f.Sample(r); len(v) < 8 || strings.Contains(v, "{=") {
				t.Errorf("%s: sample %q", f.Type, v)
			}
		}
		if v, w := f.Sample(r), f.Sample(r); v == w {
			t.Errorf("%s: two samples are the same", f.Type)
		}
	}
	t.Logf("%d formats: %v", len(all), by)
}
