// Package onnx scans ONNX models, as protocol buffers in binary or text form or in the
// format of ONNX Runtime (.ort): every node of every graph, subgraph and function
// against the operators that are known, every tensor against its declared size, every
// external file against the model's folder.
//
// Verdicts: ok when all operators are standard ones and all data are where and as
// large as declared; unverified for custom operators, opaque blobs and unknown fields;
// malicious for weights outside the model's folder and for operators that name Python
// code.
package onnx

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/onnx"
	"github.com/merlon-security/merlon/engine/protowalk"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("onnx", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Suffixes: slices.Concat([]string{".onnx", ".ort"}, textNames, otherNames),
		Magics: append(scan.AnyByte(0, onnx.FirstBytes()), scan.At(4, onnx.ORT)...)}
}

// Wants takes what is named .onnx and what begins like a model under any name: the
// format has no magic number, but a model's first fields are hardly anything else. Text
// forms are known by their names, as they are to the onnx package.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if _, ok := formOf(fi.Ref, fi.Head); ok {
		return scan.Yes
	}
	return scan.No
}

// Recognise reports whether the first bytes of a file are those of an ONNX model.
func Recognise(head []byte) bool {
	fields, ok := protowalk.Prefix(head, onnx.Shape())
	if !ok {
		return false
	}
	version, model := false, false
	for _, f := range fields {
		switch f.Num {
		case 1:
			version = f.Value >= 1 && f.Value <= 64
		case 2, 3, 4, 6: // producer, version, domain, description
			if !isText(head[min(f.Body.Start, int64(len(head))):min(f.Body.End, int64(len(head)))]) {
				return false // the first fields of a SavedModel have the same numbers
			}
		case 7, 8:
			model = true
		}
	}
	// A long producer or description may push the graph out of sight.
	last := fields[len(fields)-1]
	return version && (model || len(fields) > 1 && last.Body.End > int64(len(head)))
}

// isText reports whether bytes are text without control characters. A character that
// is cut off at the end does not matter.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 && len(b) >= utf8.UTFMax || r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
		b = b[n:]
	}
	return true
}

// maxOperators is how many different operators of one model are kept.
const maxOperators = 100_000

// maxPaths is how many different external files of one model are looked at.
const maxPaths = 10_000

// maxDepth is how deep control flow may nest without a word.
const maxDepth = 16

// use is an operator of the model with its first node.
type use struct {
	node  onnx.Node
	count int64
}

// judge holds what is known while a model is read.
type judge struct {
	*verdict.File
	file  scan.File
	text  bool // the file is in text form: offsets are not those of the file
	ops   map[operator]*use
	order []operator
	paths map[string]beside.Path
	full  error
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	src := open(ctx, f)
	j := &judge{File: verdict.Of(s, f, cmp.Or(string(src.form), string(textForm))), file: f, text: src.form == textForm, ops: map[operator]*use{}, paths: map[string]beside.Path{}}
	defer j.Close()
	if src.form == otherForm {
		j.report(asset.Unverified, ruleForm, "form", 0, "The model is in a form that was not read.")
		return nil
	}
	m, err := src.read(ctx, onnx.Visitor{Node: j.node, Tensor: j.tensor, Odd: j.odd, Count: true})
	j.operators(m)
	j.functions(m)
	j.texts(m)
	switch {
	case err != nil:
		return fmt.Errorf("ONNX model: %w", err)
	case m.Graphs == 0 && len(m.Functions) == 0:
		return errors.New("ONNX model: there is no graph in it")
	case len(m.Opsets) == 0 && m.IRVersion >= 3: // also if it has no node
		return errors.New("ONNX model: it does not say which operators it uses (no opset_import); it may be cut off")
	}
	if err := j.imports(m); err != nil {
		return err
	}
	return j.full
}

// imports checks that the model says which version of each of its operators it
// means; one that was cut off at its end does not.
func (j *judge) imports(m *onnx.Model) error {
	if m.IRVersion < 3 {
		return nil
	}
	imported := map[string]bool{}
	for _, o := range m.Opsets {
		imported[normal(o.Domain)] = true
	}
	for _, op := range j.order {
		if j.ops[op].node.Function == nil && !imported[op.domain] {
			return fmt.Errorf("ONNX model: it uses %q without importing its domain (opset_import); it may be cut off", label(op))
		}
	}
	return nil
}

// report adds a finding at an offset of the file.
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

func (j *judge) node(n *onnx.Node) {
	op := operator{normal(n.Domain), n.Op}
	if path, opaque := opaqueOperators[op]; opaque && path != "" {
		if embed, ok := n.Attr("embed_mode"); ok && embed.Int == 0 {
			if a, ok := n.Attr(path); ok {
				j.external("operator "+n.Op, a.Text, n.Offset)
			}
		}
	}
	if u := j.ops[op]; u != nil {
		u.count++
		return
	}
	if len(j.ops) == maxOperators {
		j.full = fmt.Errorf("ONNX model: more than %d different operators", maxOperators)
		return
	}
	j.ops[op] = &use{node: *n, count: 1}
	j.order = append(j.order, op)
}

// operators judges what the model is made of, once all its functions are known.
func (j *judge) operators(m *onnx.Model) {
	local := map[operator]bool{}
	for i := range m.Functions {
		f := &m.Functions[i]
		op := operator{normal(f.Domain), f.Name}
		local[op] = true
		if known()[op] {
			j.report(asset.Unverified, ruleShadow, "function "+label(op), f.Offset,
				"Function %q replaces the standard operator of that name.", label(op))
		}
	}
	for _, op := range j.order {
		u := j.ops[op]
		times := fmt.Sprintf("%d node(s), the first is %q", u.count, verdict.Show(u.node.Name))
		switch {
		case local[op]:
		case pythonOperators[op.name]:
			code := ""
			for _, name := range pythonAttrs {
				if a, ok := u.node.Attr(name); ok && a.Text != "" {
					code += fmt.Sprintf(" %s=%q", name, verdict.Show(a.Text))
				}
			}
			if code == "" {
				j.report(asset.Unverified, ruleCustom, "operator "+label(op), u.node.Offset, "Operator %q calls Python (%s).", label(op), times)
				continue
			}
			j.report(asset.Malicious, rulePython, "operator "+label(op), u.node.Offset, "Operator %q runs Python code:%s (%s).", label(op), code, times)
		case !known()[op]:
			j.report(asset.Unverified, ruleCustom, "operator "+label(op), u.node.Offset,
				"Operator %q is defined neither by ONNX, nor by ONNX Runtime, nor by the model (%s).", label(op), times)
		default:
			if _, opaque := opaqueOperators[op]; opaque {
				j.report(asset.Unverified, ruleOpaque, "operator "+label(op), u.node.Offset, "Operator %q is a compiled program (%s).", label(op), times)
			}
		}
	}
}

func label(op operator) string {
	if op.domain == "" {
		return verdict.Show(op.name)
	}
	return verdict.Show(op.domain) + "::" + verdict.Show(op.name)
}

// maxExpanded is how many nodes a model may have once its functions are inlined.
const maxExpanded = 100_000_000

func (j *judge) functions(m *onnx.Model) {
	nodes, recursive := m.Expansion()
	if recursive != nil {
		name := label(operator{normal(recursive.Domain), recursive.Name})
		j.report(asset.Unverified, ruleRecursion, "function "+name, recursive.Offset, "Function %q calls itself, directly or through others.", name)
	} else if nodes > maxExpanded {
		j.report(asset.Unverified, ruleExpansion, "functions", 0, "%d nodes and %d functions become more than %d nodes when functions are inlined.",
			m.Nodes, len(m.Functions), int64(maxExpanded))
	}
	if m.Depth > maxDepth {
		j.report(asset.Unverified, ruleDepth, "depth", 0, "Subgraphs of control flow are nested %d deep; more than %d is unusual.", m.Depth, maxDepth)
	}
}
