// Package openvino scans models in OpenVINO's intermediate representation: an XML file
// with every layer, and a .bin file with the weights beside it
// (https://docs.openvino.ai/, "OpenVINO IR format").
//
// Verdicts: ok for operations of OpenVINO whose weights lie within the .bin file;
// unverified for custom and unknown operations; malicious for XML that reads files;
// error for weights that are not there.
package openvino

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/xmlwalk"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/internal/xmldoc"
	"github.com/merlon-security/merlon/scan"
)

//go:embed operators.txt
var operatorList string

// operators are the operations of all sets, in lower case: the representation spells
// some with other capitals than the library.
var operators = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(operatorList) {
		m[strings.ToLower(strings.TrimSpace(line))] = true
	}
	return m
})

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("openvino", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Suffixes: []string{".xml"}, Text: true}
}

// Wants takes XML files with a net in the beginning, or in which something before the
// root element may hide one. A file of another name must have layers, too.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	begin := xmldoc.Begin(fi.Head)
	if !strings.EqualFold(path.Ext(beside.Name(fi.Ref)), ".xml") {
		return scan.YesIf(begin.IsXML() && begin.Has("<net") && begin.Has("<layers", "<layer "))
	}
	return scan.YesIf(begin.Has("<net", "<CustomLayer") || begin.Hides())
}

// pending is a finding that waits until it is known that the XML is a model.
type pending struct {
	verdict asset.Verdict
	finding finding.Finding
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	j := &judge{file: f, seen: map[string]bool{}}
	var early []pending
	root := ""
	v := xmlwalk.Visitor{
		Threat: func(t xmlwalk.Threat, detail string, off int64) {
			v, x := xmldoc.Judge(ruleXML, f.Ref(), t, detail, off)
			if j.File == nil {
				if early = append(early, pending{v, x}); len(early) > 1000 {
					early = early[:1000]
				}
				return
			}
			j.Report(v, x)
		},
		Start: func(e *xmlwalk.Element) error {
			if e.Parent == nil {
				if root = e.Name; root != "net" && root != "CustomLayer" && root != "CustomLayers" {
					return errNotModel
				}
				j.File = verdict.Of(s, f, "openvino")
				for _, p := range early {
					j.Report(p.verdict, p.finding)
				}
				j.open()
			}
			return j.start(e)
		},
	}
	err := xmlwalk.Walk(ctx, io.NewSectionReader(f, 0, f.Size()), v)
	if j.File == nil {
		return nil // XML of something else, or not even that
	}
	defer j.Close()
	switch {
	case err != nil:
		return fmt.Errorf("OpenVINO model: %w", err)
	case root == "net" && j.layers == 0:
		return errors.New("OpenVINO model: there is no layer in it")
	}
	return nil
}

var errNotModel = errors.New("not a model")

// judge holds what is known while a model is read.
type judge struct {
	*verdict.File
	file   scan.File
	bin    beside.Path
	layers int
	name   string // of the layer that is open
	kind   string
	seen   map[string]bool
}

// open looks for the weights.
func (j *judge) open() {
	base := path.Base(j.file.Ref().Name())
	j.bin = beside.Look(j.file.Ref(), strings.TrimSuffix(base, path.Ext(base))+".bin")
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

func (j *judge) start(e *xmlwalk.Element) error {
	switch e.Name {
	case "layer":
		j.layers++
		j.name, j.kind = e.Attr("name"), e.Attr("type")
		version := e.Attr("version")
		number, isSet := strings.CutPrefix(version, "opset")
		if _, err := strconv.Atoi(number); !isSet || err != nil {
			j.report(asset.Unverified, ruleCustom, "layer "+version+j.kind, e.Offset, "Layer %q is of type %q from %q, which is no operation set of OpenVINO.",
				verdict.Show(j.name), verdict.Show(j.kind), verdict.Show(version))
		} else if !operators()[strings.ToLower(j.kind)] {
			j.report(asset.Unverified, ruleCustom, "layer "+j.kind, e.Offset, "Layer %q is of type %q, which OpenVINO does not define.", verdict.Show(j.name), verdict.Show(j.kind))
		}
	case "CustomLayer":
		j.report(asset.Unverified, ruleCustom, "kernel "+e.Attr("name"), e.Offset, "Custom kernel %q.", verdict.Show(e.Attr("name")))
	case "Source":
		if name := e.Attr("filename"); name != "" && beside.Shape(name).Leaves() {
			j.report(asset.Malicious, ruleCustom, "source "+name, e.Offset, "The source of a custom kernel is %q.", verdict.Show(name))
		}
	}
	if off, size := e.Attr("offset"), e.Attr("size"); off != "" && size != "" && e.Name != "layer" {
		j.weights(e, off, size)
	}
	return nil
}

// weights checks the place of a layer's weights in the .bin file, and their size.
func (j *judge) weights(e *xmlwalk.Element, offset, size string) {
	name := strconv.Quote(verdict.Show(j.name))
	off, err1 := strconv.ParseInt(offset, 10, 64)
	n, err2 := strconv.ParseInt(size, 10, 64)
	if err1 != nil || err2 != nil || off < 0 || n < 0 {
		j.broken(ruleBounds, name, e.Offset, "the weights of layer %s are %q bytes at %q", name, verdict.Show(size), verdict.Show(offset))
		return
	}
	if typ := e.Attr("element_type"); typ != "" {
		if need, known, err := bytesOf(typ, e.Attr("shape")); err != nil || known && need != n && (need != 0 || n != 1) { // OpenVINO writes one byte for nothing
			j.broken(ruleBounds, name, e.Offset, "layer %s of type %s and shape %s takes %d bytes, %d are declared", name, verdict.Show(typ), verdict.Show(e.Attr("shape")), need, n)
		}
	}
	switch j.bin.Kind {
	case beside.Inside:
		if off > j.bin.Size || n > j.bin.Size-off {
			j.broken(ruleBounds, name, e.Offset, "the weights of layer %s are %d bytes at %d of a file of %d", name, n, off, j.bin.Size)
		}
	case beside.NotLooked:
		j.report(asset.Unverified, ruleMissing, "weights", e.Offset, "The weights are elsewhere in the archive; their size was not compared.")
	case beside.Symlink:
		j.report(asset.Malicious, ruleBounds, "weights", e.Offset, "The weights are read through a symbolic link out of the model's folder.")
	default:
		if n > 0 && !j.seen[ruleMissing+"weights"] {
			j.report(asset.Failed, ruleMissing, "weights", e.Offset, "The file with the weights, of the same name with .bin, is not there.")
			j.Failf("OpenVINO model: the weights (.bin) are missing: fetch them into the model's folder and scan again")
		}
	}
}

func (j *judge) broken(rule, key string, off int64, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	j.report(asset.Failed, rule, key, off, "%s.", text)
	j.Worse(asset.Failed)
	if !j.seen["broken"] {
		j.seen["broken"] = true
		j.Failf("OpenVINO model: %s", text)
	}
}
