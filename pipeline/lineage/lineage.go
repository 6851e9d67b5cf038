// Package lineage draws from evidence where an asset comes from and where it went: from
// the datasets through the runs and the code to the model, its checks and deployments.
// Each part says whether it is proved, only asserted, or missing.
package lineage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/evidence"
)

// Status is how well something is known.
type Status string

// The statuses.
const (
	Proved   Status = "proved"   // a trusted key signed what a program observed or computed
	Asserted Status = "asserted" // somebody says so
	Missing  Status = "missing"  // nobody does
)

// Node is an asset, a run, a commit, or a check.
type Node struct {
	ID     string   `json:"id"`
	Kind   string   `json:"kind"` // asset, run, code, check, deployment, missing
	Name   string   `json:"name"`
	Digest string   `json:"digest,omitempty"` // sha256:HEX
	Status Status   `json:"status"`
	Detail string   `json:"detail,omitempty"`
	File   string   `json:"file,omitempty"` // of the evidence, below its folder
	By     []string `json:"by,omitempty"`   // names of the keys that signed
}

// Edge leads from what was there first to what came of it, or was said about it.
type Edge struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Kind   string `json:"kind"` // input, output, code, check, deployed, base, dataset
	Status Status `json:"status"`
}

// Graph is the lineage of one asset, its first node.
type Graph struct {
	Nodes   []Node    `json:"nodes"`
	Edges   []Edge    `json:"edges"`
	Refused []Refused `json:"refused"`
	Notes   []string  `json:"notes"`
}

// Refused is a file in the folder of evidence that is none, and why.
type Refused struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

// Options say what to draw from.
type Options struct {
	Subject  evidence.Subject
	Folder   evidence.Folder
	Trusted  []evidence.Verifier // none: no signature is checked, and everything is asserted
	KeyNames map[string]string   // names of keys by id. Optional
}

// The bounds of a graph.
const (
	maxNodes = 5_000
	maxDepth = 32
	maxPlain = 40 // inputs of one run without evidence that are shown one by one
)

type builder struct {
	o     Options
	g     *Graph
	known map[string]bool // nodes
}

// Build draws the lineage of an asset.
func Build(ctx context.Context, o Options) (*Graph, error) {
	b := &builder{o, &Graph{Refused: []Refused{}, Notes: []string{}}, map[string]bool{}}
	if len(o.Trusted) == 0 {
		b.g.Notes = append(b.g.Notes, "no key is trusted, so no signature is checked, and nothing is proved")
	}
	name := o.Subject.Name
	if err := b.asset(ctx, o.Subject, name, Proved, true, 0); err != nil {
		return nil, err
	}
	return b.g, nil
}

func (b *builder) node(n Node) {
	if !b.known[n.ID] {
		b.known[n.ID] = true
		b.g.Nodes = append(b.g.Nodes, n)
	}
}

func (b *builder) edge(from, to, kind string, s Status) {
	e := Edge{from, to, kind, s}
	if !slices.Contains(b.g.Edges, e) {
		b.g.Edges = append(b.g.Edges, e)
	}
}

// missing adds a node for what nobody says about an asset.
func (b *builder) missing(about, kind, name, detail string) {
	id := "missing:" + kind + ":" + about
	b.node(Node{ID: id, Kind: "missing", Name: name, Status: Missing, Detail: detail})
	if kind == "deployment" || kind == "scan" || kind == "decision" {
		b.edge(about, id, kind, Missing)
		return
	}
	b.edge(id, about, kind, Missing)
}

func assetID(s evidence.Subject) string { return "sha256:" + s.Digest["sha256"] }

// asset adds an asset with all that is known about it. first is the one that was asked
// about.
func (b *builder) asset(ctx context.Context, s evidence.Subject, name string, status Status, first bool, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	id := assetID(s)
	if b.known[id] {
		return nil
	}
	if len(b.g.Nodes) > maxNodes || depth > maxDepth {
		return fmt.Errorf("the lineage has more than %d parts, or goes more than %d steps back", maxNodes, maxDepth)
	}
	b.node(Node{ID: id, Kind: "asset", Name: name, Digest: id, Status: status})
	records, err := b.read(s)
	if err != nil {
		return err
	}
	has := map[evidence.Kind]bool{}
	for _, r := range newest(records) {
		has[r.Kind] = true
		if err := b.record(ctx, id, r, depth); err != nil {
			return err
		}
	}
	switch {
	case first:
		if !has[evidence.KindTraining] && !has[evidence.KindProvenance] && !has[evidence.KindDataset] {
			b.missing(id, "output", "origin", "nobody recorded how it came to be: merlon run")
		}
		if !has[evidence.KindScan] {
			b.missing(id, "scan", "scan", "nobody looked at it: merlon scan")
		}
		if !has[evidence.KindDecision] {
			b.missing(id, "decision", "decision", "no gate decided about it: merlon gate --sign")
		}
		if !has[evidence.KindDeployment] {
			b.missing(id, "deployment", "deployment", "it is not known to be deployed")
		}
	case !has[evidence.KindTraining] && !has[evidence.KindProvenance] && !has[evidence.KindDataset]:
		b.missing(id, "dataset", "origin", "nobody says what it holds or where it comes from")
	}
	return nil
}

// newest leaves of checks that were repeated the newest.
func newest(records []evidence.Record) []evidence.Record {
	last := map[string]int{}
	name := func(r evidence.Record) string {
		switch p := r.Predicate.(type) {
		case *evidence.ScanResult:
			return "scan " + p.Tool.Name
		case *evidence.TestResult:
			return "test " + p.Name
		case *evidence.Summary:
			return "decision " + p.Policy.URI
		}
		return r.Digest
	}
	for i, r := range records {
		last[name(r)] = i
	}
	var out []evidence.Record
	for i, r := range records {
		if last[name(r)] == i {
			out = append(out, r)
		}
	}
	return out
}

// read returns the evidence about something. Without trusted keys all of it counts, as
// what somebody says.
func (b *builder) read(s evidence.Subject) ([]evidence.Record, error) {
	records, problems, err := b.o.Folder.Read(s, b.o.Trusted...)
	if err != nil {
		return nil, err
	}
	for _, p := range problems {
		if len(b.o.Trusted) == 0 && errors.Is(p.Err, evidence.ErrSignature) {
			if r, err := b.o.Folder.ReadUnverified(p.File); err == nil && slices.ContainsFunc(r.Statement.Subject, s.Matches) {
				records = append(records, r)
				continue
			}
		}
		if !errors.Is(p.Err, evidence.ErrUnknown) {
			b.g.Refused = append(b.g.Refused, Refused{p.File, p.Err.Error()})
		}
	}
	slices.SortStableFunc(records, func(a, b evidence.Record) int { return a.When.Compare(b.When) })
	return records, nil
}

func (b *builder) names(keys []string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		if out[i] = b.o.KeyNames[k]; out[i] == "" {
			out[i] = k[:min(12, len(k))]
		}
	}
	return out
}

// status is what is known by a record at best.
func status(r evidence.Record, best Status) Status {
	if len(r.Signers) == 0 {
		return Asserted
	}
	return best
}

func shortDigest(d string) string { return d[:min(len("sha256:")+12, len(d))] }

func joinWords(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
