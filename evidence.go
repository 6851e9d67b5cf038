package merlon

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/sign"
)

// EvidenceOptions say what evidence is made of.
type EvidenceOptions struct {
	Scan         *scan.Result
	Decision     evidence.Decision
	Policy       gate.Policy
	Roots        []string // the paths that were scanned
	ConfigSHA256 string   // of merlon.yaml; "" without
	RulesSHA256  string   // of the rules, see [Options.RulesDigest]. Optional, default [RulesDigest]
	// Folder is where the evidence will be kept. Below a root it is not part of the
	// root. Optional.
	Folder string
}

// Evidence makes signed evidence of a scan: one scan result about each root and one
// about each file that was hashed, and one decision about each root, which names the
// scan result it rests on. The subjects are named as [sign.Identify] names them.
func Evidence(ctx context.Context, o EvidenceOptions, signer evidence.Signer) ([]*evidence.Envelope, error) {
	policy, err := o.Policy.Digest()
	if err != nil {
		return nil, err
	}
	var out []*evidence.Envelope
	add := func(p evidence.Predicate, about evidence.Subject) (digest string, err error) {
		s, err := evidence.About(p, about)
		if err != nil {
			return "", err
		}
		e, err := evidence.Sign(ctx, s, signer)
		if err != nil {
			return "", err
		}
		b, err := e.Encode()
		out = append(out, e)
		return evidence.Digest(b), err
	}
	end := o.Scan.Started.Add(o.Scan.Duration)
	for _, root := range o.Roots {
		id, err := o.identify(ctx, root)
		if err != nil {
			return nil, err
		}
		a := evidence.ScanAsset{Kind: id.Kind, Size: id.Bytes, Verdict: string(o.verdict(root))}
		if id.Kind == "file" {
			for _, as := range o.files(root) {
				a.Kind, a.Format = as.Kind, as.Format
			}
		}
		scanned, err := add(o.result(a, func(path string) bool { return below(root, path) }), id.Subject())
		if err != nil {
			return nil, err
		}
		if _, err := add(evidence.NewSummary(o.Decision, Version(), root, policy, []string{scanned}, end), id.Subject()); err != nil {
			return nil, err
		}
	}
	for _, f := range o.assets() {
		if _, err := add(f.result, f.subject); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// shown is how the scan prints the path of a root.
func shown(root string) string { return filepath.ToSlash(filepath.Clean(root)) }

// below reports whether a reference, as it is printed, lies in a root.
func below(root, ref string) bool {
	r := shown(root)
	if r == "." {
		return true
	}
	rest, ok := strings.CutPrefix(ref, r)
	return ok && (rest == "" || rest[0] == '/' || rest[0] == '!' || rest[0] == '#' || strings.HasSuffix(r, "/"))
}

// files returns the assets in a root that are files on disk and were hashed.
func (o EvidenceOptions) files(root string) []asset.Asset {
	var out []asset.Asset
	for _, a := range o.Scan.Assets {
		if len(a.Ref.Inner) == 0 && a.SHA256 != "" && below(root, a.Ref.Path) {
			out = append(out, a)
		}
	}
	return out
}

// identify names a root. What the scan has hashed is not read again: the evidence is
// about those bytes.
func (o EvidenceOptions) identify(ctx context.Context, root string) (sign.Identity, error) {
	io := sign.IdentityOptions{Known: map[string]string{}}
	for _, a := range o.files(root) {
		rel := strings.TrimPrefix(strings.TrimPrefix(a.Ref.Path, shown(root)), "/")
		switch {
		case shown(root) == ".":
			rel = a.Ref.Path
		case rel == "":
			rel = "."
		}
		io.Known[rel] = a.SHA256
	}
	if rel, ok := sign.Below(root, o.Folder); ok {
		io.Ignore = []string{rel}
	}
	id, err := sign.Identify(ctx, root, io)
	if err != nil {
		return id, fmt.Errorf("evidence: %w", err)
	}
	return id, nil
}

// verdict is the worst of the models in a root.
func (o EvidenceOptions) verdict(root string) asset.Verdict {
	v := asset.Unknown
	for _, a := range o.Scan.Assets {
		if below(root, a.Ref.Path) {
			v = v.Worst(a.Verdict)
		}
	}
	return v
}

// result is what the scan says about the paths that are in.
func (o EvidenceOptions) result(a evidence.ScanAsset, in func(path string) bool) *evidence.ScanResult {
	r := &evidence.ScanResult{
		Tool:       evidence.Tool{Name: "merlon", Version: Version()},
		StartedAt:  o.Scan.Started.UTC(),
		FinishedAt: o.Scan.Started.Add(o.Scan.Duration).UTC(),
		Target:     strings.Join(o.Roots, " "),
		Asset:      a,
		Inputs:     evidence.ScanInputs{ConfigSHA256: o.ConfigSHA256, RulesSHA256: cmp.Or(o.RulesSHA256, RulesDigest()), Scanners: []evidence.ScanScanner{}},
		Coverage: evidence.ScanCoverage{
			Files: int64(o.Scan.Coverage.FilesScanned), Bytes: o.Scan.Coverage.Bytes,
			Excluded: []string{}, Errors: []evidence.ScanError{},
		},
		Findings: []evidence.ScanFinding{}, Measurements: []evidence.Measurement{}, Facts: []evidence.ScanFact{},
	}
	for _, s := range o.Scan.Scanners {
		r.Inputs.Scanners = append(r.Inputs.Scanners, evidence.ScanScanner{ID: s.ID, Version: s.Version})
	}
	for _, s := range o.Scan.Coverage.Skipped {
		if !in(s.Path) {
			continue
		}
		r.Coverage.Skipped++
		if s.Reason == scan.Excluded {
			r.Coverage.Excluded = append(r.Coverage.Excluded, s.Path)
		}
	}
	for _, e := range o.Scan.Coverage.Errors {
		if in(e.Path) {
			r.Coverage.Errors = append(r.Coverage.Errors, evidence.ScanError{Path: e.Path, Scanner: e.Scanner, Error: e.Err})
		}
	}
	r.Coverage.Complete = !o.Scan.Coverage.Interrupted && len(r.Coverage.Errors) == 0
	for _, f := range o.Scan.Findings {
		if in(f.Where().Ref.String()) || len(f.Locations) == 0 {
			r.Findings = append(r.Findings, evidenceFinding(f))
		}
	}
	o.measure(r, in)
	return r
}

// evidenceFinding is a finding as evidence keeps it.
func evidenceFinding(f finding.Record) evidence.ScanFinding {
	out := evidence.ScanFinding{
		Fingerprint: f.Fingerprint, Rule: f.Rule.ID, Severity: f.Severity.String(), Confidence: f.Confidence.String(),
		Category: f.Rule.Category, Message: f.Message, Path: f.Where().Ref.String(), Asset: f.Asset,
		CWE: append([]string{}, f.Rule.CWE...), Taxonomy: append([]string{}, f.Rule.Taxonomy...),
	}
	if f.Suppressed != nil {
		out.Suppressed = f.Suppressed.Kind
	}
	return out
}
