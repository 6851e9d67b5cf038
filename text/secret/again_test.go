package secret

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFindAfter: edit by edit, it finds what a fresh look finds.
func TestFindAfter(t *testing.T) {
	d, r := Default(), rand.New(rand.NewPCG(21, 22))
	all := Types()
	line := func() string {
		switch ty := all[r.IntN(len(all))]; {
		case r.IntN(6) > 0 || ty.Pattern == "":
			return fmt.Sprintf("value_%d = compute(%d)", r.IntN(100), r.IntN(1000))
		case ty.Near != "":
			return strings.ToUpper(words(ty.Near)[0]) + "_API_KEY = '" + ty.Example(r.Uint64()) + "'"
		default:
			return "x = '" + ty.Example(r.Uint64()) + "'"
		}
	}
	show := func(ms []Match, text string) (out []string) {
		for _, m := range ms {
			out = append(out, fmt.Sprintf("%d %s %s", m.Start, m.Type.ID, text[m.Start:m.End]))
		}
		return out
	}
	for range 20 {
		lines := make([]string, 120)
		for i := range lines {
			lines[i] = line()
		}
		before := strings.Join(lines, "\n")
		known := d.Find([]byte(before))
		for range 20 {
			switch i := r.IntN(len(lines)); r.IntN(4) {
			case 0:
				lines = append(lines[:i], append([]string{line()}, lines[i:]...)...)
			case 1:
				lines = append(lines[:i], lines[i+1:]...)
			default:
				lines[i] = line()
			}
			text := strings.Join(lines, "\n")
			got := d.FindAfter([]byte(text), []byte(before), known)
			if d := cmp.Diff(show(d.Find([]byte(text)), text), show(got, text)); d != "" {
				t.Fatalf("(-fresh +after):\n%s", d)
			}
			before, known = text, got
		}
	}
}
