package cli

import (
	"bytes"
	"fmt"
	"io"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/internal/config"
	"github.com/merlon-security/merlon/report/jsonreport"
	"github.com/merlon-security/merlon/safeio"
)

// maxBaseline is the longest report read as a baseline, in bytes.
const maxBaseline = 512 << 20

// baseline is the set of findings of an earlier report.
type baseline struct {
	prints map[string]string // fingerprint or move print to asset digest
}

func loadBaseline(file string) (baseline, error) {
	if file == "" {
		return baseline{}, nil
	}
	b, err := safeio.ReadFile(file, maxBaseline)
	if err != nil {
		return baseline{}, usageErrorf("baseline: %w", err)
	}
	known, err := jsonreport.ReadBaseline(bytes.NewReader(b))
	if err != nil {
		return baseline{}, usageErrorf("baseline %s: %w (make one with merlon scan --format json --output FILE)", file, err)
	}
	base := baseline{prints: make(map[string]string, 2*len(known))}
	for _, k := range known {
		base.prints["at:"+k.Fingerprint] = k.Asset
		if k.MovePrint != "" {
			base.prints["moved:"+k.MovePrint] = k.Asset
		}
	}
	return base, nil
}

// apply marks the findings that were there before. A finding about a model is the
// same only in the same bytes: a file that was swapped for another does not profit
// from what was accepted about the first.
func (b baseline) apply(records []finding.Record) {
	for i := range records {
		r := &records[i]
		digest, ok := b.prints["at:"+r.Fingerprint]
		if !ok {
			digest, ok = b.prints["moved:"+r.MovePrint]
		}
		if ok && (r.Rule.Category != finding.Artifact || digest == r.Asset && digest != "") {
			r.Suppressed = &finding.Suppression{Kind: "baseline", Reason: "in the baseline"}
		}
	}
}

func warn(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, "merlon: warning: "+format+"\n", args...)
}

// warnSilenced says that a configuration which was found, not named, hides
// findings about models: in somebody else's repository it is somebody else's.
func warnSilenced(w io.Writer, records []finding.Record, refused int) {
	if refused > 0 {
		warn(w, "%s in this folder may not ignore a malicious model; if you mean it, name it: --config %s", config.FileName, config.FileName)
	}
	n := 0
	for _, r := range records {
		if r.Rule.Category == finding.Artifact && r.Suppressed != nil && r.Suppressed.Kind == "ignore" {
			n++
		}
	}
	if n > 0 {
		warn(w, "%s in this folder ignores %d findings about models; if it is not yours, scan with --config pointing to your own", config.FileName, n)
	}
}

func warnUnused(w io.Writer, unused []config.Ignore) {
	for _, ig := range unused {
		if ig.Fingerprint != "" {
			warn(w, "the ignore of finding %s covers nothing here; remove it if the finding is gone", ig.Fingerprint)
			continue
		}
		warn(w, "the ignore of %s in %s covers nothing any more; remove it", ig.Rule, ig.Path)
	}
}
