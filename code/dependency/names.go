package dependency

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/osv"
	"github.com/merlon-security/merlon/finding"
)

// popular.txt names packages that are worth imitating and, after them, packages of
// their own right whose names are close to one.
//
//go:embed popular.txt
var popularText string

type nameTable struct {
	popular map[string]bool
	known   map[string]bool
	// near finds popular names from what one change makes of a name: the name with one
	// character left out.
	near map[string][]string
}

var popularNames = sync.OnceValue(func() nameTable {
	t := nameTable{popular: map[string]bool{}, known: map[string]bool{}, near: map[string][]string{}}
	into := t.popular
	for line := range strings.Lines(popularText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line == "[neighbours]":
			into = t.known
		default:
			into[line] = true
		}
	}
	for name := range t.popular {
		if len(name) < minImitated {
			continue
		}
		t.near[name] = append(t.near[name], name)
		for i := range name {
			cut := name[:i] + name[i+1:]
			t.near[cut] = append(t.near[cut], name)
		}
	}
	return t
})

// minImitated is the shortest name that is looked for: shorter ones have neighbours of
// every kind.
const minImitated = 5

// names looks for packages called nearly like popular ones.
func (j *judge) names(f *file) {
	t := popularNames()
	for i := range f.Packages {
		p := &f.Packages[i]
		if p.Ecosystem != "PyPI" || p.Name == "" {
			continue
		}
		name := osv.Name("PyPI", p.Name)
		if other := t.imitates(name); other != "" {
			j.report(f, p.Line, finding.Finding{
				Rule: ruleLookalike, Key: "name:" + name,
				Message: fmt.Sprintf("%s is nearly the name of %s: one slip of the keyboard apart. Is it the one that was meant?", sentence(p.Name), other),
				Attrs:   map[string]any{"package": name, "resembles": other},
			})
		}
	}
}

// imitates gives the popular name that name differs from by one character left out,
// added, changed or swapped with its neighbour; empty where it is known itself.
func (t nameTable) imitates(name string) string {
	if t.popular[name] || t.known[name] || len(name) < minImitated-1 || len(name) > 100 {
		return ""
	}
	// A change or a swap leaves the same text when one character is left out on both
	// sides; an added one when it is left out of name, a missing one when of the other.
	best := ""
	consider := func(key string) {
		for _, other := range t.near[key] {
			if oneSlip(name, other) && (best == "" || other < best) {
				best = other
			}
		}
	}
	consider(name)
	for i := range name {
		consider(name[:i] + name[i+1:])
	}
	return best
}

// oneSlip says whether a and b are one edit apart, a swap of neighbours counting as
// one. A digit or a letter at the end is how families of packages are named (boto,
// boto3): that is no slip.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	switch len(b) - len(a) {
	case 0:
		i := 0
		for i < len(a) && a[i] == b[i] {
			i++
		}
		if i == len(a) {
			return false
		}
		if a[i+1:] == b[i+1:] {
			return !(a[i] >= '0' && a[i] <= '9' && b[i] >= '0' && b[i] <= '9')
		}
		return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	case 1:
		i := 0
		for i < len(a) && a[i] == b[i] {
			i++
		}
		if a[i:] != b[i+1:] {
			return false
		}
		last := i == len(a)
		return !(last && (b[i] >= '0' && b[i] <= '9' || b[i] == 's'))
	}
	return false
}
