// Package executorch reads ExecuTorch programs (.pte): a FlatBuffer with methods,
// operators, delegates and weights.
//
// Every index in the program is checked. Operators of ExecuTorch itself only
// compute; a delegate is a program for other software or hardware, of which nothing
// is known.
package executorch

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

// The rules of this scanner.
const (
	ruleBroken   = "artifact/executorch-broken-program"
	ruleDelegate = "artifact/executorch-delegate"
	ruleForeign  = "artifact/executorch-custom-op"
)

func (scanner) Info() scan.Info {
	arch := []string{"atlas:5.6:AML.T0018.001", "atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"}
	return verdict.Info("executorch", "1", []finding.Rule{
		verdict.BrokenRule(ruleBroken, "ExecuTorch program that contradicts itself",
			"The runtime follows indexes and offsets of the program with few checks, on devices without memory protection. A "+
				"program whose parts do not fit reads and writes outside of its memory.",
			"Do not load the program. Export it again from its source: executorch.exir.to_edge(torch.export.export(model, args)).to_executorch()"),
		{
			ID: ruleDelegate, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "ExecuTorch program with a delegate",
			Why: "A part of the model is compiled for a backend, in a form that only the backend knows: a graph for a library, or code " +
				"for an accelerator. Nothing can be said about what it does.",
			Remedy: "Export and lower the model yourself from a source that can be checked, and sign the result.",
			CWE:    []string{"CWE-829", "CWE-1104"}, Taxonomy: arch,
		},
		{
			ID: ruleForeign, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "ExecuTorch program with operators of other libraries",
			Why: "The program needs kernels that ExecuTorch does not have. They are native code that must be linked into the application, " +
				"chosen by the author of the model.",
			Remedy: "Find out which library has them, and check and pin it as you do a dependency.",
			CWE:    []string{"CWE-829"}, Taxonomy: arch,
		},
	}, interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Magics: scan.At(4, "ET"), Suffixes: []string{".pte"}}
}

// Wants knows the format by its identifier, and an empty file by its name.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(isProgram(fi.Head) || fi.Size == 0 && strings.EqualFold(path.Ext(fi.Ref.Name()), ".pte"))
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	p, err := readProgram(f, f.Size())
	return verdict.Scan(ctx, f, s, "executorch", func(v *verdict.File) error {
		for _, id := range slices.Sorted(maps.Keys(p.delegates)) {
			v.Report(asset.Unverified, finding.Finding{Rule: ruleDelegate, Key: id,
				Message: fmt.Sprintf("%d bytes for the backend %s", p.delegates[id], verdict.Show(id))})
		}
		var others []string
		for _, op := range slices.Sorted(maps.Keys(p.operators)) {
			if foreign(op) {
				others = append(others, op)
			}
		}
		if len(others) > 0 {
			v.Report(asset.Unverified, finding.Finding{Rule: ruleForeign, Key: strings.Join(others, " "), Attrs: map[string]any{"operators": others[:min(len(others), 200)]},
				Message: fmt.Sprintf("needs %d operators that ExecuTorch does not have: %s", len(others), verdict.Show(strings.Join(others, ", ")))})
		}
		if f.Size() == 0 {
			return err // nothing in it contradicts anything
		}
		return v.Broken(ruleBroken, err)
	})
}

// Describe implements [scan.Describer]. Tensors are the constant ones; one without
// a name is called by its method and number.
func (scanner) Describe(_ context.Context, f scan.File) (*asset.Description, error) {
	p, err := readProgram(f, f.Size())
	if err != nil {
		return nil, err
	}
	d := &asset.Description{Format: "executorch", Version: fmt.Sprint(p.version), Tensors: p.tensors, Omitted: p.omitted}
	fact := func(kind string, value any) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: true, At: f.Ref()})
	}
	fact("library", "executorch")
	for _, m := range p.methods {
		fact("function", m)
	}
	for _, op := range slices.Sorted(maps.Keys(p.operators)) {
		fact("operator", op)
	}
	for _, id := range slices.Sorted(maps.Keys(p.delegates)) {
		fact("delegate", id)
	}
	return d, nil
}

var _ scan.Describer = scanner{}
