package docs

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	scannersBegin = "<!-- generated: scanners -->\n\n"
	scannersEnd   = "\n<!-- end: scanners -->\n"
)

// measured is what bench/artifacts/artifacts.py writes.
type measured struct {
	Date     string            `json:"date"`
	Versions map[string]string `json:"versions"`
	Timeout  int               `json:"timeout_seconds"`
	Rows     []measuredRow     `json:"rows"`
}

type measuredRow struct {
	Corpus  string  `json:"corpus"`
	Harmful bool    `json:"harmful"`
	Group   string  `json:"group"`
	Tool    string  `json:"tool"`
	Files   int     `json:"files"`
	Caught  int     `json:"caught"`
	Warned  int     `json:"warned"`
	Passed  int     `json:"passed"`
	Skipped int     `json:"skipped"`
	Failed  int     `json:"error"`
	CPU     float64 `json:"cpu_seconds"`
}

// TestScanners keeps the comparison with other scanners equal to what was measured.
func TestScanners(t *testing.T) {
	b, err := os.ReadFile("../bench/artifacts/results.json")
	if err != nil {
		t.Fatal(err)
	}
	var m measured
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("models.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(doc), scannersBegin)
	got, after, ok2 := strings.Cut(rest, scannersEnd)
	if !ok || !ok2 {
		t.Fatalf("models.md has no lines %q and %q", scannersBegin, scannersEnd)
	}
	want := m.text()
	if d := cmp.Diff(want, got); d != "" {
		if *update {
			if err := os.WriteFile("models.md", []byte(before+scannersBegin+want+scannersEnd+after), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		t.Errorf("models.md and results.json differ (-results +document); go test ./docs -update\n%s", d)
	}
}

// scanners are the columns, with how the document calls them.
var scanners = []struct{ tool, title string }{
	{"merlon", "merlon"}, {"picklescan", "picklescan"}, {"picklescan-strict", "picklescan `--strict`"}, {"modelscan", "modelscan"}, {"fickling", "fickling"},
}

func (m *measured) text() string {
	var b strings.Builder
	harm, less := m.total("evasion", true), m.total("ordinary", false)
	fmt.Fprintf(&b, "Measured on %s by `make bench-artifacts`, all on the same files in the same run:\nmerlon %s, picklescan %s, modelscan %s with h5py and TensorFlow, fickling %s.\n\n",
		m.Date, m.Versions["merlon"], m.Versions["picklescan"], m.Versions["modelscan"], m.Versions["fickling"])
	b.WriteString("A cell counts **caught / warned / missed / error**. Caught: the scanner calls the file\ndangerous (merlon: `malicious`, or a sure finding of severity high). Warned: it says\nsomething less (merlon: `unverified`). Missed: it says nothing, or does not read such\nfiles. Error: it gave up, crashed or took more than ")
	fmt.Fprintf(&b, "%d seconds.\n\n", m.Timeout)
	b.WriteString("The harmful files are merlon's own. merlon was built against them and the others were\nnot: the figures say which ideas a scanner has an answer to, not how often it fails in\nthe wild. They are in this repository (`go run ./tools/corpus -dir FOLDER` writes them),\nand their payloads are inert.\n\n")

	fmt.Fprintf(&b, "### %d attempts to get past a scanner\n\n", harm["merlon"].Files)
	m.table(&b, "evasion", true)
	fmt.Fprintf(&b, "\n### %d threats to formats\n\nA file for each row of the table of threats above, as it was that day. Some of these\nmodels are not whole rather than hostile, and an error is the right answer.\n\n", m.total("formats", true)["merlon"].Files)
	m.table(&b, "formats", true)
	fmt.Fprintf(&b, "\n### False alarms\n\nThe harmless twins of the files above, and %d ordinary models by real libraries\n(`bench/peers/benign.py` makes them). Here caught, warned and error are all wrong, and\nmissed is right. What merlon warns of carries code: TorchScript, harmless Keras Lambdas.\n\n", less["merlon"].Files)
	m.falseAlarms(&b)
	b.WriteString("\n### CPU time\n\n")
	m.cpu(&b)
	b.WriteString("\n### Where another scanner does as well or better\n\n")
	m.equals(&b)
	b.WriteString(others)
	return b.String()
}

// others is what the figures do not show.
const others = `
What the others do not claim, and what they do that merlon does not:

- **picklescan** reads pickles, PyTorch files, NumPy files, and zip and 7z archives of
  these. It is small and fast, and the Hub runs it. A suspicious import does not change
  its exit code unless ` + "`--strict`" + ` is given.
- **modelscan** reads pickles, PyTorch and NumPy files, Lambda layers in ` + "`.h5` and\n  `.keras`" + `, and Lambda, ReadFile and WriteFile in SavedModels. Imports that it does not
  know pass: its list of dangerous modules is short, and gives few false alarms.
- **fickling** reads pickles, and members of zips named .pkl, .pickle or .bin. It also
  traces, decompiles and edits pickles, and guards ` + "`pickle.load`" + ` at run time; merlon does
  none of that. It was asked the way its own mode for repositories asks: what it does
  not take for a pickle or a zip is missed, or rightly left alone.

None of the three reads safetensors, GGUF, ONNX, chat templates, repositories of the Hub
as a whole, or the formats of boosting libraries and devices. A file that they do not
read passes; modelscan alone ends with a code of its own (3) when it read nothing.
`

// cell sums up what a scanner said about some files.
func cell(r measuredRow) string {
	return fmt.Sprintf("%d / %d / %d / %d", r.Caught, r.Warned, r.Passed+r.Skipped, r.Failed)
}

func (m *measured) header(b *strings.Builder) {
	b.WriteString("| | files |")
	for _, s := range scanners {
		b.WriteString(" " + s.title + " |")
	}
	b.WriteString("\n|---|--:|" + strings.Repeat("---|", len(scanners)) + "\n")
}

func (m *measured) line(b *strings.Builder, name string, rows map[string]measuredRow) {
	fmt.Fprintf(b, "| %s | %d |", name, rows["merlon"].Files)
	for _, s := range scanners {
		b.WriteString(" " + cell(rows[s.tool]) + " |")
	}
	b.WriteString("\n")
}

// groups lists the groups of a corpus in the order of the file.
func (m *measured) groups(corpus string, harmful bool) []string {
	var out []string
	for _, r := range m.Rows {
		if r.Corpus == corpus && r.Harmful == harmful && !slices.Contains(out, r.Group) {
			out = append(out, r.Group)
		}
	}
	return out
}

// pick gives the rows of a group, by scanner; all groups where group is empty.
func (m *measured) pick(corpus string, harmful bool, group string) map[string]measuredRow {
	out := map[string]measuredRow{}
	for _, r := range m.Rows {
		if r.Corpus != corpus || r.Harmful != harmful || group != "" && r.Group != group {
			continue
		}
		s := out[r.Tool]
		s.Files += r.Files
		s.Caught += r.Caught
		s.Warned += r.Warned
		s.Passed += r.Passed
		s.Skipped += r.Skipped
		s.Failed += r.Failed
		s.CPU += r.CPU
		out[r.Tool] = s
	}
	return out
}

func (m *measured) total(corpus string, harmful bool) map[string]measuredRow {
	return m.pick(corpus, harmful, "")
}

func (m *measured) table(b *strings.Builder, corpus string, harmful bool) {
	m.header(b)
	for _, g := range m.groups(corpus, harmful) {
		m.line(b, g, m.pick(corpus, harmful, g))
	}
	m.line(b, "**all**", m.total(corpus, harmful))
}

func (m *measured) falseAlarms(b *strings.Builder) {
	m.header(b)
	m.line(b, "twins of the attempts", m.total("evasion", false))
	m.line(b, "twins of the threats", m.total("formats", false))
	for _, g := range m.groups("ordinary", false) {
		m.line(b, "ordinary: "+g, m.pick("ordinary", false, g))
	}
	m.line(b, "**ordinary, all**", m.total("ordinary", false))
}

func (m *measured) cpu(b *strings.Builder) {
	b.WriteString("Seconds for all files of a kind. merlon's include the start of the program for each\nfile; the others were started once, and only their scans count.\n\n| |")
	for _, s := range scanners {
		b.WriteString(" " + s.title + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(scanners)) + "\n")
	for _, c := range []struct {
		name, corpus string
		harmful      bool
	}{{"attempts", "evasion", true}, {"threats", "formats", true}, {"ordinary models", "ordinary", false}} {
		rows := m.total(c.corpus, c.harmful)
		fmt.Fprintf(b, "| %s |", c.name)
		for _, s := range scanners {
			fmt.Fprintf(b, " %.1f |", rows[s.tool].CPU)
		}
		b.WriteString("\n")
	}
	b.WriteString("\nThese files are small, so this is mostly the cost of starting. On large files see\n`make bench-scan`.\n")
}

// equals lists the groups in which another scanner catches as many files as merlon,
// or raises as few false alarms.
func (m *measured) equals(b *strings.Builder) {
	n := 0
	say := func(format string, args ...any) { n++; fmt.Fprintf(b, "- "+format+"\n", args...) }
	for _, corpus := range []struct{ name, title string }{{"evasion", "attempts"}, {"formats", "threats"}} {
		for _, g := range m.groups(corpus.name, true) {
			rows := m.pick(corpus.name, true, g)
			for _, s := range scanners[1:] {
				if r, own := rows[s.tool], rows["merlon"]; r.Caught >= own.Caught {
					say("%s, %s: %s catches %d of %d, merlon %d.", corpus.title, g, s.title, r.Caught, r.Files, own.Caught)
				}
			}
		}
	}
	alarms := func(r measuredRow) int { return r.Caught + r.Warned + r.Failed }
	for _, corpus := range []struct{ name, title string }{{"evasion", "twins of the attempts"}, {"formats", "twins of the threats"}, {"ordinary", "ordinary models"}} {
		for _, g := range m.groups(corpus.name, false) {
			rows := m.pick(corpus.name, false, g)
			for _, s := range scanners[1:] {
				// A scanner that reads none of the files raises no alarms either.
				if r, own := rows[s.tool], rows["merlon"]; r.Passed > 0 && alarms(r) < alarms(own) {
					say("%s, %s: false alarms of %s %d, of merlon %d.", corpus.title, g, s.title, alarms(r), alarms(own))
				}
			}
		}
	}
	if n == 0 {
		b.WriteString("In no group of this table; but see what they do besides, below.\n")
	}
}
