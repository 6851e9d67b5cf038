package gate

import (
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/evidence"
)

// FromLedger completes a collection by what a ledger knows: the digests of all
// evidence about the subject, in the order in which it was added. What the ledger
// knows and the folder has not is refused, and so is what the folder has and the
// ledger does not know. Of several runs of the same check the last on the same or newer
// inputs counts: removing or hiding one cannot help.
func FromLedger(c Collection, known []string) Collection {
	c.Source = SourceLedger
	order := map[string]int{}
	for i, d := range known {
		order[d] = i + 1
	}
	there := map[string]bool{}
	for _, p := range c.Problems {
		for d := range order {
			if strings.Contains(path.Base(p.File), d) {
				there[d] = true // refused for a reason of its own
			}
		}
	}
	var records []evidence.Record
	for _, r := range c.Records {
		there[r.Digest] = true
		at := order[r.Digest]
		if at == 0 && r.Kind == evidence.KindDecision {
			continue // what gates said before; nothing rests on it
		}
		if at == 0 {
			c.Problems = append(c.Problems, evidence.Problem{File: r.File, Err: errors.New("the ledger does not know it")})
			continue
		}
		records = append(records, r)
	}
	for _, d := range slices.Compact(slices.Sorted(slices.Values(known))) {
		if !there[d] {
			c.Problems = append(c.Problems, evidence.Problem{File: d, Err: errors.New("the ledger knows this evidence, and it is not in the folder")})
		}
	}
	// Checked against all of the same check, so that a run which is no longer the last
	// still takes the place of those before it.
	c.Records = nil
	checks := map[string][]evidence.Record{}
	for _, r := range records {
		checks[checkOf(r)] = append(checks[checkOf(r)], r)
	}
	for _, r := range records {
		k := checkOf(r)
		if k == "" || !slices.ContainsFunc(checks[k], func(later evidence.Record) bool {
			return order[later.Digest] > order[r.Digest] && supersedes(later, r)
		}) {
			c.Records = append(c.Records, r)
		}
	}
	return c
}

// checkOf names the check that a record is a run of, "" for what is no check.
func checkOf(r evidence.Record) string {
	switch v := r.Predicate.(type) {
	case *evidence.ScanResult:
		return "scan by " + v.Tool.Name
	case *evidence.TestResult:
		return "test " + v.Name + " by " + v.Tool.Name
	}
	return ""
}
