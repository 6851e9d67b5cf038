package lineage

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/merlon-security/merlon/evidence"
)

// record adds what one statement says about an asset.
func (b *builder) record(ctx context.Context, about string, r evidence.Record, depth int) error {
	n := Node{ID: "evidence:" + r.Digest, Kind: "check", Name: string(r.Kind), File: r.File, By: b.names(r.Signers)}
	at := r.When.UTC().Format(time.DateOnly)
	check := func(best Status, detail string) {
		n.Status, n.Detail = status(r, best), joinWords(detail, at)
		b.node(n)
		b.edge(about, n.ID, "check", n.Status)
	}
	switch p := r.Predicate.(type) {
	case *evidence.TrainingRun:
		return b.run(ctx, about, n, r, p, depth)
	case *evidence.BuildProvenance:
		return b.build(ctx, about, n, r, p, depth)
	case *evidence.ModelCard:
		check(Asserted, p.Name)
		return b.card(ctx, about, r, p, depth)
	case *evidence.ScanResult:
		detail := fmt.Sprintf("%s%d findings", prefix(p.Asset.Verdict), len(p.Findings))
		if !p.Coverage.Complete {
			detail += ", not complete"
		}
		check(Proved, detail)
	case *evidence.TestResult:
		check(Proved, p.Name+" "+p.Outcome)
	case *evidence.DatasetProfile:
		check(Proved, fmt.Sprintf("%s, %d rows, personal data: %s", p.Name, p.Rows, p.PersonalData))
		if p.Source != "" {
			id := "source:" + p.Source
			b.node(Node{ID: id, Kind: "source", Name: p.Source, Status: Asserted, Detail: joinWords("licence " + p.Licence)})
			b.edge(id, about, "source", Asserted)
		}
	case *evidence.Approval:
		check(Proved, p.Decision+" by "+p.Approver)
	case *evidence.Exception:
		check(Proved, p.Rule+" waived until "+p.ExpiresAt.UTC().Format(time.DateOnly))
	case *evidence.Summary:
		check(Proved, p.Result+" by "+strings.TrimPrefix(p.Policy.URI, "merlon:policy/"))
	case *evidence.BillOfMaterials:
		check(Proved, fmt.Sprintf("%d components", p.Components))
	case *evidence.Incident:
		check(Proved, p.Status+": "+p.Title)
	case *evidence.Deployment:
		n.Kind, n.Status, n.Name = "deployment", status(r, Proved), p.Action+" "+p.Environment
		n.Detail = joinWords(p.Location, "by "+p.Actor, at)
		b.node(n)
		b.edge(about, n.ID, "deployed", n.Status)
	}
	return nil
}

func prefix(s string) string {
	if s == "" {
		return ""
	}
	return s + ", "
}

// run adds a recorded run, its code and its inputs. Inputs that were observed are
// proved; those that were declared are what somebody says.
func (b *builder) run(ctx context.Context, about string, n Node, r evidence.Record, p *evidence.TrainingRun, depth int) error {
	n.Kind, n.Status, n.Name = "run", status(r, Proved), strings.Join(p.Command, " ")
	n.Detail = joinWords(p.ID, "inputs "+p.InputsFrom, p.Environment.Runtime)
	if p.ExitCode != 0 {
		n.Detail = joinWords(n.Detail, fmt.Sprintf("exit code %d", p.ExitCode))
	}
	b.node(n)
	b.edge(n.ID, about, "output", n.Status)
	inputs := status(r, Proved)
	if p.InputsFrom != "observed" {
		inputs = Asserted
	}
	switch c := p.Code; {
	case c.Commit == "":
		b.missing(n.ID, "code", "code", "no commit is known")
	default:
		code := Node{ID: "commit:" + c.Commit, Kind: "code", Name: "commit " + c.Commit[:min(12, len(c.Commit))], Status: status(r, Proved), Detail: c.Repository}
		if c.Dirty {
			code.Status, code.Detail, code.ID = Asserted, joinWords(c.Repository, "with changes that are not committed"), code.ID+"+"+n.ID
		}
		b.node(code)
		b.edge(code.ID, n.ID, "code", code.Status)
	}
	return b.inputs(ctx, n.ID, p.Inputs, inputs, depth)
}

// inputs adds what went into a run: data one by one, code as one node.
func (b *builder) inputs(ctx context.Context, run string, list []evidence.Resource, s Status, depth int) error {
	code, rest := 0, 0
	for _, in := range list {
		sub := evidence.Subject{Name: in.Name, Digest: in.Digest}
		if in.Digest["sha256"] == "" {
			continue
		}
		records, err := b.read(sub)
		if err != nil {
			return err
		}
		if len(records) == 0 && isCode(in.Name) {
			code++
			continue
		}
		if len(records) == 0 && rest >= maxPlain {
			rest++
			continue
		}
		rest++
		if err := b.asset(ctx, sub, in.Name, s, false, depth+1); err != nil {
			return err
		}
		b.edge(assetID(sub), run, "input", s)
	}
	group := func(id string, n int, one, more string) {
		if n > 0 {
			if n > 1 {
				one = more
			}
			b.node(Node{ID: id, Kind: "code", Name: fmt.Sprintf("%d %s", n, one), Status: s, Detail: "by digest in the record"})
			b.edge(id, run, "input", s)
		}
	}
	group("files:"+run, code, "file of code", "files of code")
	group("more:"+run, rest-maxPlain, "more file", "more files")
	return nil
}

// isCode reports whether a name is that of source code or configuration.
func isCode(name string) bool {
	return slices.Contains([]string{".py", ".ipynb", ".sh", ".r", ".jl", ".go", ".js", ".ts", ".c", ".cc", ".cpp", ".h", ".rs", ".java", ".scala", ".sql", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".lock", ".so", ".env", ".mk"},
		strings.ToLower(path.Ext(name))) || path.Ext(name) == ""
}

// build adds a build that another system says it did. What merlon recorded itself is
// there as a run.
func (b *builder) build(ctx context.Context, about string, n Node, r evidence.Record, p *evidence.BuildProvenance, depth int) error {
	if p.Definition.BuildType == recordedRun {
		return nil
	}
	n.Kind, n.Status, n.Name = "run", status(r, Asserted), "build"
	n.Detail = "by " + p.Run.Builder.ID
	b.node(n)
	b.edge(n.ID, about, "output", n.Status)
	var inputs []evidence.Resource
	for _, d := range p.Definition.Dependencies {
		if commit := d.Digest["gitCommit"]; commit != "" {
			id := "commit:" + commit
			b.node(Node{ID: id, Kind: "code", Name: "commit " + commit[:min(12, len(commit))], Status: Asserted, Detail: d.URI})
			b.edge(id, n.ID, "code", Asserted)
			continue
		}
		name := d.Name
		if name == "" {
			name = d.URI
		}
		inputs = append(inputs, evidence.Resource{Name: name, Digest: d.Digest})
	}
	return b.inputs(ctx, n.ID, inputs, Asserted, depth)
}

// recordedRun is the build type of what merlon run writes.
const recordedRun = "https://merlon.dev/run/v1"

// card adds what the model card names as origin.
func (b *builder) card(ctx context.Context, about string, r evidence.Record, p *evidence.ModelCard, depth int) error {
	for kind, list := range map[string][]evidence.Resource{"base": p.BaseModels, "dataset": p.Datasets} {
		for _, in := range list {
			name := in.Name
			if name == "" {
				name = in.URI
			}
			sub := evidence.Subject{Name: name, Digest: in.Digest}
			if in.Digest["sha256"] == "" {
				id := kind + ":" + name
				b.node(Node{ID: id, Kind: "asset", Name: name, Status: Asserted, Detail: "named without a digest"})
				b.edge(id, about, kind, Asserted)
				continue
			}
			if err := b.asset(ctx, sub, name, Asserted, false, depth+1); err != nil {
				return err
			}
			b.edge(assetID(sub), about, kind, Asserted)
		}
	}
	return nil
}
