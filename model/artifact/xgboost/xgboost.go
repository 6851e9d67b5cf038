// Package xgboost reads XGBoost models: JSON, UBJSON and the binary format of the
// versions up to 3.0.
//
// A model is data: numbers that predictions follow from node to node. It is ok when
// everything is there and every node leads to nodes that exist; XGBoost itself
// does not look, so that a damaged or hostile tree reads outside of its memory.
package xgboost

import (
	"bytes"
	"context"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/engine/ubjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("xgboost", "1", rules(), interest())
}

const ruleBroken = "artifact/xgboost-broken-tree"

func rules() []finding.Rule {
	return []finding.Rule{verdict.BrokenRule(ruleBroken, "XGBoost model that contradicts itself",
		"Predictions follow the nodes of the trees without looking whether they exist. A model whose parts do not fit reads "+
			"outside of its memory, never ends, or gives wrong answers.",
		"Do not load the model. Save it again from its source: booster.save_model('model.ubj').")}
}

func interest() *scan.Interest {
	return &scan.Interest{
		Suffixes: []string{".ubj"},
		Magics: slices.Concat(scan.AnyByte(0, " \t\r\n{"),
			// The length of a short name behind the parameters of the learner.
			scan.At(learnerLen+1, "\x00\x00\x00\x00\x00\x00\x00"), scan.At(len("binf")+learnerLen+1, "\x00\x00\x00\x00\x00\x00\x00")),
	}
}

// Wants knows the formats by their first bytes.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(formatOf(fi.Head, fi.Ref.Name()) != "")
}

func formatOf(head []byte, name string) string {
	switch {
	case bytes.HasPrefix(head, []byte("{L\x00\x00\x00\x00\x00\x00\x00\x07learner{")), bytes.HasPrefix(head, []byte("{L\x00\x00\x00\x00\x00\x00\x00\x07version[")):
		return "xgboost-ubj"
	case looksJSON(head):
		return "xgboost-json"
	case looksBinary(head):
		return "xgboost-binary"
	}
	if ext := strings.ToLower(path.Ext(name)); ext == ".ubj" && len(head) > 2 && head[0] == '{' && strings.IndexByte("iUIlL$#}", head[1]) >= 0 {
		return "xgboost-ubj"
	}
	return ""
}

// looksJSON takes an object that begins as XGBoost writes it, keys in any order.
func looksJSON(head []byte) bool {
	t := bytes.TrimLeft(head, " \t\r\n")
	if len(t) == 0 || t[0] != '{' {
		return false
	}
	t = bytes.TrimLeft(t[1:], " \t\r\n")
	if !bytes.HasPrefix(t, []byte(`"learner"`)) && !bytes.HasPrefix(t, []byte(`"version"`)) {
		return false
	}
	return bytes.Contains(t, []byte(`"learner"`)) && (bytes.Contains(t, []byte(`"gradient_booster"`)) ||
		bytes.Contains(t, []byte(`"learner_model_param"`)) || bytes.Contains(t, []byte(`"attributes"`)))
}

// maxJSON is the longest JSON that is read as a whole, so that keys given twice are
// known by name. Longer ones are read as a stream, and so is UBJSON.
const maxJSON = 16 << 20

// readModel reads a whole file. The model is what was read even when there is an
// error.
func readModel(ctx context.Context, f scan.File) (*model, error) {
	m := &model{format: formatOf(f.Head(), f.Ref().Name())}
	var err error
	switch m.format {
	case "xgboost-json":
		if f.Size() > maxJSON {
			p := strictjson.NewStream(io.NewSectionReader(f, 0, f.Size()), strictjson.Options{Python: true})
			if err = m.readDocument(jsonDocument{p}); err == nil {
				err = p.End()
			}
			m.dups = p.Duplicates
			break
		}
		var doc []byte
		if doc, err = scan.Bytes(f, maxJSON); err != nil {
			return m, err
		}
		p := strictjson.New(doc, strictjson.Options{Python: true})
		if err = m.readDocument(jsonDocument{p}); err == nil {
			err = p.End()
		}
		m.dups = len(p.Duplicates)
	case "xgboost-ubj":
		p := ubjson.New(f, f.Size())
		if err = m.readDocument(ubjDocument{p}); err == nil {
			err = p.End()
		}
	case "xgboost-binary":
		err = m.readBinary(f, f.Size())
	default:
		err = errShape
	}
	if err == nil {
		err = m.check()
	}
	if err == nil {
		err = ctx.Err()
	}
	return m, err
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	m, err := readModel(ctx, f)
	return verdict.Scan(ctx, f, s, m.format, func(v *verdict.File) error {
		if ctx.Err() != nil {
			return err
		}
		return v.Broken(ruleBroken, err)
	})
}

// Describe implements [scan.Describer]. The trees are no tensors; their number and
// size are facts.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	m, err := readModel(ctx, f)
	if err != nil {
		return nil, err
	}
	d := &asset.Description{Format: m.format, Version: m.version}
	fact := func(kind string, value any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.Ref()})
	}
	fact("library", "xgboost", true)
	fact("architecture", m.booster, true)
	fact("objective", m.object, true)
	fact("features", m.features, true)
	if m.booster == "gblinear" {
		fact("parameters", m.weights, true)
		d.Tensors = append(d.Tensors, asset.Tensor{Name: "weights", DType: "float32", Shape: []int64{m.weights}, Bytes: 4 * m.weights})
	} else {
		fact("trees", m.read, true)
		fact("nodes", m.nodes, true)
	}
	if m.classes > 1 {
		fact("classes", m.classes, true)
	}
	for _, p := range m.attrs {
		fact("metadata", asset.Pair{Name: p[0], Value: p[1]}, false)
	}
	return d, nil
}

var _ scan.Describer = scanner{}
