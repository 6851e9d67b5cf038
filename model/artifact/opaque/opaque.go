// Package opaque recognises models in formats that merlon has no reader for: compiled
// for one kind of hardware in a layout that is not published, or of libraries that
// are no longer maintained. All that is said about them is what they are: the verdict
// is unverified, never ok.
package opaque

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// format is one that is not read.
type format struct {
	name    string
	title   string
	why     string   // nobody can tell what it does
	magics  []string // first bytes
	endings []string // of names, for files that are no text
	names   []string
	also    []string // one of them stands in the head of a file that begins like magics
}

var formats = []format{
	{name: "rknn", title: "a model for Rockchip's NPU", why: "it holds compiled code, in a layout that is not published", endings: []string{".rknn"},
		magics: []string{"RKNN\x00\x00\x00\x00", "CYPTRKNN"}},
	{name: "cntk", title: "a model of Microsoft's CNTK", why: "functions of the user in it import Python modules by name, and CNTK is no longer maintained",
		endings: []string{".cntk"}, magics: []string{"B\x00C\x00N\x00\x00\x00"}},
	{name: "cntk", title: "a model of Microsoft's CNTK", why: "functions of the user in it import Python modules by name, and CNTK is no longer maintained",
		magics: []string{"\x08\x01\x12"}, also: []string{"primitive_functions", "CompositeFunction", "PrimitiveFunction"}},
	{name: "hailo-hef", title: "a program for Hailo's accelerator", why: "it holds compiled code, in a layout that is not published", endings: []string{".hef"},
		magics: []string{"\x01HEF"}},
	{name: "ascend-om", title: "a model for Huawei's Ascend", why: "it holds compiled kernels for the device", magics: []string{"IMOD"}, endings: []string{".om"}},
	{name: "caffe", title: "weights of Caffe", why: "layers of the kind Python import modules by name, and merlon does not read them", endings: []string{".caffemodel"}},
	{name: "coreml-compiled", title: "a compiled model of Core ML", why: "its layout is not published; the .mlmodel or .mlpackage that it was made from is read", names: []string{"coremldata.bin"}},
}

// Rule is reported for every model of such a format.
const ruleOpaque = "artifact/opaque-format"

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

// Info implements [scan.Scanner].
func (scanner) Info() scan.Info {
	return scan.Info{ID: "opaque", Version: "1", Interest: interest(), Vendored: true, Verdicts: true, Rules: []finding.Rule{{
		ID: ruleOpaque, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
		Title:  "Model in a format that merlon does not read",
		Why:    "Nothing is known about what is inside. Such models are compiled code for one device, or can name code that the program which loads them runs.",
		Remedy: "Make the model yourself from one that can be checked, scan that one, and sign the result: merlon scan model.onnx.",
		CWE:    []string{"CWE-829", "CWE-1104"}, Taxonomy: []string{"atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0018.002", "owasp-llm:2025:LLM03"},
	}}}
}

func interest() *scan.Interest {
	in := &scan.Interest{}
	for _, f := range formats {
		in.Names = append(in.Names, f.names...)
		in.Suffixes = append(in.Suffixes, f.endings...)
		in.Magics = append(in.Magics, scan.At(0, f.magics...)...)
	}
	return in
}

// Wants takes files by their first bytes, and files of the name that are no text.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if _, ok := formatOf(fi.Ref, fi.Head); ok {
		return scan.Yes
	}
	return scan.No
}

// formatOf tells which format a file has.
func formatOf(r asset.Ref, head []byte) (format, bool) {
	name := strings.ToLower(path.Base(beside.Name(r)))
	binary := bytes.IndexByte(head, 0) >= 0
	for _, f := range formats {
		begins := slices.ContainsFunc(f.magics, func(m string) bool { return bytes.HasPrefix(head, []byte(m)) })
		if begins && f.also != nil {
			begins = slices.ContainsFunc(f.also, func(s string) bool { return bytes.Contains(head, []byte(s)) })
		}
		if f.name == "ascend-om" {
			begins = begins && binary && strings.HasSuffix(name, ".om") // four letters alone say little
		}
		if begins || binary && (slices.Contains(f.endings, path.Ext(name)) && len(path.Ext(name)) < len(name) || slices.Contains(f.names, name)) {
			return f, true
		}
	}
	return format{}, false
}

// Scan implements [scan.Scanner].
func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	o, ok := formatOf(f.Ref(), f.Head())
	if !ok {
		return nil
	}
	return verdict.Scan(ctx, f, s, o.name, func(v *verdict.File) error {
		v.Report(asset.Unverified, finding.Finding{Rule: ruleOpaque, Key: o.name,
			Message: fmt.Sprintf("This is %s. It was not read: %s.", o.title, o.why)})
		return nil
	})
}

var _ scan.Scanner = scanner{}
