package onnx

import (
	"fmt"
	"strconv"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/onnx"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/text"
)

// tensor checks one tensor against what it declares.
func (j *judge) tensor(t *onnx.Tensor) {
	if err := t.Check(); err != nil {
		name := nameOf(t)
		j.report(asset.Failed, ruleSize, name, t.Offset, "%s %s: %v.", t.Type(), name, err)
		j.Failf("ONNX model: %s: %w", name, err)
	}
	if len(t.Dense) > 0 {
		dense, err := onnx.Elements(t.Dense)
		values, _ := onnx.Elements(t.Dims)
		if err != nil || dense > 1<<30 && dense/1000 > values {
			name := nameOf(t)
			j.report(asset.Unverified, ruleExpansion, name, t.Offset, "Sparse %s of %d values stands for a dense one of shape %v.", name, values, t.Dense)
		}
	}
	if t.Location == 1 || len(t.External) > 0 {
		j.externalTensor(t, nameOf(t))
	}
}

// nameOf is how messages call a tensor.
func nameOf(t *onnx.Tensor) string { return "tensor " + strconv.Quote(verdict.Show(t.Name)) }

func (j *judge) externalTensor(t *onnx.Tensor, name string) {
	var location, offset, length string
	for _, p := range t.External {
		switch p.Key {
		case "location":
			location = p.Value
		case "offset":
			offset = p.Value
		case "length":
			length = p.Value
		}
	}
	p := j.external(name, location, t.Offset)
	need, sizeErr := t.Bytes()
	off, have := int64(0), int64(-1)
	for _, n := range []struct {
		text string
		to   *int64
	}{{offset, &off}, {length, &have}} {
		if n.text == "" {
			continue
		}
		v, err := strconv.ParseInt(n.text, 10, 64)
		if err != nil || v < 0 {
			j.broken(name, t.Offset, fmt.Errorf("external offset or length %q is no number of bytes", verdict.Show(n.text)))
			return
		}
		*n.to = v
	}
	switch {
	case have >= 0 && sizeErr == nil && have != need:
		j.broken(name, t.Offset, fmt.Errorf("%d bytes declared by type and shape, external length %d", need, have))
	case have < 0 && sizeErr == nil:
		have = need
	}
	if p.Kind == beside.Inside && (off > p.Size || have > p.Size-off) {
		j.broken(name, t.Offset, fmt.Errorf("%d bytes at offset %d of %q, which has %d", have, off, verdict.Show(location), p.Size))
	}
}

func (j *judge) broken(name string, off int64, err error) {
	j.report(asset.Failed, ruleBounds, name, off, "%s: %v.", name, err)
	j.Failf("ONNX model: %s: %w", name, err)
}

// triggers are the vulnerabilities that each way out of the folder exploits.
var triggers = map[beside.Kind]string{
	beside.Absolute: "onnx/external-traversal", beside.Traversal: "onnx/external-traversal",
	beside.InnerTraversal: "onnx/external-inner-traversal", beside.Symlink: "onnx/external-symlink",
}

// memoryAddress is kTensorProtoMemoryAddressTag of onnxruntime
// (onnxruntime/core/framework/tensorprotoutils.h).
const memoryAddress = "*/_ORT_MEM_ADDR_/*"

// external judges the path of a file that the model names, once.
func (j *judge) external(who, location string, at int64) beside.Path {
	p, seen := j.paths[location]
	if seen {
		return p
	}
	if len(j.paths) == maxPaths {
		j.full = fmt.Errorf("ONNX model: more than %d external files", maxPaths)
		return beside.Path{Kind: beside.NotLooked}
	}
	p = beside.Look(j.file.Ref(), location)
	j.paths[location] = p
	shown := strconv.Quote(verdict.Show(location))
	x := finding.Finding{Rule: rulePath, Key: "external " + shown, Locations: j.at(at)}
	switch {
	case location == memoryAddress:
		// onnxruntime marks so the tensors that it keeps, with the address as the offset.
		x.Message = fmt.Sprintf("The data of %s are read from an address in the memory of onnxruntime, which the file gives.", who)
		j.Report(asset.Malicious, x)
	case p.Kind.Leaves():
		x.Message = fmt.Sprintf("The data of %s are read from %s, which is %s.%s", who, shown, p.Kind, cve.Sentence(triggers[p.Kind]))
		x.Attrs = map[string]any{"location": verdict.Show(location), "cve": cve.IDs(triggers[p.Kind])}
		j.Report(asset.Malicious, x)
	case p.Kind == beside.Absent:
		x.Rule, x.Message = ruleMissing, fmt.Sprintf("The data of %s are in %s, which is not there.", who, shown)
		j.Report(asset.Failed, x)
		j.Failf("external data %s is missing: fetch it into the model's folder and scan again", shown)
	case p.Kind == beside.NotLooked:
		x.Rule, x.Message = ruleMissing, fmt.Sprintf("The data of %s are in %s, elsewhere in the archive; its size was not compared.", who, shown)
		j.Report(asset.Unverified, x)
	case p.Kind == beside.Odd || p.Kind == beside.Irregular:
		x.Severity, x.Confidence = finding.High, finding.Likely
		x.Message = fmt.Sprintf("The data of %s are read from %s: %s.", who, shown, p.Kind)
		j.Report(asset.Unverified, x)
	}
	return p
}

// texts looks for what a reader of the metadata would not see.
func (j *judge) texts(m *onnx.Model) {
	look := func(key, s string) {
		for i, r := range s {
			if r != '\n' && r != '\r' && r != '\t' && text.Hidden(r) {
				j.report(asset.OK, ruleText, key, 0, "%s: %q.", key, verdict.Show(s[max(0, i-20):]))
				return
			}
		}
	}
	look("producer", m.Producer)
	look("domain", m.Domain)
	look("description", m.Doc)
	for _, p := range m.Metadata {
		look("metadata "+strconv.Quote(verdict.Show(p.Key)), p.Key+": "+p.Value)
	}
}
