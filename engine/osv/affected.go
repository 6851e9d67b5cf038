package osv

import "slices"

// Affects is the answer of an advisory about one version.
type Affects uint8

// The answers. Unknown is for versions that cannot be placed; it is never "no".
const (
	No Affects = iota
	Yes
	Unknown
)

// Affects evaluates the algorithm of the OSV schema ("Evaluation") for one version of
// the package: it is affected if it is listed, or if a range holds it. fixed is the
// oldest version newer than this one in which the range that holds it ends, empty
// where no fix is known.
func (a *Affected) Affects(version string) (answer Affects, fixed string) {
	listed := a.lists(version)
	order := orderOf(a.Ecosystem)
	placed := false
	if order != nil {
		_, placed = order(version, version)
	}
	for i := range a.Ranges {
		r := &a.Ranges[i]
		if r.Type == Git {
			continue
		}
		by := order
		if r.Type == Semver && by == nil {
			by = compareSemVer
			_, placed = by(version, version)
		}
		if by == nil || !placed {
			answer = max(answer, Unknown)
			continue
		}
		in, fix := r.holds(by, version)
		if in == Yes {
			listed = true
			fixed = older(by, fixed, fix)
		}
		answer = max(answer, in)
	}
	if listed {
		if fixed == "" && placed && order != nil {
			fixed = a.fixAfter(order, version)
		}
		return Yes, fixed
	}
	if !placed && len(a.Ranges) == 0 && version == "" {
		answer = Unknown
	}
	return answer, ""
}

// lists says whether version is among the listed ones, in whatever spelling ("1.0" and
// "1.0.0").
func (a *Affected) lists(version string) bool {
	if len(a.Versions) == 0 {
		return false
	}
	spelling, exact := canonical(a.Ecosystem, version)
	if a.searchable && exact {
		_, found := slices.BinarySearch(a.Versions, spelling)
		return found
	}
	for _, v := range a.Versions {
		if v == version {
			return true
		}
		if c, err := Compare(a.Ecosystem, v, version); err == nil && c == 0 {
			return true
		}
	}
	return false
}

// holds evaluates a range whose events are ordered by the versions they name; those
// at the same version stay in the order they were given.
func (r *Range) holds(by order, version string) (in Affects, fixed string) {
	events := r.Events
	sorted := func(x, y Event) int {
		c, ok := orderEvents(by, x, y)
		if !ok {
			in = Unknown
		}
		return c
	}
	if !slices.IsSortedFunc(events, sorted) {
		events = slices.Clone(events)
		slices.SortStableFunc(events, sorted)
	}
	if in == Unknown {
		return Unknown, ""
	}
	limited, below := false, false
	vulnerable := false
	for _, e := range events {
		c := 1 // version against the event
		if e.Version != "0" || e.Kind != Introduced {
			var ok bool
			if e.Kind == Limit && e.Version == "*" {
				c, ok = -1, true
			} else {
				c, ok = by(version, e.Version)
			}
			if !ok {
				return Unknown, ""
			}
		}
		switch e.Kind {
		case Introduced:
			if c >= 0 {
				vulnerable, fixed = true, ""
			}
		case Fixed:
			if c >= 0 {
				vulnerable = false
			} else if vulnerable && fixed == "" {
				fixed = e.Version
			}
		case LastAffected:
			if c > 0 {
				vulnerable = false
			}
		case Limit:
			limited = true
			below = below || c < 0
		}
	}
	if !vulnerable || limited && !below {
		return No, ""
	}
	return Yes, fixed
}

func orderEvents(by order, x, y Event) (int, bool) {
	if x.Version == y.Version {
		return 0, true
	}
	switch {
	case x.Kind == Introduced && x.Version == "0":
		return -1, true
	case y.Kind == Introduced && y.Version == "0":
		return 1, true
	case x.Kind == Limit && x.Version == "*":
		return 1, true
	case y.Kind == Limit && y.Version == "*":
		return -1, true
	}
	return by(x.Version, y.Version)
}

// fixAfter is the oldest fix newer than version that any range names.
func (a *Affected) fixAfter(by order, version string) string {
	best := ""
	for _, r := range a.Ranges {
		if r.Type == Git {
			continue
		}
		for _, e := range r.Events {
			if e.Kind != Fixed {
				continue
			}
			if c, ok := by(e.Version, version); ok && c > 0 {
				best = older(by, best, e.Version)
			}
		}
	}
	return best
}

// older is the older of two versions of which either may be empty.
func older(by order, a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	if c, ok := by(b, a); ok && c < 0 {
		return b
	}
	return a
}

// AffectsCommit answers for a package that is pinned to a commit. Only commits that a
// range names can be answered; the ones between them need the repository.
func (a *Affected) AffectsCommit(commit string) Affects {
	answer := No
	for _, r := range a.Ranges {
		if r.Type != Git {
			continue
		}
		answer = max(answer, Unknown)
		for _, e := range r.Events {
			if e.Version != commit {
				continue
			}
			switch e.Kind {
			case Introduced, LastAffected:
				return Yes
			case Fixed:
				return No
			}
		}
	}
	return answer
}
