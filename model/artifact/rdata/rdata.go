// Package rdata reads models saved by R: .rds files and the workspaces of save().
//
// Numbers, text and lists of them are data. Functions, calls, promises and
// pointers are not; a promise where a value should be is an attack
// (CVE-2024-27322). Compressed files come here from the scanner of archives.
package rdata

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/rdata"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("rdata", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Magics: scan.At(0, "RD", "X\n", "A\n", "B\n")}
}

// Wants knows the format by its first bytes.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if _, _, ok := rdata.Detect(fi.Head); ok {
		return scan.Yes
	}
	return scan.No
}

func format(w bool) string {
	if w {
		return "rdata"
	}
	return "rds"
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	x, err := rdata.Walk(f, f.Size())
	if x == nil {
		return err
	}
	return verdict.Scan(ctx, f, s, format(x.Workspace), func(v *verdict.File) error {
		for _, t := range x.Found {
			judge(v, t)
		}
		if x.More > 0 {
			v.Report(asset.Unverified, finding.Finding{Rule: ruleCode, Key: "more", Message: fmt.Sprintf("holds %d more things than are listed", x.More)})
		}
		return err
	})
}

// judge reports one thing that is more than data.
func judge(v *verdict.File, t rdata.Found) {
	where := "the value"
	if t.Path != "" {
		where = verdict.Show(t.Path)
	}
	report := func(worst asset.Verdict, rule, format string, args ...any) {
		msg := fmt.Sprintf(format, args...)
		if t.Detail != "" {
			msg += ": " + verdict.Show(t.Detail)
		}
		v.Report(worst, finding.Finding{Rule: rule, Message: msg, Key: string(t.Thing) + " " + t.Path + " " + t.Detail,
			Locations: []finding.Location{finding.AtOffset(v.Ref(), t.Offset)}})
	}
	switch t.Thing {
	case rdata.Promise:
		switch {
		case t.Forced:
			report(asset.Unverified, ruleCall, "%s is a promise that was evaluated before, with its code", where)
		case t.Frame:
			report(asset.Unverified, ruleCode, "%s is a promise in the frame of a function, evaluated when it is used", where)
		default:
			report(asset.Malicious, rulePromise, "%s is a promise, evaluated when it is used.%s Its code names", where, cve.Sentence("r/promise"))
		}
	case rdata.Closure, rdata.Bytecode:
		report(asset.Unverified, ruleCode, "%s is a function (%s) that names", where, t.Thing)
	case rdata.Language:
		kind := "call"
		if t.Formula {
			kind = "formula"
		}
		report(asset.Unverified, ruleCall, "%s is a %s that names", where, kind)
	case rdata.Builtin:
		report(asset.Unverified, ruleCode, "%s is a function of R itself", where)
	case rdata.Pointer:
		report(asset.Unverified, ruleOpaque, "%s is an external pointer", where)
	case rdata.Namespace:
		if !basePackage(t.Detail) {
			report(asset.Unverified, rulePackage, "%s refers to a package", where)
		}
	case rdata.Persist:
		report(asset.Unverified, rulePackage, "%s is a reference that only the program which wrote it can resolve", where)
	case rdata.AltRep:
		if strings.HasPrefix(t.Detail, "mmap_") {
			report(asset.Malicious, ruleFile, "%s is the content of another file", where)
		} else {
			report(asset.Unverified, rulePackage, "%s is made by a package", where)
		}
	}
}

// basePackage reports whether a package is part of R.
func basePackage(name string) bool {
	return slices.Contains([]string{"base", "compiler", "datasets", "graphics", "grDevices", "grid", "methods", "parallel", "splines",
		"stats", "stats4", "tcltk", "tools", "utils", "package:base", "package:datasets", "package:graphics", "package:grDevices",
		"package:methods", "package:stats", "package:utils", "Autoloads"}, name)
}

// Describe implements [scan.Describer]: vectors of numbers by the names that lead
// to them, in R's words for types.
func (scanner) Describe(_ context.Context, f scan.File) (*asset.Description, error) {
	x, err := rdata.Walk(f, f.Size())
	if err != nil {
		return nil, err
	}
	if x == nil {
		return nil, errors.New("no serialization of R")
	}
	d := &asset.Description{Format: format(x.Workspace), Version: fmt.Sprint(x.Version), Omitted: x.Omitted}
	fact := func(kind string, value any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.Ref()})
	}
	fact("library", "R", true)
	if len(x.Class) > 0 {
		fact("architecture", x.Class[0], false)
	}
	fact("metadata", asset.Pair{Name: "type", Value: x.Type}, true)
	fact("metadata", asset.Pair{Name: "encoding", Value: x.Encoding}, true)
	fact("metadata", asset.Pair{Name: "written by R", Value: x.Writer}, false)
	for _, name := range x.Variables {
		fact("variable", name, true)
	}
	var numbers int64
	for _, v := range x.Vectors {
		t := asset.Tensor{Name: v.Path, DType: v.Type, Shape: v.Dim, Bytes: v.Len * width(v.Type)}
		if t.Shape == nil {
			t.Shape = []int64{v.Len}
		}
		numbers += v.Len
		d.Tensors = append(d.Tensors, t)
	}
	fact("parameters", numbers, true)
	return d, nil
}

func width(kind string) int64 {
	switch kind {
	case "double":
		return 8
	case "complex":
		return 16
	case "raw":
		return 1
	}
	return 4
}

var _ scan.Describer = scanner{}
