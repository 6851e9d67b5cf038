// Package archtest holds the rules of the house that a compiler does not check:
// which floor a package stands on, what it may import, how big a file may grow.
// Its tests read the sources of the whole module; nothing imports it.
package archtest

import "strings"

// Floor is a level of the house. A package imports only floors below its own.
type Floor int

// The floors, lowest first.
const (
	Ground Floor = iota
	Workshop
	Wings
	Assembly
	Doors
	Outside // tools, benchmarks and tests of the house: they may import all, nobody imports them
)

func (f Floor) String() string {
	return [...]string{"ground", "workshop", "wings", "assembly", "doors", "outside"}[f]
}

// Unit is a folder of the module with everything below it. The longest prefix
// that fits a package decides.
type Unit struct {
	Path  string // relative to the module root; "" is the root package alone
	Floor Floor
	Only  []Floor  // when set: the only floors it may import
	By    []string // when set: the only units that may import it
}

// Units is the map of the house. A new top-level folder gets one line here.
var Units = []Unit{
	{Path: "asset", Floor: Ground},
	{Path: "finding", Floor: Ground},
	{Path: "evidence", Floor: Ground},
	{Path: "scan", Floor: Ground},
	{Path: "text", Floor: Ground},
	{Path: "safeio", Floor: Ground},

	{Path: "engine", Floor: Workshop},
	{Path: "gate", Floor: Workshop},
	{Path: "ledger", Floor: Workshop},
	{Path: "sign", Floor: Workshop},
	{Path: "store", Floor: Workshop},

	{Path: "code", Floor: Wings},
	{Path: "data", Floor: Wings},
	{Path: "model", Floor: Wings},
	{Path: "pipeline", Floor: Wings},
	{Path: "runtime", Floor: Wings},
	{Path: "governance", Floor: Wings},

	{Path: "", Floor: Assembly},

	{Path: "internal/cli", Floor: Doors, By: []string{"cmd/merlon"}},
	{Path: "internal/config", Floor: Doors},
	{Path: "cmd", Floor: Doors},
	{Path: "server", Floor: Doors},
	{Path: "integrations", Floor: Doors},
	{Path: "report", Floor: Doors, Only: []Floor{Ground}},

	{Path: "internal/archtest", Floor: Outside},
	{Path: "internal/evasion", Floor: Outside},
	{Path: "model/artifact/matrix", Floor: Outside},
	{Path: "internal/browsertest", Floor: Outside},
	{Path: "tools", Floor: Outside},
	{Path: "bench", Floor: Outside},
	{Path: "docs", Floor: Outside},
	{Path: "examples", Floor: Outside},
}

// UnitOf returns the unit that a package belongs to. pkg is relative to the
// module root, "" for the root package.
func UnitOf(pkg string) (Unit, bool) {
	best, found := Unit{}, false
	for _, u := range Units {
		fits := pkg == u.Path || u.Path != "" && strings.HasPrefix(pkg, u.Path+"/")
		if fits && (!found || len(u.Path) > len(best.Path)) {
			best, found = u, true
		}
	}
	return best, found
}

// Refuse says why package from must not import package to, both relative to the
// module root; "" when it may.
func Refuse(from, to string) string {
	f, ok := UnitOf(from)
	if !ok {
		return "package " + from + " stands on no floor: add its folder to archtest.Units"
	}
	t, ok := UnitOf(to)
	if !ok {
		return "package " + to + " stands on no floor: add its folder to archtest.Units"
	}
	switch {
	case f.Path == t.Path:
		return ""
	case f.Floor == Outside:
		return ""
	case t.By != nil && !contains(t.By, f.Path, from):
		return "only " + strings.Join(t.By, ", ") + " may import it"
	case f.Only != nil:
		for _, o := range f.Only {
			if t.Floor == o {
				return ""
			}
		}
		return f.Path + " imports ground only"
	case t.Floor < f.Floor:
		return ""
	case f.Floor == Ground && t.Floor == Ground, f.Floor == Doors && t.Floor == Doors:
		return "" // these two floors are made of small parts that lean on each other
	case f.Floor == Wings && t.Floor == Wings:
		return "wings never import each other: move what both need to the workshop"
	}
	return "the " + f.Floor.String() + " floor imports only floors below it, and this is " + t.Floor.String()
}

func contains(units []string, unit, pkg string) bool {
	for _, u := range units {
		if u == unit || u == pkg {
			return true
		}
	}
	return false
}
