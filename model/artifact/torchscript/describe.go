package torchscript

import (
	"bytes"
	"context"
	"errors"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/pickle/graph"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/model/artifact/internal/pickled"
	"github.com/merlon-security/merlon/scan"
)

// Describe implements [scan.Describer], for archives of weights alone, too: the
// operators of the code, and the tensors by the names of the state_dict. For an exported program they are those of its graph, where a size
// that is not fixed is -1.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	m, err := read(ctx, f)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, nil // another zip
	}
	d := &asset.Description{Format: m.lay.kind, Version: m.version}
	if d.Format == "" {
		d.Format = "torch-zip"
	}
	fact := func(kind string, value any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.Ref()})
	}
	fact("library", "torch", true)
	if m.graph.torch != "" {
		fact("metadata", asset.Pair{Name: "torch_version", Value: m.graph.torch}, false)
	}
	for _, op := range m.program.operators() {
		fact("operator", op, true)
	}
	for op := range maps(m.graph.targets) {
		fact("operator", op, true)
	}
	for _, name := range m.program.functions {
		fact("function", name, true)
	}
	d.Tensors, d.Omitted = m.graph.tensors, m.graph.omitted
	if m.lay.data >= 0 {
		m.each(ctx, m.lay.data, maxPickle, func(b []byte, _ string) error {
			res, err := graph.Read(bytes.NewReader(b), graph.Options{End: int64(len(b))})
			if res.Root != nil {
				d.Tensors, d.Omitted = pickled.Tensors(res.Root)
			}
			if m.lay.kind == "" { // otherwise the classes are those of the archive
				d.Facts = append(d.Facts, pickled.Facts(res.Root, res.Imports, f.Ref())...)
			}
			return err
		})
	}
	return d, errors.Join(m.errs...)
}

// readConfig reads the index of weights or constants of an exported program
// (torch/export/pt2_archive): which file holds which tensor, and whether pickle
// reads it.
func (e *exported) readConfig(doc []byte) error {
	p := strictjson.New(doc, strictjson.Options{Python: true})
	err := p.Object(func(k []byte, _ int) error {
		if string(k) != "config" || p.Kind() != strictjson.Object {
			return nil
		}
		return p.Object(func(name []byte, _ int) error {
			label := string(name)
			if p.Kind() != strictjson.Object {
				return nil
			}
			return p.Object(func(k []byte, _ int) error {
				if string(k) != "use_pickle" || p.Kind() != strictjson.Bool {
					return nil
				}
				pickled, err := p.Bool()
				if pickled && len(e.pickled) < maxMentions {
					e.pickled = append(e.pickled, label)
				}
				return err
			})
		})
	})
	if err == nil {
		err = p.End()
	}
	e.dups += len(p.Duplicates)
	return err
}

var _ scan.Describer = scanner{}
