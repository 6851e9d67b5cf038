package dependency

import (
	"fmt"
	"strings"
	"time"

	"github.com/merlon-security/merlon/engine/inventory"
	"github.com/merlon-security/merlon/engine/osv"
	"github.com/merlon-security/merlon/finding"
)

// vulnerable asks the advisories about every package whose version is known.
func (j *judge) vulnerable(f *file) error {
	for i := range f.Packages {
		p := &f.Packages[i]
		if p.Name == "" || p.Version == "" && p.Source.Commit == "" || p.Source.Kind == inventory.Path {
			continue
		}
		ask := osv.Package{Ecosystem: p.Ecosystem, Name: p.Name, Version: p.Version, Commit: p.Source.Commit}
		if ask.Ecosystem == "conda" {
			ask.Ecosystem = "PyPI" // conda has no advisories of its own; most names are the same
		}
		found, ok := j.asked[ask]
		if !ok {
			var err error
			if found, err = j.advisories.Match(ask); err != nil {
				return err
			}
			if j.asked == nil {
				j.asked = map[osv.Package][]osv.Vulnerability{}
			}
			j.asked[ask] = found
		}
		for k := range found {
			if found[k].Affects == osv.Yes {
				j.report(f, p.Line, describe(p, &found[k]))
			}
		}
	}
	return nil
}

// describe makes the finding about one vulnerability of a package.
func describe(p *inventory.Package, v *osv.Vulnerability) finding.Finding {
	what := p.Name
	if p.Version != "" {
		what += " " + p.Version
	}
	id := preferred(v)
	out := finding.Finding{
		Rule: ruleVulnerable, Severity: severityOf(v), Key: p.Ecosystem + ":" + osv.Name(p.Ecosystem, p.Name) + ":" + id,
		Group: p.Ecosystem + "\x00" + osv.Name(p.Ecosystem, p.Name) + "\x00" + p.Version + "\x00" + id,
		Attrs: map[string]any{
			"package": p.Name, "version": p.Version, "ecosystem": p.Ecosystem, "advisory": v.ID, "aliases": v.Aliases, "url": v.URL, "reachable": "unknown",
		},
	}
	var b strings.Builder
	switch {
	case v.Malicious:
		out.Rule, out.Severity = ruleMalicious, finding.Critical
		fmt.Fprintf(&b, "%s is malicious (%s)", what, id)
	default:
		fmt.Fprintf(&b, "%s has %s", what, id)
		if v.Score > 0 {
			fmt.Fprintf(&b, " (CVSS %.1f)", v.Score)
		}
	}
	if v.Summary != "" {
		b.WriteString(": " + strings.TrimRight(sentence(v.Summary), ". "))
	}
	b.WriteString(".")
	if v.Exploited {
		b.WriteString(" It is known to be exploited.")
	}
	switch {
	case v.Malicious:
	case v.Fixed != "":
		b.WriteString(" Fixed in " + v.Fixed + ".")
		out.Attrs["fixed"] = v.Fixed
	default:
		// Nobody can act on it by an update: it is told, and does not close the gate.
		if !v.Exploited {
			out.Rule, out.Severity = ruleUnfixed, min(out.Severity, finding.Medium)
		}
		b.WriteString(" No fixed version is known.")
	}
	if v.Vector != "" {
		out.Attrs["cvss"] = v.Vector
	}
	if v.EPSS > 0 {
		out.Attrs["epss"] = v.EPSS
	}
	if v.Score == 0 && v.Rated == "" && !v.Malicious {
		out.Attrs["severity"] = "not rated by its source, taken as medium"
	}
	out.Message = b.String()
	return out
}

// preferred is the identifier that people search for: the CVE where there is one.
func preferred(v *osv.Vulnerability) string {
	if v.Malicious {
		return v.ID
	}
	for _, id := range append([]string{v.ID}, v.Aliases...) {
		if strings.HasPrefix(id, "CVE-") {
			return id
		}
	}
	return v.ID
}

// severityOf is the severity by CVSS (9, 7 and 4 are the bounds of the specification),
// by the word of the database, or medium where nobody has rated it. What is known to be
// exploited is critical.
func severityOf(v *osv.Vulnerability) finding.Severity {
	switch {
	case v.Exploited:
		return finding.Critical
	case v.Score >= 9:
		return finding.Critical
	case v.Score >= 7:
		return finding.High
	case v.Score >= 4:
		return finding.Medium
	case v.Score > 0:
		return finding.Low
	}
	switch v.Rated {
	case "critical":
		return finding.Critical
	case "high":
		return finding.High
	case "low":
		return finding.Low
	}
	return finding.Medium
}

// maxAge is how old advisories may be before a report says so.
const maxAge = 14 * 24 * time.Hour

// age says that advisories are old: what was found since is not in them. Only those
// that were asked count.
func (j *judge) age(files []*file, now time.Time) {
	asked := map[string]bool{}
	for _, f := range files {
		for _, p := range f.Packages {
			asked[p.Ecosystem] = true
		}
	}
	var old []string
	info := j.advisories.Info()
	for _, s := range info.Sources {
		// A source is called by its ecosystem, as OSV's folders are.
		ecosystem, _, _ := strings.Cut(s.Name, " ")
		if asked[ecosystem] && now.Sub(s.Newest) > maxAge {
			old = append(old, ecosystem+" of "+s.Newest.Format(time.DateOnly))
		}
	}
	if len(old) == 0 && now.Sub(info.Newest) > maxAge {
		old = append(old, "the newest of "+info.Newest.Format(time.DateOnly))
	}
	if len(old) == 0 {
		return
	}
	j.report(files[0], 0, finding.Finding{
		Rule: ruleOld, Key: "old-advisories", Anywhere: true, MoveKey: "old-advisories",
		Message: fmt.Sprintf("The advisories that were asked are more than %d days old (%s): what became known since is not reported. Bring them up to date with: merlon db update.", int(maxAge.Hours()/24), strings.Join(old, ", ")),
		Attrs:   map[string]any{"advisories": info.Advisories, "digest": j.advisories.Digest()},
	})
}
