package merlon

import (
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/scan"
)

// fileResult is a scan result about one file.
type fileResult struct {
	result  *evidence.ScanResult
	subject evidence.Subject
}

// assets makes the scan results about single files. Files of the same content are one
// subject, with what was found in any of them.
func (o EvidenceOptions) assets() []fileResult {
	own := map[string]bool{} // the roots that are files have a statement already
	for _, root := range o.Roots {
		for _, a := range o.files(root) {
			own[a.SHA256] = own[a.SHA256] || shown(root) == a.Ref.Path
		}
	}
	parts := o.split()
	var order []string
	groups := map[string][]string{} // paths by digest
	for _, root := range o.Roots {
		for _, a := range o.files(root) {
			if own[a.SHA256] || slices.Contains(groups[a.SHA256], a.Ref.Path) {
				continue
			}
			if groups[a.SHA256] == nil {
				order = append(order, a.SHA256)
			}
			groups[a.SHA256] = append(groups[a.SHA256], a.Ref.Path)
		}
	}
	var out []fileResult
	for _, sum := range order {
		one := *o.Scan
		one.Findings, one.Facts, one.Assets = nil, nil, nil
		one.Coverage.Skipped, one.Coverage.Errors = nil, nil
		for _, p := range groups[sum] {
			one.Findings = append(one.Findings, parts[p].Findings...)
			one.Facts = append(one.Facts, parts[p].Facts...)
			one.Assets = append(one.Assets, parts[p].Assets...)
			one.Coverage.Errors = append(one.Coverage.Errors, parts[p].Coverage.Errors...)
		}
		var about evidence.ScanAsset
		v := asset.Unknown
		for _, a := range one.Assets {
			if v = v.Worst(a.Verdict); len(a.Ref.Inner) == 0 && about.Kind == "" {
				about = evidence.ScanAsset{Kind: a.Kind, Format: a.Format, Size: a.Size}
			}
		}
		about.Verdict = string(v)
		of := o
		of.Scan = &one
		result := of.result(about, func(string) bool { return true })
		result.Coverage.Files, result.Coverage.Bytes = int64(len(groups[sum])), about.Size
		subject := evidence.SubjectOf(sum)
		subject.Name = path.Base(groups[sum][0])
		out = append(out, fileResult{result, subject})
	}
	return out
}

// split sorts what a scan says by the file on disk that it is about.
func (o EvidenceOptions) split() map[string]*scan.Result {
	parts := map[string]*scan.Result{}
	for _, a := range o.Scan.Assets {
		p := parts[a.Ref.Path]
		if p == nil {
			p = &scan.Result{}
			parts[a.Ref.Path] = p
		}
		p.Assets = append(p.Assets, a)
	}
	for _, f := range o.Scan.Findings {
		if p := parts[f.Where().Ref.Path]; p != nil {
			p.Findings = append(p.Findings, f)
		}
	}
	for _, f := range o.Scan.Facts {
		if p := parts[f.At.Path]; p != nil {
			p.Facts = append(p.Facts, f)
		}
	}
	for _, e := range o.Scan.Coverage.Errors {
		if p := within(parts, e.Path); p != nil {
			p.Coverage.Errors = append(p.Coverage.Errors, e)
		}
	}
	return parts
}

// within finds the file that a printed reference lies in.
func within(parts map[string]*scan.Result, ref string) *scan.Result {
	for end := len(ref); end > 0; end = strings.LastIndexAny(ref[:end], "!#") {
		if p := parts[ref[:end]]; p != nil {
			return p
		}
	}
	return nil
}
