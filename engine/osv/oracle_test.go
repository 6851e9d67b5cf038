package osv

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/semver"
)

// oracleCase is one question for a reference implementation.
type oracleCase struct {
	Versions []string            `json:"versions"`
	Events   []map[string]string `json:"events"`
	Version  string              `json:"version"`
}

func (c *oracleCase) affected(t *testing.T, ecosystem string) *Affected {
	t.Helper()
	a := &Affected{Ecosystem: ecosystem, Name: "x", Versions: c.Versions, Ranges: []Range{{Type: Ecosystem}}}
	for _, e := range c.Events {
		event, err := eventOf(e)
		if err != nil {
			t.Fatal(err)
		}
		a.Ranges[0].Events = append(a.Ranges[0].Events, event)
	}
	return a
}

// randomCases makes questions: events in any order, at versions that are seldom equal
// in value but often near the one that is asked about.
func randomCases(r *rand.Rand, n int, version func(*rand.Rand) string, kinds []string) []oracleCase {
	cases := make([]oracleCase, n)
	for i := range cases {
		c := &cases[i]
		c.Version = version(r)
		c.Versions = []string{}
		for range r.IntN(3) {
			c.Versions = append(c.Versions, version(r))
		}
		if r.IntN(2) == 0 {
			c.Events = append(c.Events, map[string]string{"introduced": "0"})
		}
		for range 1 + r.IntN(5) {
			at := version(r)
			if r.IntN(8) == 0 {
				at = c.Version
			}
			if c.names(at) {
				continue // two changes at one version have no order of their own
			}
			c.Events = append(c.Events, map[string]string{kinds[r.IntN(len(kinds))]: at})
		}
		r.Shuffle(len(c.Events), func(i, j int) { c.Events[i], c.Events[j] = c.Events[j], c.Events[i] })
	}
	return cases
}

func (c *oracleCase) names(version string) bool {
	for _, e := range c.Events {
		for _, v := range e {
			if x, ok := comparePEP440(v, version); ok && x == 0 || v == version {
				return true
			}
			if x, ok := compareSemVer(v, version); ok && x == 0 {
				return true
			}
		}
	}
	return false
}

// need finds a program, and fails where it must be there.
func need(t *testing.T, name string) string {
	t.Helper()
	found, err := exec.LookPath(name)
	if err != nil {
		missing(t, name+" is not installed")
	}
	return found
}

func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "" {
		t.Skip(what)
	}
	t.Fatal(what)
}

// ask sends the cases to a program and gives its answers: "true", "false" or "null".
func ask(t *testing.T, cases []oracleCase, program string, args ...string) []string {
	t.Helper()
	var in, errs bytes.Buffer
	enc := json.NewEncoder(&in)
	for i := range cases {
		if err := enc.Encode(&cases[i]); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, args...)
	cmd.Stdin, cmd.Stderr = &in, &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.Bytes())
	}
	answers := strings.Fields(string(out))
	if len(answers) != len(cases) {
		t.Fatalf("%d answers to %d questions", len(answers), len(cases))
	}
	return answers
}

func agree(t *testing.T, ecosystem string, cases []oracleCase, answers []string) {
	t.Helper()
	words := map[Affects]string{No: "false", Yes: "true", Unknown: "null"}
	count, different := map[string]int{}, 0
	for i := range cases {
		got, _ := cases[i].affected(t, ecosystem).Affects(cases[i].Version)
		count[answers[i]]++
		if words[got] == answers[i] || answers[i] == "null" && got == Yes && slices.Contains(cases[i].Versions, cases[i].Version) {
			continue
		}
		if different++; different < 10 {
			q, _ := json.Marshal(cases[i])
			t.Errorf("%s: %s here, %s there", q, words[got], answers[i])
		}
	}
	if different > 0 {
		t.Errorf("%d of %d differ", different, len(cases))
	}
	if count["true"] < len(cases)/10 || count["false"] < len(cases)/10 {
		t.Errorf("answers are lopsided: %v", count)
	}
}

// TestMatchesPackaging compares 6,000 questions about Python packages with packaging.
func TestMatchesPackaging(t *testing.T) {
	python := need(t, "python3")
	if exec.Command(python, "-c", "import packaging").Run() != nil {
		missing(t, "packaging is not installed: pip install packaging")
	}
	r := rand.New(rand.NewPCG(5, 6))
	cases := randomCases(r, 6000, randomPEP440, []string{"introduced", "fixed", "fixed", "last_affected"})
	agree(t, "PyPI", cases, ask(t, cases, python, "testdata/oracle.py"))
	// What one of them calls a version the other does too.
	var spelled []oracleCase
	for range 6000 {
		spelled = append(spelled, oracleCase{Version: strangePEP440(r), Versions: []string{}, Events: []map[string]string{{"introduced": "0"}}})
	}
	for i, answer := range ask(t, spelled, python, "testdata/oracle.py") {
		if got := Valid("PyPI", spelled[i].Version); got != (answer != "null") {
			t.Errorf("Valid(%q) = %v, packaging disagrees", spelled[i].Version, got)
		}
	}
}

func randomPEP440(r *rand.Rand) string {
	s := fmt.Sprint(r.IntN(3))
	if r.IntN(12) == 0 {
		s = fmt.Sprintf("%d!%s", r.IntN(2), s)
	}
	for range r.IntN(3) {
		s += fmt.Sprintf(".%d", []int{0, 0, 1, 2, 10}[r.IntN(5)])
	}
	if r.IntN(4) == 0 {
		s += []string{"a1", "b2", "rc1", ".alpha.2", "-c10", "_pre", "a"}[r.IntN(7)]
	}
	if r.IntN(5) == 0 {
		s += []string{".post1", "-1", ".rev2", "r", "-post.3"}[r.IntN(5)]
	}
	if r.IntN(5) == 0 {
		s += []string{".dev0", "dev3", "-dev"}[r.IntN(3)]
	}
	if r.IntN(6) == 0 {
		s += []string{"+cu118", "+1", "+ubuntu.1", "+abc-2_3", "+10"}[r.IntN(5)]
	}
	if r.IntN(10) == 0 {
		s = "v" + strings.ToUpper(s)
	}
	return s
}

// strangePEP440 puts pieces of versions together in any order.
func strangePEP440(r *rand.Rand) string {
	var b strings.Builder
	pieces := []string{"1", "0", "23", ".", ".", "-", "_", "a", "b", "c", "rc", "alpha", "pre", "preview", "post", "rev", "r", "dev", "+", "!", "v", " ", "x", "1.2"}
	if r.IntN(2) == 0 {
		b.WriteString("1.0")
	}
	for range 1 + r.IntN(6) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// TestMatchesNode compares 6,000 questions about npm packages with node-semver.
func TestMatchesNode(t *testing.T) {
	node := need(t, "node")
	library := ""
	for _, dir := range []string{"/usr/lib/node_modules/npm/node_modules/semver", "/usr/local/lib/node_modules/npm/node_modules/semver", "/usr/share/nodejs/semver"} {
		if _, err := os.Stat(filepath.Join(dir, "package.json")); err == nil {
			library = dir
			break
		}
	}
	if library == "" {
		missing(t, "node-semver is not installed: it comes with npm")
	}
	version := func(r *rand.Rand) string { return strings.TrimPrefix(randomSemVer(r), "v") }
	cases := randomCases(rand.New(rand.NewPCG(7, 8)), 6000, version, []string{"introduced", "fixed", "fixed", "last_affected"})
	for i := range cases {
		cases[i].Versions = nil
	}
	agree(t, "npm", cases, ask(t, cases, node, "testdata/oracle.js", library))
}

// TestMatchesGo compares 6,000 questions about Go modules with the slow algorithm over
// golang.org/x/mod/semver.
func TestMatchesGo(t *testing.T) {
	cases := randomCases(rand.New(rand.NewPCG(9, 10)), 6000, randomSemVer, []string{"introduced", "fixed", "fixed", "last_affected"})
	answers := make([]string, len(cases))
	for i := range cases {
		cases[i].Versions = nil
		answers[i] = fmt.Sprint(slowGo(cases[i].Events, cases[i].Version))
	}
	agree(t, "Go", cases, answers)
}

// slowGo looks for the last change at or before version, one pass over all events.
func slowGo(events []map[string]string, version string) bool {
	last, state := "", false
	for _, e := range events {
		for kind, at := range e {
			v := "v" + strings.TrimPrefix(at, "v")
			if at == "0" {
				v = "v0.0.0-0"
			}
			c := semver.Compare("v"+strings.TrimPrefix(version, "v"), v)
			applies := at == "0" || c >= 0
			if kind == "last_affected" {
				applies = c > 0
			}
			if applies && (last == "" || semver.Compare(v, last) >= 0 && at != "0") {
				last, state = v, kind == "introduced"
			}
		}
	}
	return state
}
