// Package catboost reads CatBoost models: a FlatBuffer with trees, and tables of
// counters for categories.
//
// A model is data. It is ok when everything is there and every tree stays within
// its own lists: CatBoost follows them without looking.
package catboost

import (
	"bytes"
	"context"

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
	ruleBroken = "artifact/catboost-broken-tree"
	ruleOpaque = "artifact/catboost-opaque-part"
)

func (scanner) Info() scan.Info {
	taxonomy := []string{"atlas:5.6:AML.T0076", "atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"}
	return verdict.Info("catboost", "1", []finding.Rule{
		verdict.BrokenRule(ruleBroken, "CatBoost model that contradicts itself",
			"Predictions follow the lists of a tree without looking whether they end. A model whose parts do not fit reads outside "+
				"of its memory or gives wrong answers.",
			"Do not load the model. Save it again from its source: model.save_model('model.cbm')."),
		{
			ID: ruleOpaque, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "CatBoost model with a part that is not read",
			Why:   "The model brings tables for texts or embeddings, whose inner layout merlon does not check.",
			Remedy: "Load it with a current CatBoost (pip install -U catboost) and only from a publisher you trust, or train without text " +
				"and embedding features.",
			CWE: []string{"CWE-1104"}, Taxonomy: taxonomy,
		},
	}, interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Magics: scan.At(0, "CBM1")}
}

// Wants knows the format by its first four bytes.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(bytes.HasPrefix(fi.Head, []byte("CBM1")))
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	m, err := readModel(f, f.Size())
	return verdict.Scan(ctx, f, s, "catboost", func(v *verdict.File) error {
		if err != nil {
			return v.Broken(ruleBroken, err)
		}
		for _, p := range m.opaque {
			v.Report(asset.Unverified, finding.Finding{Rule: ruleOpaque, Key: p, Message: "part " + verdict.Show(p) + " is not read"})
		}
		return nil
	})
}

// Describe implements [scan.Describer]. The trees are no tensors; their number and
// size are facts.
func (scanner) Describe(_ context.Context, f scan.File) (*asset.Description, error) {
	m, err := readModel(f, f.Size())
	if err != nil {
		return nil, err
	}
	d := &asset.Description{Format: "catboost", Version: m.format}
	fact := func(kind string, value any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.Ref()})
	}
	fact("library", "catboost", true)
	fact("features", m.features, true)
	fact("trees", m.trees, true)
	fact("leaves", m.leaves, true)
	if m.dimension > 1 {
		fact("classes", m.dimension, true)
	}
	for _, kv := range m.info {
		if len(kv[1]) <= 200 {
			fact("metadata", asset.Pair{Name: kv[0], Value: kv[1]}, false)
		}
	}
	return d, nil
}

var _ scan.Describer = scanner{}
