// Package pmml scans models in the Predictive Model Markup Language
// (https://dmg.org/pmml/v4-4-1/GeneralStructure.html): every element, every function
// that is applied, every extension.
//
// Verdicts: ok for the elements and functions of the standard; unverified for functions
// that it does not define and for extensions with content; malicious for XML that
// reads files and for functions of the Java runtime.
package pmml

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
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

// builtin are the functions of the standard ("Built-in functions" and "Functions").
var builtin = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(`+ - * / min max sum avg median product log10 ln sqrt abs exp pow threshold floor ceil round rint modulo
		isMissing isNotMissing isValid isNotValid equal notEqual lessThan lessOrEqual greaterThan greaterOrEqual and or not isIn isNotIn if
		uppercase lowercase stringLength substring trimBlanks concat replace matches formatNumber formatDatetime dateDaysSinceYear dateSecondsSinceYear
		dateSecondsSinceMidnight expm1 hypot ln1p sin asin sinh cos acos cosh tan atan tanh normalCDF normalPDF normalIDF stdNormalCDF stdNormalPDF
		stdNormalIDF erf missing`) {
		m[name] = true
	}
	return m
})

// models are the elements that hold a model.
var models = map[string]bool{"AnomalyDetectionModel": true, "AssociationModel": true, "BayesianNetworkModel": true, "BaselineModel": true,
	"ClusteringModel": true, "GaussianProcessModel": true, "GeneralRegressionModel": true, "MiningModel": true, "NaiveBayesModel": true,
	"NearestNeighborModel": true, "NeuralNetwork": true, "RegressionModel": true, "RuleSetModel": true, "SequenceModel": true, "Scorecard": true,
	"SupportVectorMachineModel": true, "TextModel": true, "TimeSeriesModel": true, "TreeModel": true}

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("pmml", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Suffixes: []string{".pmml", ".xml"}, Text: true}
}

// Wants takes .pmml files, files of any name with PMML in the beginning, and XML files
// in which something before the root element may hide it.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	ext, begin := strings.ToLower(path.Ext(beside.Name(fi.Ref))), xmldoc.Begin(fi.Head)
	return scan.YesIf(ext == ".pmml" || begin.IsXML() && begin.Has("<PMML", ":PMML") || ext == ".xml" && begin.Hides())
}

// judge holds what is known while a model is read.
type judge struct {
	*verdict.File
	file    scan.File
	models  int
	applied map[string]int64 // functions, with the first place
	defined map[string]bool
	seen    map[string]bool
	full    error
}

const maxFunctions = 100_000

var errNotModel = errors.New("not a model")

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	j := &judge{file: f, applied: map[string]int64{}, defined: map[string]bool{}, seen: map[string]bool{}}
	certain := strings.EqualFold(path.Ext(beside.Name(f.Ref())), ".pmml")
	if certain {
		j.File = verdict.Of(s, f, "pmml")
	}
	var early []func()
	err := xmlwalk.Walk(ctx, io.NewSectionReader(f, 0, f.Size()), xmlwalk.Visitor{
		Threat: func(t xmlwalk.Threat, detail string, off int64) {
			v, x := xmldoc.Judge(ruleXML, f.Ref(), t, detail, off)
			if j.File != nil {
				j.Report(v, x)
			} else if len(early) < 1000 {
				early = append(early, func() { j.Report(v, x) })
			}
		},
		Start: func(e *xmlwalk.Element) error {
			if e.Parent == nil {
				if e.Name != "PMML" {
					return errNotModel
				}
				if j.File == nil {
					j.File = verdict.Of(s, f, "pmml")
					for _, report := range early {
						report()
					}
				}
			}
			return j.start(e)
		},
		Text: j.text,
	})
	if j.File == nil {
		return nil // XML of something else, or not even that
	}
	defer j.Close()
	j.functions()
	switch {
	case errors.Is(err, errNotModel):
		return errors.New("PMML model: the root element is not PMML")
	case err != nil:
		return fmt.Errorf("PMML model: %w", err)
	}
	return j.full
}

func (j *judge) report(v asset.Verdict, rule, key string, off int64, format string, args ...any) {
	if j.seen[rule+key] {
		return
	}
	if len(j.seen) < maxFunctions {
		j.seen[rule+key] = true
	}
	j.Report(v, finding.Finding{Rule: rule, Key: key, Message: fmt.Sprintf(format, args...),
		Locations: []finding.Location{finding.AtOffset(j.file.Ref(), off)}})
}

func (j *judge) start(e *xmlwalk.Element) error {
	for p := e.Parent; p != nil; p = p.Parent {
		if p.Name == "Extension" {
			j.report(asset.Unverified, ruleExtension, "extension with "+e.Name, e.Offset, "An extension holds the element %q.", verdict.Show(e.Name))
			return nil
		}
	}
	switch {
	case models[e.Name]:
		j.models++
	case e.Name == "Apply":
		if name := e.Attr("function"); len(j.applied) < maxFunctions {
			if _, known := j.applied[name]; !known {
				j.applied[name] = e.Offset
			}
		} else {
			j.full = fmt.Errorf("PMML model: more than %d functions", maxFunctions)
		}
	case e.Name == "DefineFunction":
		if len(j.defined) < maxFunctions {
			j.defined[e.Attr("name")] = true
		}
	case e.Name == "TableLocator":
		j.report(asset.Unverified, ruleTable, "table", e.Offset, "Data of the model are in a table elsewhere.")
	case strings.EqualFold(e.Name, "script"):
		j.report(asset.Unverified, ruleScript, "script", e.Offset, "The model holds a script (element %q).", verdict.Show(e.Name))
	case e.Prefix != "" && !strings.HasPrefix(e.Namespace(), "http://www.dmg.org/PMML"):
		j.report(asset.Unverified, ruleExtension, "element "+e.Prefix+e.Name, e.Offset, "The element %q is not one of PMML.", verdict.Show(e.Prefix+":"+e.Name))
	}
	return nil
}

func (j *judge) text(e *xmlwalk.Element, s string) error {
	if e.Name == "Extension" && strings.TrimSpace(s) != "" {
		j.report(asset.Unverified, ruleExtension, "extension text", e.Offset, "An extension holds text: %q.", verdict.Show(strings.TrimSpace(s)))
	}
	return nil
}

// runtime are packages of Java whose classes do more than compute.
var runtime = []string{"java.", "javax.", "jdk.", "sun.", "com.sun.", "org.springframework.", "org.apache.commons.", "groovy.", "javassist."}

// functions judges what is applied, once all definitions are known. Evaluators in Java
// take a name with dots for a class and load it.
func (j *judge) functions() {
	names := make([]string, 0, len(j.applied))
	for name := range j.applied {
		if !builtin()[name] && !j.defined[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		v := asset.Unverified
		for _, p := range runtime {
			if strings.HasPrefix(name, p) {
				v = asset.Malicious
			}
		}
		x := finding.Finding{Rule: ruleFunction, Key: name, Locations: []finding.Location{finding.AtOffset(j.file.Ref(), j.applied[name])},
			Message: fmt.Sprintf("The model applies %q, which neither the standard nor the model defines.", verdict.Show(name))}
		if v == asset.Malicious {
			x.Severity, x.Message = finding.Critical, fmt.Sprintf("The model applies the Java class %q.", verdict.Show(name))
		}
		j.Report(v, x)
	}
}

// Describe tells which models, fields and functions there are.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	d := &asset.Description{Format: "pmml"}
	used, fields := map[string]int{}, 0
	fact := func(kind string, v any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: v, Proved: proved, At: f.Ref()})
	}
	err := xmlwalk.Walk(ctx, io.NewSectionReader(f, 0, f.Size()), xmlwalk.Visitor{Start: func(e *xmlwalk.Element) error {
		switch {
		case e.Parent == nil && e.Name != "PMML":
			return errNotModel
		case e.Parent == nil:
			d.Version = verdict.Show(e.Attr("version"))
		case e.Name == "Application" && e.Depth == 3:
			fact("library", strings.TrimSpace(verdict.Show(e.Attr("name")+" "+e.Attr("version"))), false)
		case e.Name == "DataField":
			fields++
		case models[e.Name]:
			used[e.Name]++
		}
		return nil
	}})
	if err != nil && !errors.Is(err, errNotModel) {
		return nil, fmt.Errorf("PMML model: %w", err)
	}
	fact("metadata", asset.Pair{Name: "fields", Value: strconv.Itoa(fields)}, true)
	names := make([]string, 0, len(used))
	for n := range used {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fact("operator", asset.Pair{Name: n, Value: strconv.Itoa(used[n])}, true)
	}
	return d, nil
}

var _ scan.Describer = scanner{}
