package lineage

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/evidence"
)

var at = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

// subject names something by the digest of its name.
func subject(name string) evidence.Subject {
	return evidence.Subject{Name: name, Digest: map[string]string{"sha256": evidence.Digest([]byte(name))}}
}

func resource(name string) evidence.Resource {
	return evidence.Resource{Name: name, Digest: subject(name).Digest}
}

// store keeps unsigned statements, which count as what somebody says.
func store(t *testing.T, p evidence.Predicate, about string) evidence.Folder {
	t.Helper()
	f := evidence.Folder{Dir: t.TempDir()}
	add(t, f, p, about)
	return f
}

func add(t *testing.T, f evidence.Folder, p evidence.Predicate, about string) {
	t.Helper()
	st, err := evidence.About(p, subject(about))
	if err != nil {
		t.Fatal(err)
	}
	e, err := evidence.Sign(t.Context(), st, nobody{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Add(e); err != nil {
		t.Fatal(err)
	}
}

func training(from string, code evidence.Code, inputs ...evidence.Resource) *evidence.TrainingRun {
	return &evidence.TrainingRun{
		Tool: evidence.Tool{Name: "merlon"}, ID: "run-" + from, StartedAt: at, FinishedAt: at, Command: []string{"make", from}, InputsFrom: from,
		Inputs: inputs, Outputs: []evidence.Resource{}, Code: code,
		Environment: evidence.Environment{Packages: []evidence.Package{}, Variables: map[string]string{}},
		Hardware:    evidence.Hardware{Accelerators: []evidence.Accelerator{}}, Parameters: map[string]any{}, Metrics: []evidence.Measurement{},
	}
}

// edges writes the edges of a graph by names.
func edges(g *Graph) []string {
	names := map[string]string{}
	for _, n := range g.Nodes {
		names[n.ID] = n.Name
	}
	out := []string{}
	for _, e := range g.Edges {
		out = append(out, fmt.Sprintf("%s -%s-> %s %s", names[e.From], e.Kind, names[e.To], e.Status))
	}
	return out
}

func build(t *testing.T, f evidence.Folder, about string) *Graph {
	t.Helper()
	g, err := Build(t.Context(), Options{Subject: subject(about), Folder: f})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestOrigin(t *testing.T) {
	code := evidence.Code{Commit: strings.Repeat("ab", 20)}
	f := store(t, training("observed", code, resource("data.csv"), resource("train.py"), resource("util.py")), "model")
	add(t, f, &evidence.DatasetProfile{
		Tool: evidence.Tool{Name: "p"}, ProfiledAt: at, Name: "loans", Columns: []evidence.DatasetColumn{}, Splits: []evidence.DatasetSplit{},
		Source: "bank", PersonalData: "none", Measurements: []evidence.Measurement{}}, "data.csv")
	want := []string{
		"make observed -output-> model asserted",
		"commit abababababab -code-> make observed asserted",
		"data.csv -check-> dataset asserted",
		"bank -source-> data.csv asserted",
		"data.csv -input-> make observed asserted",
		"2 files of code -input-> make observed asserted",
		"model -scan-> scan missing", "model -decision-> decision missing", "model -deployment-> deployment missing",
	}
	if diff := cmp.Diff(want, edges(build(t, f, "model"))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestCircle: a model that went into the run that made it, as in continued training.
func TestCircle(t *testing.T) {
	f := store(t, training("observed", evidence.Code{}, resource("model")), "model")
	g := build(t, f, "model")
	if err := g.WriteText(io.Discard, func(s string) string { return s }); err != nil {
		t.Error(err)
	}
	if err := g.WriteHTML(io.Discard); err != nil {
		t.Error(err)
	}
	for id, l := range g.layers() {
		if l >= len(g.Nodes) {
			t.Errorf("%s is drawn in column %d", id, l)
		}
	}
}

// TestLongHistory: what is too deep is said, and not cut off in silence.
func TestLongHistory(t *testing.T) {
	f := evidence.Folder{Dir: t.TempDir()}
	for i := range maxDepth + 3 {
		add(t, f, training("observed", evidence.Code{}, resource(fmt.Sprint("m", i+1))), fmt.Sprint("m", i))
	}
	if _, err := Build(t.Context(), Options{Subject: subject("m0"), Folder: f}); err == nil {
		t.Error("no error")
	}
}

// TestHostileNames: text of others reaches a page or a terminal only as text.
func TestHostileNames(t *testing.T) {
	name := "<script>alert(1)</script>\x1b[2J\"'"
	f := store(t, training("declared", evidence.Code{Repository: name}, resource(name)), "model")
	g := build(t, f, "model")
	var page bytes.Buffer
	if err := g.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "<script") {
		t.Error("a name became an element")
	}
	from, to := strings.Index(page.String(), "<svg"), strings.Index(page.String(), "</svg>")
	d := xml.NewDecoder(strings.NewReader(strings.ReplaceAll(page.String()[from:to+6], "\x1b", "")))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the picture is not well-formed: %v", err)
		}
	}
	var text bytes.Buffer
	if err := g.WriteText(&text, func(s string) string { return fmt.Sprintf("%q", s) }); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "\x1b") {
		t.Error("an escape sequence reaches the terminal")
	}
}

// nobody signs with a key that nobody trusts.
type nobody struct{}

func (nobody) Sign(context.Context, []byte) ([]byte, error) { return []byte("x"), nil }
func (nobody) Public() evidence.Verifier                    { return nobody{} }
func (nobody) KeyID() string                                { return strings.Repeat("0", 64) }
func (nobody) Verify([]byte, []byte) error                  { return nil }
