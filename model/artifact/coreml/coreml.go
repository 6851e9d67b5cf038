// Package coreml scans Core ML models: .mlmodel files, which are protocol buffers of
// CoreML.Specification.Model, and the manifests of .mlpackage folders. Every message
// of the model is walked, with the schema of coremltools (schema.txt).
//
// Verdicts: ok for layers and operations of Core ML; unverified for custom layers,
// custom, linked and serialized models; malicious for weights outside of the package.
package coreml

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/protowalk"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

//go:embed schema.txt
var schemaText string

//go:embed operators.txt
var operatorList string

const prefix = "CoreML.Specification."

var schema = sync.OnceValue(func() protowalk.Schema {
	s, err := protowalk.ParseSchema(schemaText)
	if err != nil {
		panic(err) // embedded, and tested
	}
	return s
})

// operators are the operations of MIL.
var operators = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(operatorList) {
		m[strings.TrimSpace(line)] = true
	}
	return m
})

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("coreml", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{
		Names: []string{"manifest.json"}, Suffixes: []string{".mlmodel"},
		Magics: scan.AnyByte(0, "\x08\x88"), // the field of the version
	}
}

// Wants takes .mlmodel files, what begins like one, and manifests of packages.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	name := path.Base(beside.Name(fi.Ref))
	if strings.EqualFold(path.Ext(name), ".mlmodel") {
		return scan.Yes
	}
	return scan.YesIf(name == "Manifest.json" && strings.Contains(string(fi.Head), `"itemInfoEntries"`) || recognise(fi.Head))
}

// recognise reports whether the first bytes are those of a Core ML model: its version,
// a description, and one of the many kinds of model.
func recognise(head []byte) bool {
	fields, ok := protowalk.Prefix(head, schema()[prefix+"Model"].Shape())
	if !ok || fields[0].Num != 1 || fields[0].Value == 0 || fields[0].Value > 64 {
		return false
	}
	for _, f := range fields {
		switch {
		case f.Num >= 200:
			return true
		case f.Num == 2 && f.Body.End > int64(len(head)) && f.Body.Start < int64(len(head)):
			inner, ok := protowalk.Prefix(head[f.Body.Start:], schema()[prefix+"ModelDescription"].Shape())
			if !ok {
				return false
			}
			start := f.Body.Start + inner[0].Body.Start
			if start >= int64(len(head)) {
				return false
			}
			// Its first field describes an input: a name, then a type. That of a
			// SavedModel of TensorFlow has no name.
			input, ok := protowalk.Prefix(head[start:min(f.Body.Start+inner[0].Body.End, int64(len(head)))], schema()[prefix+"FeatureDescription"].Shape())
			return ok && inner[0].Num == 1 && input[0].Num == 1
		}
	}
	return false
}

// judge holds what is known while a model is read.
type judge struct {
	*verdict.File
	file  scan.File
	seen  map[string]bool
	files map[string]bool
	kinds int
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	j := &judge{File: verdict.Of(s, f, "coreml"), file: f, seen: map[string]bool{}, files: map[string]bool{}}
	defer j.Close()
	if path.Base(beside.Name(f.Ref())) == "Manifest.json" {
		return j.manifest()
	}
	v := &visitor{w: protowalk.New(ctx, f, f.Size(), protowalk.Limits{}),
		odd: j.odd, custom: j.custom, operation: j.operation, blob: j.blob, model: j.model}
	if err := v.walk(v.w.All(), prefix+"Model", ""); err != nil {
		return fmt.Errorf("Core ML model: %w", err)
	}
	if j.kinds == 0 {
		return errors.New("Core ML model: it holds no model; it may be cut off")
	}
	return nil
}

func (j *judge) report(v asset.Verdict, rule, key string, off int64, format string, args ...any) {
	if j.seen[rule+key] {
		return
	}
	if len(j.seen) < 100_000 {
		j.seen[rule+key] = true
	}
	j.Report(v, finding.Finding{Rule: rule, Key: key, Message: fmt.Sprintf(format, args...),
		Locations: []finding.Location{finding.AtOffset(j.file.Ref(), off)}})
}

func (j *judge) odd(off int64, message string, what protowalk.Oddity, field int32, n int64) {
	j.report(asset.Unverified, ruleHidden, fmt.Sprintf("%s/%d/%s", message, field, what), off,
		"%s has a %s, number %d, of %d bytes.", strings.TrimPrefix(message, prefix), what, field, n)
}

func (j *judge) custom(what, class string, off int64) {
	j.report(asset.Unverified, ruleCustom, what+class, off, "A %s is the class %q.", what, verdict.Show(class))
}

func (j *judge) operation(op string, off int64) {
	if !operators()[op] {
		j.report(asset.Unverified, ruleOp, "operation "+op, off, "Operation %q is not one of Core ML.", verdict.Show(op))
	}
}

// model is called for each kind of model, nested ones included.
func (j *judge) model(kind, name string, off int64) {
	j.kinds++
	switch kind {
	case "linkedModel":
		v := asset.Unverified
		if beside.Shape(name).Leaves() {
			v = asset.Malicious
		}
		j.report(v, ruleLinked, name, off, "The model loads %q.", verdict.Show(name))
	case "serializedModel":
		j.report(asset.Unverified, ruleOpaque, name, off, "The model is a blob for %q.", verdict.Show(name))
	}
}

// blob judges the file of a tensor. The path begins with the folder of the model.
func (j *judge) blob(file string, offset uint64, off int64) {
	rel := strings.TrimPrefix(file, "@model_path/")
	p := beside.Path{Kind: beside.Shape(rel)}
	if p.Kind == beside.Inside {
		p = beside.Look(j.file.Ref(), rel)
	}
	shown := strconv.Quote(verdict.Show(file))
	switch {
	case p.Kind.Leaves():
		j.report(asset.Malicious, rulePath, file, off, "Weights are read from %s, which is %s.", shown, p.Kind)
	case p.Kind == beside.Absent, p.Kind == beside.Inside && offset >= uint64(max(p.Size, 0)):
		text := fmt.Sprintf("Weights are read at %d of %s, which has %d bytes", offset, shown, p.Size)
		if p.Kind == beside.Absent {
			text = fmt.Sprintf("Weights are read from %s, which is not there", shown)
		}
		j.report(asset.Failed, ruleMissing, file, off, "%s.", text)
		if !j.files[file] && len(j.files) < 100 {
			j.files[file] = true
			j.Failf("Core ML model: %s", text)
		}
		j.Worse(asset.Failed)
	case p.Kind == beside.Odd || p.Kind == beside.Irregular:
		j.Report(asset.Unverified, finding.Finding{Rule: rulePath, Key: file, Severity: finding.High, Confidence: finding.Likely,
			Message: fmt.Sprintf("Weights are read from %s: %s.", shown, p.Kind)})
	}
}
