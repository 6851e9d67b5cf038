package coreml

import (
	"fmt"
	"strconv"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// manifest judges the list of files of an .mlpackage. Their paths are relative to the
// folder Data beside it.
func (j *judge) manifest() error {
	doc, err := scan.Bytes(j.file, 16<<20)
	if err != nil {
		return fmt.Errorf("Core ML package: %w", err)
	}
	v, twice, err := strictjson.Parse(doc, strictjson.Options{}, 100_000)
	if err != nil {
		return fmt.Errorf("Core ML package: %w", err)
	}
	for _, d := range twice {
		j.report(asset.Unverified, ruleHidden, d.Key, int64(d.Offset), "The key %q is in its object more than once.", verdict.Show(d.Key))
	}
	items := v.Get("itemInfoEntries")
	if items == nil || items.Kind != strictjson.Object || v.Get("rootModelIdentifier") == nil {
		return fmt.Errorf("Core ML package: the manifest names no model")
	}
	for _, m := range items.Members {
		where := m.Value.Get("path")
		name := where.String()
		shown := strconv.Quote(verdict.Show(name))
		kind := beside.Shape(name)
		if kind == beside.Inside {
			kind = beside.Look(j.file.Ref(), "Data/"+name).Kind
		}
		off := int64(m.At)
		switch {
		case kind.Leaves():
			j.report(asset.Malicious, rulePath, name, off, "The package has a part at %s, which is %s.", shown, kind)
		case kind == beside.Absent:
			j.report(asset.Failed, ruleMissing, name, off, "The package has a part at %s, which is not there.", shown)
			j.Failf("Core ML package: %s is missing", shown)
		case kind == beside.Odd:
			j.Report(asset.Unverified, finding.Finding{Rule: rulePath, Key: name, Severity: finding.High, Confidence: finding.Likely,
				Message: fmt.Sprintf("The package has a part at %s: %s.", shown, kind)})
		}
	}
	return nil
}
