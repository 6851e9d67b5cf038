package jsonreport

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Known is a finding of an earlier report, as far as a baseline needs it.
type Known struct {
	Fingerprint, MovePrint string // 32 hex digits each; MovePrint may be empty
	Rule                   string
	Asset                  string // "sha256:..." of the file; may be empty
}

// maxReport bounds how much of a baseline is read: 1 GiB, about a million findings.
const maxReport = 1 << 30

// isPrint reports whether s is a fingerprint: 32 lower-case hex digits.
func isPrint(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}

// ReadBaseline reads the findings of a report that [New] wrote, the suppressed ones
// included. It fails on anything else, and names what to do.
func ReadBaseline(r io.Reader) ([]Known, error) {
	var doc struct {
		Version  string `json:"schema_version"`
		Findings []struct {
			Fingerprint     string `json:"fingerprint"`
			MoveFingerprint string `json:"move_fingerprint"`
			Rule            string `json:"rule"`
			Asset           string `json:"asset"`
		} `json:"findings"`
	}
	limited := &io.LimitedReader{R: r, N: maxReport}
	dec := json.NewDecoder(limited)
	if err := dec.Decode(&doc); err != nil {
		if limited.N <= 0 {
			return nil, errors.New("report is larger than 1 GiB: make a smaller baseline")
		}
		return nil, fmt.Errorf("not a JSON report (write one with `merlon scan --format json`): %w", err)
	}
	switch {
	case doc.Version == "":
		return nil, errors.New("no schema_version: not a report of `merlon scan --format json`")
	case doc.Version != Version:
		return nil, fmt.Errorf("schema_version is %q, this merlon reads %q: write the report again with this version", doc.Version, Version)
	case doc.Findings == nil:
		return nil, errors.New("no findings array: not a complete report of `merlon scan --format json`")
	}
	known := make([]Known, len(doc.Findings))
	for i, f := range doc.Findings {
		if !isPrint(f.Fingerprint) || f.MoveFingerprint != "" && !isPrint(f.MoveFingerprint) {
			return nil, fmt.Errorf("finding %d has no valid fingerprint: write the report again", i+1)
		}
		known[i] = Known{f.Fingerprint, f.MoveFingerprint, f.Rule, f.Asset}
	}
	return known, nil
}
