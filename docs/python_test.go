package docs

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/finding"
)

// TestPythonRules compares the rules in python.md with those of the scanner, and the
// code beside them with the fixtures that the scanner is tested on.
func TestPythonRules(t *testing.T) {
	shown := pythonFixtures(t)
	for name, bandit := range map[string]bool{"python rules": false, "bandit rules": true} {
		var out strings.Builder
		for _, r := range merlon.Rules() {
			if !strings.HasPrefix(r.ID, "code/") || slices.Equal(r.Profiles, []string{"bandit"}) != bandit {
				continue
			}
			writePythonRule(&out, r, shown)
		}
		section(t, "python.md", name, out.String())
	}
}

// section compares a generated part of a document.
func section(t *testing.T, doc, name, want string) {
	t.Helper()
	b, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- generated: "+name+" -->\n\n", "\n<!-- end: "+name+" -->\n"
	head, rest, ok := strings.Cut(string(b), begin)
	body, tail, closed := strings.Cut("\n"+rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for %s: %q and %q", doc, name, begin, end)
	}
	if body = strings.TrimPrefix(body, "\n"); body == want {
		return
	}
	if *update {
		if err := os.WriteFile(doc, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s: %s are not current; go test ./docs -update\n%s", doc, name, gocmp.Diff(strings.Split(body, "\n"), strings.Split(want, "\n")))
}

func writePythonRule(out *strings.Builder, r finding.Rule, shown map[string]twin) {
	fmt.Fprintf(out, "### `%s`\n\n**%s: %s**\n\n", r.ID, r.Severity, r.Title)
	ids := slices.Concat(r.CWE, r.Aliases)
	if len(r.Profiles) > 0 {
		ids = append(ids, "profile "+strings.Join(r.Profiles, " and "))
	}
	if r.Confidence != finding.Likely {
		ids = append(ids, "confidence "+r.Confidence.String())
	}
	fmt.Fprintf(out, "%s (%s) %s\n\n", r.Why, strings.Join(ids, ", "), r.Remedy)
	ex, ok := shown[r.ID]
	for _, alias := range r.Aliases {
		if !ok {
			ex, ok = shown[alias]
		}
	}
	bad, good := cmp.Or(ex.bad, r.Bad), cmp.Or(ex.good, r.Good)
	if bad != "" {
		fmt.Fprintf(out, "```python\n%s\n```\n\n", strings.TrimRight(bad, "\n"))
	}
	if good != "" {
		fmt.Fprintf(out, "Better:\n\n```python\n%s\n```\n\n", strings.TrimRight(good, "\n"))
	}
}

// twin is a function that is found under a rule, and one beside it that is not.
type twin struct{ bad, good string }

var (
	wanted    = regexp.MustCompile(`\s*# want: ([A-Za-z0-9/, -]+)`)
	reason    = regexp.MustCompile(`# ok:`)
	fine      = regexp.MustCompile(`# ok\b`)
	defines   = regexp.MustCompile(`^(\s*)(async def|def) `)
	decorated = regexp.MustCompile(`^\s*@`)
)

// pythonFixtures finds the shortest function for each rule.
func pythonFixtures(t *testing.T) map[string]twin {
	t.Helper()
	best := map[string]twin{}
	err := filepath.WalkDir("../code/sast/testdata", func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".py" || strings.Contains(name, "/cross/") {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		blocks := functionsOf(strings.Split(string(b), "\n"))
		for i, block := range blocks {
			ids := wantedBy(block)
			if len(ids) != 1 { // several at once explain nothing
				continue
			}
			old, ok := best[ids[0]]
			ex := twin{bad: wanted.ReplaceAllString(block, "")}
			for _, other := range blocks[i+1 : min(i+3, len(blocks))] {
				if ex.good == "" && len(wantedBy(other)) == 0 && fine.MatchString(other) {
					ex.good = reason.ReplaceAllString(other, "#")
				}
			}
			score := func(e twin) int {
				n := strings.Count(e.bad, "\n") + strings.Count(e.good, "\n")
				if e.good == "" {
					n += 100
				}
				return n
			}
			if !ok || score(ex) < score(old) {
				best[ids[0]] = ex
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return best
}

func wantedBy(block string) []string {
	var ids []string
	for _, m := range wanted.FindAllStringSubmatch(block, -1) {
		for id := range strings.SplitSeq(m[1], ",") {
			id, unsure := strings.CutSuffix(strings.TrimSpace(id), " unsure")
			if !unsure && !slices.Contains(ids, id) {
				ids = append(ids, id)
			} else if unsure {
				ids = append(ids, "?")
			}
		}
	}
	return ids
}

// functionsOf cuts a file into its functions at the left margin, with their decorators.
func functionsOf(lines []string) []string {
	var out []string
	for i := 0; i < len(lines); i++ {
		if m := defines.FindStringSubmatch(lines[i]); m == nil || m[1] != "" {
			continue
		}
		from := i
		for from > 0 && decorated.MatchString(lines[from-1]) {
			from--
		}
		to := i + 1
		for to < len(lines) && (lines[to] == "" || lines[to][0] == ' ' || lines[to][0] == ')' || lines[to][0] == '\t') {
			to++
		}
		out = append(out, strings.TrimRight(strings.Join(lines[from:to], "\n"), "\n "))
		i = to - 1
	}
	return out
}
