// Package tensorflow scans TensorFlow graphs: SavedModels (saved_model.pb,
// keras_metadata.pb), MetaGraphs (.meta), frozen graphs (.pb) and checkpoints (.index). Every node of every
// graph and function is held against the operations that are known. Text forms
// (.pbtxt) are read as the binary ones.
//
// Verdicts: ok when all operations are those of TensorFlow and only compute, save and
// restore; unverified for custom operations and leftover input pipelines; malicious
// for operations that read or write files, call Python, or use the network, and for
// assets and checkpoints outside of the model.
package tensorflow

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/protowalk"
	"github.com/merlon-security/merlon/engine/tfgraph"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("tensorflow", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{
		Names:    []string{"saved_model.pb", "keras_metadata.pb"},
		Suffixes: []string{".pbtxt", ".prototxt", ".textproto", ".txtpb", ".index"},
		Magics: append(scan.AnyByte(0, "\x08\x88\x0a\x8a\x12\x92"), // the first fields of a SavedModel, a MetaGraph, a graph
			scan.At(0, "\x00\x00")...), // a checkpoint
	}
}

// Wants takes the files of a SavedModel by name, and graphs by their first bytes.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if byName(fi.Ref) != "" {
		return scan.Yes
	}
	return scan.YesIf(tfgraph.Recognise(fi.Head) != "" || textKind(fi.Ref, fi.Head) != "" || wantsCheckpoint(fi))
}

func byName(r asset.Ref) tfgraph.Kind {
	switch path.Base(beside.Name(r)) {
	case "saved_model.pb":
		return tfgraph.SavedModel
	case "keras_metadata.pb":
		return tfgraph.KerasMetadata
	}
	return ""
}

// judge holds what is known while a model is read.
type judge struct {
	*verdict.File
	ctx   context.Context
	file  scan.File
	sink  *scan.Sink
	text  bool // the file is in text form: offsets are not those of the file
	kind  tfgraph.Kind
	ops   map[string]*use
	order []string
	funcs map[string]bool
	full  error

	// Of the graph or function that is being read:
	consts  map[string]string
	same    map[string]string // Identity and its like, to their input
	pending []tfgraph.Node
}

// use is an operation with the first node that it has.
type use struct {
	node  tfgraph.Node
	count int64
}

const (
	maxOperations = 100_000 // different operations and functions of a model
	maxConsts     = 10_000  // text constants of a graph or function that are kept
)

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	if isCheckpoint(f) {
		return scanCheckpoint(ctx, f, s)
	}
	src := open(ctx, f)
	kind := src.kind
	j := &judge{File: verdict.Of(s, f, format(kind)), ctx: ctx, file: f, text: src.text, sink: s, kind: kind, ops: map[string]*use{}, funcs: map[string]bool{}}
	defer j.Close()
	j.scope()
	m, err := tfgraph.Read(ctx, src, src.size, kind, tfgraph.Visitor{Node: j.node, Function: j.function, Scope: j.scope, Asset: j.asset, Keras: j.keras, Odd: j.odd})
	if src.err != nil {
		err = src.err
	}
	j.operations()
	switch {
	case err != nil:
		return fmt.Errorf("TensorFlow %s: %w", kind, err)
	case kind == tfgraph.KerasMetadata:
		if m.Objects == 0 {
			return errors.New("TensorFlow keras_metadata: there is no object in it")
		}
		return j.full
	case m.Graphs == 0:
		return fmt.Errorf("TensorFlow %s: there is no graph in it", kind)
	case m.Versions < m.Graphs:
		return fmt.Errorf("TensorFlow %s: a graph does not say which version it has; it may be cut off", kind)
	}
	return j.full
}

func format(k tfgraph.Kind) string {
	switch k {
	case tfgraph.SavedModel, tfgraph.KerasMetadata:
		return "tensorflow-savedmodel"
	case tfgraph.MetaGraph:
		return "tensorflow-metagraph"
	}
	return "tensorflow-graph"
}

func (j *judge) report(v asset.Verdict, rule, key string, off int64, format string, args ...any) {
	j.Report(v, finding.Finding{Rule: rule, Key: key, Message: fmt.Sprintf(format, args...), Locations: j.at(off)})
}

func (j *judge) at(off int64) []finding.Location {
	if j.text {
		return []finding.Location{{Ref: j.file.Ref()}}
	}
	return []finding.Location{finding.AtOffset(j.file.Ref(), off)}
}

func (j *judge) odd(off int64, message string, what protowalk.Oddity, field int32, n int64) {
	j.report(asset.Unverified, ruleHidden, fmt.Sprintf("%s/%d/%s", message, field, what), off,
		"%s has a %s, number %d, of %d bytes.", message, what, field, n)
}

func (j *judge) function(name string, _ int64) {
	if len(j.funcs) == maxOperations {
		j.full = fmt.Errorf("TensorFlow %s: more than %d functions", j.kind, maxOperations)
		return
	}
	j.funcs[name] = true
}

// operations judges what was not known when it was met: functions come after the
// nodes that call them.
func (j *judge) operations() {
	for _, op := range j.order {
		if u := j.ops[op]; !j.funcs[op] {
			j.report(asset.Unverified, ruleCustom, "operation "+verdict.Show(op), u.node.Offset, "Operation %q is defined neither by TensorFlow nor by the model (%d node(s), the first is %q).",
				verdict.Show(op), u.count, verdict.Show(u.node.Name))
		}
	}
}

// asset judges the name of a file in the folder assets.
func (j *judge) asset(name string, off int64) {
	shown := strconv.Quote(verdict.Show(name))
	kind := beside.Shape(name)
	if kind == beside.Inside {
		kind = beside.Look(j.file.Ref(), "assets/"+name).Kind
	}
	switch {
	case kind.Leaves():
		j.report(asset.Malicious, ruleAsset, "asset "+shown, off, "Asset %s is %s.", shown, kind)
	case kind == beside.Absent:
		j.report(asset.Failed, ruleMissing, "asset "+shown, off, "Asset %s is not in the folder assets.", shown)
		j.Failf("asset %s is missing: fetch the model's whole folder and scan again", shown)
	case kind == beside.Odd || kind == beside.Irregular:
		j.Report(asset.Unverified, finding.Finding{Rule: ruleAsset, Key: "asset " + shown, Severity: finding.High, Confidence: finding.Likely,
			Message: fmt.Sprintf("Asset %s: %s.", shown, kind), Locations: j.at(off)})
	}
}

// HintKeras tells the scanner of Keras models that a derived file is the configuration
// of a layer that can also be rebuilt from the graph.
const HintKeras = "keras-metadata"

func (j *judge) keras(json string, off int64) {
	ref := j.file.Ref().Join(asset.Step{Kind: asset.Nested, N: int(off)})
	if err := j.sink.Derive(scan.Derived{Ref: ref, Hint: HintKeras, Body: strings.NewReader(json)}); err != nil {
		j.Fail(err)
	}
}
