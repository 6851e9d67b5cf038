package osv

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/semver"
)

// published reads the advisories that the repository keeps for tests.
func published(t testing.TB) [][]byte {
	t.Helper()
	f, err := os.Open("testdata/advisories.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, maxRecord)
	for lines.Scan() {
		out = append(out, bytes.Clone(lines.Bytes()))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func publishedIndex(t testing.TB) *Index {
	t.Helper()
	b := NewBuilder()
	s := Source{Name: "published"}
	for _, raw := range published(t) {
		a, err := ParseAdvisory(raw)
		if err != nil {
			t.Fatal(err)
		}
		b.Add(&s, a)
	}
	b.Close(s)
	var buf bytes.Buffer
	if err := b.Write(&buf, time.Unix(1700000000, 0)); err != nil {
		t.Fatal(err)
	}
	x, err := NewIndex(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestMatchesSlowReference asks the index about every package that the advisories
// speak of (over 2,000), at versions on both sides of every change, and compares with
// a matcher that walks through all records as JSON.
func TestMatchesSlowReference(t *testing.T) {
	x := publishedIndex(t)
	type entry struct {
		id       string
		versions []any
		ranges   []any
	}
	about := map[[2]string][]entry{}
	asked := map[[2]string]map[string]bool{}
	for _, raw := range published(t) {
		var r map[string]any
		if err := json.Unmarshal(raw, &r); err != nil {
			t.Fatal(err)
		}
		if r["withdrawn"] != nil {
			continue
		}
		for _, in := range r["affected"].([]any) {
			in := in.(map[string]any)
			p := in["package"].(map[string]any)
			key := [2]string{p["ecosystem"].(string), strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(p["name"].(string)))}
			if key[0] != "PyPI" {
				key[1] = p["name"].(string)
			}
			e := entry{id: r["id"].(string)}
			e.versions, _ = in["versions"].([]any)
			e.ranges, _ = in["ranges"].([]any)
			about[key] = append(about[key], e)
			if asked[key] == nil {
				asked[key] = map[string]bool{"0.0.0": true, "999.0.0": true}
			}
			for _, rng := range e.ranges {
				for _, event := range rng.(map[string]any)["events"].([]any) {
					for _, v := range event.(map[string]any) {
						if v := v.(string); rng.(map[string]any)["type"] != "GIT" && v != "0" {
							asked[key][v] = true
							if key[0] == "PyPI" {
								asked[key][v+".post1"], asked[key][v+".dev1"] = true, true
							}
						}
					}
				}
			}
			for i, v := range e.versions {
				if i%7 == 0 {
					asked[key][v.(string)] = true
				}
			}
		}
	}
	questions, affected := 0, 0
	for key, versions := range asked {
		// A few dozen versions say enough of the packages with hundreds of advisories.
		for i, version := range slices.Sorted(maps.Keys(versions)) {
			if step := 1 + len(versions)/20; i%step != 0 || !Valid(key[0], version) {
				continue
			}
			questions++
			var want []string
			for _, e := range about[key] {
				if slowlyAffected(key[0], e.versions, e.ranges, version) {
					want = append(want, e.id)
				}
			}
			slices.Sort(want)
			want = slices.Compact(want)
			found, err := x.Match(Package{Ecosystem: key[0], Name: key[1], Version: version})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range found {
				if v.Affects == Yes {
					got = append(got, v.IDs...)
				}
			}
			slices.Sort(got)
			got = slices.Compact(got)
			if len(got) > 0 {
				affected++
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s %s %s:\n got %v\nwant %v", key[0], key[1], version, got, want)
			}
		}
	}
	t.Logf("%d packages, %d questions, %d of them affected", len(asked), questions, affected)
	if len(asked) < 2000 || questions < 10000 || affected < questions/10 || affected == questions {
		t.Errorf("%d packages, %d questions, %d affected: too few to say anything", len(asked), questions, affected)
	}
}

// slowlyAffected finds the last change at or before version in every range.
func slowlyAffected(ecosystem string, versions, ranges []any, version string) bool {
	compare := func(a, b string) int {
		if ecosystem == "Go" {
			return semver.Compare("v"+strings.TrimPrefix(a, "v"), "v"+strings.TrimPrefix(b, "v"))
		}
		c, ok := comparePEP440(a, b)
		if !ok {
			panic(fmt.Sprintf("%q or %q", a, b))
		}
		return c
	}
	for _, v := range versions {
		if Valid(ecosystem, v.(string)) && compare(v.(string), version) == 0 {
			return true
		}
	}
	for _, r := range ranges {
		r := r.(map[string]any)
		if r["type"] == "GIT" {
			continue
		}
		if outOfOrder(ecosystem, r["events"].([]any)) {
			continue // nobody can say
		}
		last, vulnerable := "", false
		for _, e := range r["events"].([]any) {
			for kind, at := range e.(map[string]any) {
				at := at.(string)
				if at == "0" {
					if last == "" {
						vulnerable = true
					}
					continue
				}
				c := compare(version, at)
				if (kind == "last_affected" && c > 0 || kind != "last_affected" && c >= 0) && (last == "" || compare(at, last) >= 0) {
					last, vulnerable = at, kind == "introduced"
				}
			}
		}
		if vulnerable {
			return true
		}
	}
	return false
}

func outOfOrder(ecosystem string, events []any) bool {
	for _, e := range events {
		for _, at := range e.(map[string]any) {
			if at != "0" && !Valid(ecosystem, at.(string)) {
				return true
			}
		}
	}
	return false
}

// BenchmarkMatch asks about a package with over two hundred advisories.
func BenchmarkMatch(b *testing.B) {
	x := publishedIndex(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Match(Package{Ecosystem: "PyPI", Name: "tensorflow", Version: "2.5.0"}); err != nil {
			b.Fatal(err)
		}
	}
}
