package gate

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/merlon-security/merlon/evidence"
	"golang.org/x/mod/semver"
)

// supersedes reports whether a run of a check takes the place of an earlier run of the
// same check: it was done later, on the same or newer inputs. One that looked at less,
// with older rules, or with other data, does not: then both count, and the worse of them
// decides.
func supersedes(later, earlier evidence.Record) bool {
	if later.When.Before(earlier.When) {
		return false // an old result that was added late
	}
	switch v := later.Predicate.(type) {
	case *evidence.ScanResult:
		old, ok := earlier.Predicate.(*evidence.ScanResult)
		return ok && v.Tool.Name == old.Tool.Name && newerScan(v, old)
	case *evidence.TestResult:
		old, ok := earlier.Predicate.(*evidence.TestResult)
		return ok && v.Tool.Name == old.Tool.Name && v.Name == old.Name && notOlder(v.Tool.Version, old.Tool.Version) && sameData(v, old)
	}
	return false
}

// newerScan compares what two scans depend on: what was left out, the scanners, the
// rules, the database of advisories.
func newerScan(v, old *evidence.ScanResult) bool {
	for _, path := range v.Coverage.Excluded {
		if !slices.Contains(old.Coverage.Excluded, path) {
			return false
		}
	}
	versions := map[string]string{}
	for _, s := range v.Inputs.Scanners {
		versions[s.ID] = s.Version
	}
	newer := semver.Compare(canonical(v.Tool.Version), canonical(old.Tool.Version)) > 0
	for _, s := range old.Inputs.Scanners {
		version, there := versions[s.ID]
		if !there || !notOlder(version, s.Version) {
			return false
		}
		newer = newer || version != s.Version
	}
	return notOlder(v.Tool.Version, old.Tool.Version) && v.Inputs.Advisories >= old.Inputs.Advisories &&
		(newer || v.Inputs.RulesSHA256 == old.Inputs.RulesSHA256) // of the same program other rules are a choice
}

// notOlder compares versions: numbers, or semantic ones. Those that are neither, such as
// of builds from source, have no order.
func notOlder(v, old string) bool {
	a, err1 := strconv.Atoi(v)
	b, err2 := strconv.Atoi(old)
	if err1 == nil && err2 == nil {
		return a >= b
	}
	if x, y := canonical(v), canonical(old); semver.IsValid(x) && semver.IsValid(y) {
		return semver.Compare(x, y) >= 0
	}
	return true
}

func canonical(v string) string {
	if v != "" && v[0] >= '0' && v[0] <= '9' {
		return "v" + v
	}
	return v
}

// sameData reports whether two tests were made with data of the same names, none of it
// left out, and with the same parameters. Data may have been renewed.
func sameData(v, old *evidence.TestResult) bool {
	for _, in := range old.Inputs {
		if !slices.ContainsFunc(v.Inputs, func(r evidence.Resource) bool {
			return r.Name == in.Name && r.URI == in.URI && (in.Name != "" || in.URI != "" || r.Digest["sha256"] == in.Digest["sha256"])
		}) {
			return false
		}
	}
	a, err1 := json.Marshal(v.Parameters)
	b, err2 := json.Marshal(old.Parameters)
	return err1 == nil && err2 == nil && string(a) == string(b)
}
