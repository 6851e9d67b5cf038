// Package lightgbm reads LightGBM models, which are text.
//
// A model is data. It is ok when everything is there and every split leads to
// splits and leaves that exist: LightGBM follows them, and the sizes in the header,
// without looking.
package lightgbm

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

const ruleBroken = "artifact/lightgbm-broken-tree"

func (scanner) Info() scan.Info {
	return verdict.Info("lightgbm", "1", []finding.Rule{verdict.BrokenRule(ruleBroken, "LightGBM model that contradicts itself",
		"LightGBM follows the splits of a tree, and jumps by the sizes in the header, without looking whether what is there "+
			"exists. A model whose parts do not fit reads outside of its memory, never ends, or gives wrong answers.",
		"Do not load the model. Save it again from its source: booster.save_model('model.txt').")}, interest())
}

var beginning = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^tree\r?\nversion=v[0-9]+\r?\n`) })

func interest() *scan.Interest {
	return &scan.Interest{Magics: scan.At(0, "tree")}
}

// Wants knows the format by its first two lines.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(bytes.HasPrefix(fi.Head, []byte("tree")) && beginning().Match(fi.Head))
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	return verdict.Scan(ctx, f, s, "lightgbm", func(v *verdict.File) error {
		var m model
		return v.Broken(ruleBroken, m.read(io.NewSectionReader(f, 0, f.Size())))
	})
}

// Describe implements [scan.Describer]. The trees are no tensors; their number and
// size are facts.
func (scanner) Describe(_ context.Context, f scan.File) (*asset.Description, error) {
	var m model
	if err := m.read(io.NewSectionReader(f, 0, f.Size())); err != nil {
		return nil, err
	}
	d := &asset.Description{Format: "lightgbm", Version: m.version}
	fact := func(kind string, value any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.Ref()})
	}
	fact("library", "lightgbm", true)
	architecture := "gbdt"
	for _, p := range m.params {
		if p[0] == "boosting" {
			architecture = p[1]
		}
	}
	fact("architecture", architecture, false)
	fact("objective", m.objective, true)
	fact("features", m.maxFeat+1, true)
	fact("trees", m.trees, true)
	fact("leaves", m.leaves, true)
	if m.classes > 1 {
		fact("classes", m.classes, true)
	}
	for _, p := range m.params {
		if p[1] != "" {
			fact("metadata", asset.Pair{Name: p[0], Value: p[1]}, false)
		}
	}
	return d, nil
}

var _ scan.Describer = scanner{}
