// Package mxnet scans Apache MXNet models: the graph (NAME-symbol.json, nnvm's JSON)
// and lists of arrays (.params, NDArray::Save of src/ndarray/ndarray.cc).
//
// Verdicts: ok for operators that MXNet 1.9 defines and that only compute; unverified
// for operators of other libraries and for Custom, a Python class of the process;
// malicious for operators that call an address from the file or open a path in it.
package mxnet

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

//go:embed operators.txt
var operatorList string

var operators = sync.OnceValue(func() map[string]bool {
	m := make(map[string]bool, 1200)
	for line := range strings.Lines(operatorList) {
		m[strings.TrimSpace(line)] = true
	}
	return m
})

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

// Info implements [scan.Scanner].
func (scanner) Info() scan.Info {
	return scan.Info{ID: "mxnet", Version: "1", Rules: rules(), Interest: interest(), Vendored: true, Verdicts: true}
}

// listMagic begins a list of arrays: kMXAPINDArrayListMagic, and eight bytes that are
// reserved.
const listMagic = "\x12\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

const symbolName = "-symbol.json"

func interest() *scan.Interest {
	return &scan.Interest{
		Suffixes: []string{symbolName},
		Magics:   append(scan.At(0, listMagic), scan.AnyByte(0, " \t\r\n{")...),
	}
}

// Wants takes lists of arrays by their first bytes, and graphs by name or by the
// first node.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if isList(fi.Head) || maybeSymbol(fi.Ref, fi.Head) {
		return scan.Yes
	}
	return scan.No
}

func isList(head []byte) bool { return bytes.HasPrefix(head, []byte(listMagic)) }

// maybeSymbol is true for what says that it is a graph; whether it is one shows when
// it has been read.
func maybeSymbol(r asset.Ref, head []byte) bool {
	if named(r) {
		return true
	}
	b := bytes.TrimLeft(head, " \t\r\n")
	return bytes.HasPrefix(b, []byte("{")) && bytes.Contains(b, []byte(`"nodes"`)) && bytes.Contains(b, []byte(`"op"`)) && bytes.Contains(b, []byte(`"inputs"`))
}

func named(r asset.Ref) bool {
	return strings.HasSuffix(strings.ToLower(path.Base(r.Name())), symbolName)
}

// judge holds what is known while a model is read.
type judge struct {
	*verdict.File
	file scan.File
	seen map[string]bool
}

// Scan implements [scan.Scanner].
func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	if isList(f.Head()) {
		return verdict.Scan(ctx, f, s, "mxnet-params", func(v *verdict.File) error {
			j := &judge{File: v, file: f, seen: map[string]bool{}}
			_, err := readList(ctx, f, f.Size(), func(rule, key string, off int64, msg string) {
				j.damage(rule, key, off, msg)
				if rule == ruleHidden { // shown to all scanners
					ref := f.Ref().Join(asset.Step{Kind: asset.Nested, N: int(off)})
					v.Fail(s.Derive(scan.Derived{Ref: ref, Body: io.NewSectionReader(f, off, f.Size()-off)}))
				}
			})
			return err
		})
	}
	g, is, err := readGraph(f)
	if !is && !named(f.Ref()) {
		return nil // other JSON
	}
	return verdict.Scan(ctx, f, s, "mxnet-symbol", func(v *verdict.File) error {
		j := &judge{File: v, file: f, seen: map[string]bool{}}
		for _, d := range g.twice {
			j.report(asset.Unverified, ruleTwice, d.Key, int64(d.Offset), "The key %q is in its object more than once.", verdict.Show(d.Key))
		}
		for i := range g.nodes {
			j.node(&g.nodes[i])
		}
		for _, b := range g.bad {
			j.report(asset.Failed, ruleIndex, b.what, int64(b.at), "%s", b.what)
		}
		return err
	})
}

// damage reports what is wrong with an array.
func (j *judge) damage(rule, key string, off int64, msg string) {
	v := asset.Failed
	if rule == ruleHidden {
		v = asset.Unverified
	}
	j.report(v, rule, key, off, "%s", msg)
}

func (j *judge) report(v asset.Verdict, rule, key string, off int64, format string, args ...any) {
	if j.seen[rule+key] {
		j.Worse(v)
		return
	}
	if len(j.seen) < 100_000 {
		j.seen[rule+key] = true
	}
	j.Report(v, finding.Finding{Rule: rule, Key: key, Message: fmt.Sprintf(format, args...),
		Locations: []finding.Location{finding.AtOffset(j.file.Ref(), off)}})
}

// node judges one operator.
func (j *judge) node(n *node) {
	base := strings.TrimPrefix(n.op, "_backward_")
	switch {
	case base == "_Native" || base == "_NDArray":
		j.report(asset.Malicious, rulePointer, n.op+n.attrs["info"], n.at, "Operator %q calls a function at the address %q.", verdict.Show(n.op), verdict.Show(n.attrs["info"]))
	case base == "_cvimread" || base == "_npi_cvimread":
		j.report(asset.Malicious, ruleFile, n.op+n.attrs["filename"], n.at, "Operator %q reads the file %q.", verdict.Show(n.op), verdict.Show(n.attrs["filename"]))
	case base == "Custom" || base == "_npi_Custom" || base == "_CustomFunction":
		j.report(asset.Unverified, ruleCustom, n.op+n.attrs["op_type"], n.at, "Operator %q runs the Python class that is registered as %q.", verdict.Show(n.op), verdict.Show(n.attrs["op_type"]))
	case n.op != "null" && n.op != "" && !operators()[n.op]:
		j.report(asset.Unverified, ruleCustom, n.op, n.at, "Operator %q is not defined by MXNet.", verdict.Show(n.op))
	}
}

var _ scan.Describer = scanner{}
