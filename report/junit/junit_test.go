package junit

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/reporttest"
)

func TestGolden(t *testing.T) {
	for name, d := range map[string]*report.Document{
		"sample.xml":     reporttest.Sample(),
		"empty.xml":      reporttest.Empty(),
		"incomplete.xml": reporttest.Incomplete(),
		"hostile.xml":    reporttest.Hostile(reporttest.Attack),
	} {
		out := reporttest.Write(t, New(), d, report.Options{})
		if err := conforms(out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		reporttest.Golden(t, name, out)
	}
}

// node is an element of any XML document.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Nodes   []node     `xml:",any"`
}

// element says what junit-10.xsd demands of an element: its attributes, those
// required first, and its children.
type element struct {
	required, optional, children []string
}

var grammar = map[string]element{
	"testsuites": {nil, []string{"name", "time", "tests", "failures", "disabled", "errors"}, []string{"testsuite"}},
	"testsuite": {[]string{"name", "tests", "failures", "errors"}, []string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url", "version"},
		[]string{"testsuite", "properties", "testcase", "system-out", "system-err"}},
	"testcase":   {[]string{"name", "classname"}, []string{"time", "group"}, []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"skipped":    {nil, []string{"type", "message"}, nil},
	"error":      {nil, []string{"type", "message"}, nil},
	"failure":    {nil, []string{"type", "message"}, nil},
	"system-out": {},
}

var stamp = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`)

// conforms checks a document against the grammar, and its counters against what
// they count.
func conforms(out []byte) error {
	var root node
	d := xml.NewDecoder(bytes.NewReader(out))
	if err := d.Decode(&root); err != nil {
		return err
	}
	if root.XMLName.Local != "testsuites" {
		return fmt.Errorf("root is %s", root.XMLName.Local)
	}
	if err := check(root); err != nil {
		return err
	}
	for _, s := range root.Nodes {
		count := map[string]int{"tests": len(s.Nodes)}
		for _, c := range s.Nodes {
			for _, o := range c.Nodes {
				count[map[string]string{"failure": "failures", "error": "errors", "skipped": "skipped"}[o.XMLName.Local]]++
			}
		}
		for _, a := range s.Attrs {
			switch a.Name.Local {
			case "tests", "failures", "errors", "skipped":
				if n, err := strconv.Atoi(a.Value); err != nil || n != count[a.Name.Local] {
					return fmt.Errorf("%s=%q, want %d", a.Name.Local, a.Value, count[a.Name.Local])
				}
			case "timestamp":
				if !stamp.MatchString(a.Value) {
					return fmt.Errorf("timestamp %q", a.Value)
				}
			}
		}
	}
	return nil
}

func check(n node) error {
	g, ok := grammar[n.XMLName.Local]
	if !ok {
		return fmt.Errorf("unknown element %s", n.XMLName.Local)
	}
	has := map[string]bool{}
	for _, a := range n.Attrs {
		if !slices.Contains(g.required, a.Name.Local) && !slices.Contains(g.optional, a.Name.Local) {
			return fmt.Errorf("%s has an attribute %s", n.XMLName.Local, a.Name.Local)
		}
		has[a.Name.Local] = true
	}
	for _, r := range g.required {
		if !has[r] {
			return fmt.Errorf("%s lacks %s", n.XMLName.Local, r)
		}
	}
	for _, c := range n.Nodes {
		if !slices.Contains(g.children, c.XMLName.Local) {
			return fmt.Errorf("%s inside %s", c.XMLName.Local, n.XMLName.Local)
		}
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

// TestWhatFails: only what made the gate fail is a failure, what was not looked at
// is an error, and what somebody accepted is skipped.
func TestWhatFails(t *testing.T) {
	var got suites
	if err := xml.Unmarshal(reporttest.Write(t, New(), reporttest.Sample(), report.Options{}), &got); err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]string{}
	for _, s := range got.Suites {
		for _, c := range s.Cases {
			v := "pass"
			switch {
			case c.Failure != nil:
				v = "failure"
			case c.Error != nil:
				v = "error"
			case c.Skipped != nil:
				v = "skipped"
			}
			verdicts[c.Class+" "+c.Name] = v
		}
	}
	want := map[string]string{
		"merlon.policy.default no-high-findings":                        "failure",
		"merlon.policy.default complete-coverage":                       "error",
		"merlon.artifact.pickle-dangerous-call models/approval.pkl":     "failure",
		"merlon.artifact.pickle-unverified-import models/scorer.pt":     "failure",
		"merlon.secret.aws-access-key src/upload.py":                    "failure",
		"merlon.code.eval-of-model-output src/agent.py":                 "failure",
		"merlon.agent.mcp-server-not-pinned .mcp.json":                  "failure",
		"merlon.pipeline.action-not-pinned .github/workflows/train.yml": "pass",
		"merlon.data.personal-data-in-column data/loans 2026.csv":       "pass",
		"merlon.code.notebook-shell-command notebooks/explore.ipynb":    "pass",
		"merlon.coverage models/old.joblib":                             "error",
	}
	if diff := cmp.Diff(want, verdicts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzWrite(f *testing.F) {
	f.Add(reporttest.Attack)
	f.Add("]]>\ufffe\x00")
	f.Fuzz(func(t *testing.T, s string) {
		out := reporttest.Write(t, New(), reporttest.Hostile(s), report.Options{})
		if err := conforms(out); err != nil {
			t.Fatal(err)
		}
		if bad := reporttest.Unprintable(out); bad != "" {
			t.Fatalf("output holds %s", bad)
		}
	})
}
