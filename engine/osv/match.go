package osv

import (
	"slices"
	"strings"
)

// Package is what is asked about.
type Package struct {
	Ecosystem string // as OSV spells it, with the release of a distribution: "PyPI", "Debian:12"
	Name      string
	Version   string // empty where nothing pins it
	Commit    string // where it is pinned to a commit instead
}

// Vulnerability is one known problem of a package, under however many identifiers it
// is published.
type Vulnerability struct {
	Advisory          // the one that says most; its aliases are those of all
	IDs      []string // every record that matched, sorted
	Fixed    string   // oldest version beyond the one asked about that an advisory calls fixed; empty where none does
	Affects  Affects  // Yes or Unknown
	Imports  []Import // symbols that are vulnerable, where advisories name them
}

// Match gives what is known of a package, merged by aliases and sorted by identifier.
// What cannot be answered, as for a version out of all order, is Unknown rather than
// left out. Commits are compared with those that advisories name.
func (x *Index) Match(p Package) ([]Vulnerability, error) {
	notes, err := x.notes(p.Ecosystem, Name(p.Ecosystem, p.Name))
	if err != nil {
		return nil, err
	}
	return match(notes, p), nil
}

// Known says whether the index has any advisory about the package.
func (x *Index) Known(ecosystem, name string) (bool, error) {
	notes, err := x.notes(ecosystem, Name(ecosystem, name))
	return len(notes) > 0, err
}

func match(notes []note, p Package) []Vulnerability {
	var hits []Vulnerability
	for i := range notes {
		n := &notes[i]
		var answer Affects
		fixed := ""
		if p.Commit != "" && p.Version == "" {
			answer = n.affected.AffectsCommit(p.Commit)
		} else {
			answer, fixed = n.affected.Affects(p.Version)
		}
		if answer == No {
			continue
		}
		a := *n.advisory
		a.Affected = nil
		hits = append(hits, Vulnerability{Advisory: a, IDs: []string{a.ID}, Fixed: fixed, Affects: answer, Imports: n.affected.Imports})
	}
	return merge(hits, orderOf(p.Ecosystem))
}

// merge joins vulnerabilities that share an identifier, however long the chain.
func merge(hits []Vulnerability, by order) []Vulnerability {
	if len(hits) < 2 {
		return hits
	}
	group := make([]int, len(hits))
	find := func(i int) int {
		for group[i] != i {
			i = group[i]
		}
		return i
	}
	owner := map[string]int{}
	for i := range hits {
		group[i] = i
		for _, id := range append([]string{hits[i].ID}, hits[i].Aliases...) {
			if j, ok := owner[id]; ok {
				group[find(i)] = find(j)
			} else {
				owner[id] = i
			}
		}
	}
	joined := map[int][]Vulnerability{}
	for i := range hits {
		root := find(i)
		joined[root] = append(joined[root], hits[i])
	}
	out := make([]Vulnerability, 0, len(joined))
	for _, same := range joined {
		out = append(out, join(same, by))
	}
	slices.SortFunc(out, func(a, b Vulnerability) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// join makes one of several. It is fixed where the last of them is.
func join(same []Vulnerability, by order) Vulnerability {
	slices.SortFunc(same, func(a, b Vulnerability) int {
		if a.Affects != b.Affects && (a.Affects == Yes || b.Affects == Yes) {
			if a.Affects == Yes {
				return -1
			}
			return 1
		}
		if ra, rb := worth(&a), worth(&b); ra != rb {
			return rb - ra
		}
		return strings.Compare(a.ID, b.ID)
	})
	v := same[0]
	v.IDs, v.Aliases = nil, slices.Clone(v.Aliases)
	for _, s := range same {
		v.IDs = append(v.IDs, s.ID)
		v.Aliases = append(append(v.Aliases, s.ID), s.Aliases...)
		if s.Malicious {
			v.Malicious = true
		}
		v.Exploited = v.Exploited || s.Exploited
		v.EPSS = max(v.EPSS, s.EPSS)
		if v.Rated == "" {
			v.Rated = s.Rated
		}
		if s.Affects == Yes && by != nil && s.Fixed != "" && v.Fixed != "" {
			if c, ok := by(s.Fixed, v.Fixed); ok && c > 0 {
				v.Fixed = s.Fixed
			}
		} else if v.Fixed == "" {
			v.Fixed = s.Fixed
		}
		if len(v.Imports) == 0 {
			v.Imports = s.Imports
		}
	}
	slices.Sort(v.IDs)
	v.Aliases = aliases(v.Aliases, v.ID)
	return v
}

// worth prefers the record that says most.
func worth(v *Vulnerability) int {
	n := 0
	if v.Malicious {
		n += 16
	}
	if v.Vector != "" {
		n += 8
	}
	if v.Rated != "" {
		n += 4
	}
	if v.Fixed != "" {
		n += 2
	}
	if len(v.Imports) > 0 {
		n++
	}
	return n
}
