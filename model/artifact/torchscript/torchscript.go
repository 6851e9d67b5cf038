// Package torchscript reads the code and the graphs inside PyTorch's archives:
// TorchScript, its mobile form, exported programs (torch.export, AOTInductor) and
// torch.package.
//
// The zip itself, its weights and its pickles belong to other scanners. This one
// says what the code members mean: every operator, with the function that uses it,
// and whether one of them leaves the world of tensors.
package torchscript

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/internal/zipmodel"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("torchscript", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Suffixes: []string{".pt", ".pth", ".ptl", ".pt2", ".bin"}, Magics: zipmodel.Magics()}
}

// Wants takes every zip: whether it is one of PyTorch's shows in its directory.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	switch {
	case zipmodel.Is(fi.Head):
		return scan.Yes
	}
	switch strings.ToLower(path.Ext(fi.Ref.Name())) {
	case ".pt", ".pth", ".ptl", ".pt2", ".bin":
		if archive.HasZipEnd(fi.Tail()) { // other bytes before the zip
			return scan.Yes
		}
	}
	return scan.No
}

const (
	maxSource = 16 << 20 // bytes of one source file
	maxPickle = 64 << 20 // bytes of data.pkl
	maxJSON   = 64 << 20 // bytes of one graph
)

// model is what was read from one archive.
type model struct {
	zip     *zipmodel.Zip
	lay     layout
	program *program
	graph   *exported
	version string
	errs    []error
}

// read opens the archive; nil for one that is none of ours.
func read(ctx context.Context, f scan.File) (*model, error) {
	z, err := zipmodel.Open(ctx, f)
	if err != nil {
		return nil, err
	}
	m := &model{zip: z, lay: lay(z.Members()), program: newProgram(), graph: newExported()}
	if m.lay.kind == "" && m.lay.data < 0 {
		return nil, nil
	}
	if err := z.Whole(); err != nil {
		m.errs = append(m.errs, err)
	}
	for _, i := range m.lay.sources {
		m.each(ctx, i, maxSource, func(b []byte, name string) error { return m.program.read(b, name, moduleOf(name)) })
	}
	for _, i := range m.lay.bytecode {
		m.each(ctx, i, maxSource*4, func(b []byte, name string) error { return m.program.readBytecode(b, name) })
	}
	if m.lay.kind == "torch-export" {
		for _, i := range m.lay.graphs {
			m.each(ctx, i, maxJSON, func(b []byte, _ string) error { return m.graph.read(b) })
		}
		for _, i := range m.lay.configs {
			m.each(ctx, i, maxJSON, func(b []byte, _ string) error { return m.graph.readConfig(b) })
		}
	}
	if m.lay.version >= 0 {
		m.each(ctx, m.lay.version, 64, func(b []byte, _ string) error {
			m.version = strings.TrimSpace(string(b))
			return nil
		})
	}
	return m, ctx.Err()
}

// each gives the content of member i to use, and keeps what fails.
func (m *model) each(ctx context.Context, i int, limit int64, use func(b []byte, name string) error) {
	if ctx.Err() != nil {
		return
	}
	b, err := m.zip.Read(i, limit)
	if err == nil {
		name := m.zip.Members()[i].Name
		if err = use(b, name); err != nil {
			err = fmt.Errorf("member %s: %w", verdict.Show(name), err)
		}
	}
	if err != nil {
		m.errs = append(m.errs, err)
	}
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	m, err := read(ctx, f)
	if m == nil || m.lay.kind == "" {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return nil // no zip, or not PyTorch's: the scanner of archives says what is wrong with it
	}
	if err != nil {
		return err
	}
	return verdict.Scan(ctx, f, s, m.lay.kind, func(j *verdict.File) error {
		for _, err := range m.errs {
			j.Fail(err)
		}
		m.judgeProgram(j)
		if m.lay.kind == "torch-export" {
			m.judgeGraph(j)
		}
		m.judgeMembers(j)
		return nil
	})
}

func (m *model) at(j *verdict.File, member string) []finding.Location {
	return []finding.Location{finding.At(j.Ref().Join(asset.Step{Kind: asset.Member, Name: member}))}
}

func (m *model) judgeProgram(j *verdict.File) {
	p := m.program
	for _, h := range p.reached() {
		msg := fmt.Sprintf("%s, used in %s, %s", h.op, verdict.Show(h.in), hostOps[h.op])
		if h.detail != "" {
			msg += ": " + verdict.Show(h.detail)
		}
		x := finding.Finding{Rule: ruleHost, Message: msg, Key: h.op + " " + h.in + " " + h.detail, Locations: m.at(j, h.file)}
		x.Locations[0].Line = h.line
		j.Report(asset.Malicious, x)
	}
	for _, r := range p.roots {
		x := finding.Finding{Rule: ruleHidden, Key: r.op + " " + r.in, Locations: m.at(j, r.file),
			Message: fmt.Sprintf("%s uses %s as a value", verdict.Show(r.in), verdict.Show(r.op))}
		x.Locations[0].Line = r.line
		j.Report(asset.Unverified, x)
	}
	if list := p.foreign(); len(list) > 0 {
		j.Report(asset.Unverified, finding.Finding{Rule: ruleForeign, Key: strings.Join(list, " "), Attrs: map[string]any{"operators": head(list)},
			Message: fmt.Sprintf("needs %d operators or classes that PyTorch does not have: %s", len(list), verdict.Show(strings.Join(list, ", ")))})
	}
	if len(m.lay.sources)+len(m.lay.bytecode) > 0 {
		ops := p.operators()
		j.Report(asset.Unverified, finding.Finding{Rule: ruleCode, Key: "code", Attrs: map[string]any{"operators": head(ops), "functions": head(p.functions)},
			Message: fmt.Sprintf("carries %d functions that use %d operators; code is not proved harmless", p.defs, len(ops))})
	}
}

func (m *model) judgeGraph(j *verdict.File) {
	if len(m.lay.graphs) == 0 && len(m.lay.native) == 0 {
		j.Fail(errors.New("holds no program: serialized_exported_program.json or models/*.json is missing"))
	}
	e := m.graph
	if e.dups > 0 {
		j.Fail(fmt.Errorf("the program gives %d keys twice: readers differ in which one counts", e.dups))
	}
	for _, target := range slices.Sorted(maps(e.targets)) {
		t := judgeTarget(target)
		if t.verdict == asset.OK {
			continue
		}
		rule := ruleTarget
		if t.verdict == asset.Unverified {
			rule = ruleForeign
		}
		j.Report(t.verdict, finding.Finding{Rule: rule, Key: target, Message: fmt.Sprintf("%s %s", verdict.Show(target), t.what)})
	}
	for _, x := range e.exprs {
		if t := judgeExpr(x); t.verdict != asset.OK {
			j.Report(t.verdict, finding.Finding{Rule: ruleExpr, Key: x, Message: fmt.Sprintf("%s %s", verdict.Show(x), t.what)})
		}
	}
	if len(e.exprs) >= maxExprs || len(e.targets) >= maxTargets {
		j.Fail(errors.New("more distinct operators or expressions than are looked at"))
	}
	for _, name := range e.pickled {
		j.Report(asset.Unverified, finding.Finding{Rule: rulePickled, Key: name, Message: verdict.Show(name) + " is loaded with pickle"})
	}
}

func (m *model) judgeMembers(j *verdict.File) {
	members := m.zip.Members()
	if m.lay.kind == "torch-package" || m.lay.kind != "torch-export" && len(m.lay.python) > 0 {
		var names []string
		for _, i := range m.lay.python {
			names = append(names, members[i].Name)
		}
		j.Report(asset.Unverified, finding.Finding{Rule: rulePackage, Key: "python", Attrs: map[string]any{"members": head(names)},
			Message: fmt.Sprintf("carries %d Python sources: %s", len(names), verdict.Show(strings.Join(names, ", ")))})
	}
	for _, i := range m.lay.native {
		name := members[i].Name
		j.Report(asset.Unverified, finding.Finding{Rule: ruleNative, Key: name, Locations: m.at(j, name),
			Message: verdict.Show(name) + " is loaded as machine code"})
	}
}

// head cuts a list to what a report needs.
func head(list []string) []string { return list[:min(len(list), 200)] }

func maps(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
