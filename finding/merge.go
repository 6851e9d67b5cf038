package finding

import (
	"cmp"
	"slices"

	"github.com/merlon-security/merlon/asset"
)

// maxPlaces is how many locations one merged finding lists.
const maxPlaces = 1000

// Merge makes one finding of all that share rule and [Finding.Group]: the same leak
// in ten places is one finding with ten locations, as bad as the worst of them.
// Records without a group stay as they are.
func Merge(records []Record) []Record {
	if !slices.ContainsFunc(records, func(r Record) bool { return r.Group != "" }) {
		return records
	}
	slices.SortStableFunc(records, func(a, b Record) int { return cmp.Or(a.historic()-b.historic(), byPlace(a, b)) })
	first := map[string]int{}
	out := records[:0]
	for _, r := range records {
		if r.Group == "" {
			out = append(out, r)
			continue
		}
		id := r.Finding.Rule + "\x00" + r.Group
		i, ok := first[id]
		if !ok || len(r.Locations) == 0 || len(out[i].Locations) == 0 {
			first[id] = len(out)
			out = append(out, r)
			continue
		}
		one := &out[i]
		one.Severity, one.Confidence = max(one.worst(), r.worst()), max(one.surest(), r.surest())
		for _, l := range r.Locations {
			if last := one.Locations[len(one.Locations)-1]; len(one.Locations) < maxPlaces &&
				(l.Line == 0 || l.Line != last.Line || l.Ref.String() != last.Ref.String()) {
				one.Locations = append(one.Locations, l)
			}
		}
	}
	return out
}

// historic is 1 for what only a commit has: a reader looks at files first.
func (r Record) historic() int {
	for _, s := range r.Where().Ref.Inner {
		if s.Kind == asset.Commit {
			return 1
		}
	}
	return 0
}

func (r Record) worst() Severity {
	if r.Severity != 0 {
		return r.Severity
	}
	return r.Rule.Severity
}

func (r Record) surest() Confidence {
	if r.Confidence != 0 {
		return r.Confidence
	}
	return r.Rule.Confidence
}
