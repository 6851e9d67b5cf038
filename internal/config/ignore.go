package config

import (
	"path"
	"strings"
	"time"

	"github.com/merlon-security/merlon/finding"
)

// Apply marks the findings that an unexpired entry covers, and returns the expired
// entries, those that cover nothing, and how many findings a configuration that was
// only found must not cover: a downloaded folder does not vouch for its own
// malicious model.
func (c Config) Apply(records []finding.Record, now time.Time) (expired, unused []Ignore, refused int) {
	for _, ig := range c.Ignore {
		if ig.expired(now) {
			expired = append(expired, ig)
			continue
		}
		hit := false
		for i := range records {
			if r := &records[i]; ig.covers(*r) {
				hit = true
				if c.Found && r.Rule.Category == finding.Artifact && r.Severity == finding.Critical {
					refused++
					continue
				}
				if r.Suppressed == nil {
					r.Suppressed = &finding.Suppression{Kind: "ignore", Reason: ig.Reason, Owner: ig.Owner, Until: ig.Until}
				}
			}
		}
		if !hit {
			unused = append(unused, ig)
		}
	}
	return expired, unused, refused
}

func (ig Ignore) covers(r finding.Record) bool {
	if ig.Fingerprint != "" {
		// A finding about a model is named by the model's digest, too.
		return ig.Fingerprint == r.Fingerprint && (ig.Rule == "" || ig.Rule == r.Rule.ID) &&
			(r.Rule.Category != finding.Artifact || ig.SHA256 != "" && r.Asset == "sha256:"+strings.ToLower(ig.SHA256))
	}
	if r.Rule.ID != ig.Rule || !Match(ig.Path, r.Where().Ref.Path) {
		return false
	}
	return ig.SHA256 == "" || r.Asset == "sha256:"+strings.ToLower(ig.SHA256)
}

// Match reports whether a slash-separated path matches a glob pattern, in which **
// stands for any number of folders. A pattern without a slash matches the last
// element anywhere; one that names a folder matches everything below it.
func Match(pattern, name string) bool {
	pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "./"), "/")
	p := strings.Split(pattern, "/")
	if len(p) == 1 {
		p = []string{"**", pattern}
	}
	return matchParts(p, strings.Split(strings.TrimPrefix(name, "./"), "/"), new(int))
}

// matchSteps bounds the work of patterns like **/**/**/**/x.
const matchSteps = 10_000

func matchParts(p, n []string, steps *int) bool {
	if *steps++; *steps > matchSteps {
		return false
	}
	for len(p) > 0 {
		if p[0] == "**" {
			for i := range len(n) + 1 {
				if matchParts(p[1:], n[i:], steps) {
					return true
				}
			}
			return false
		}
		if len(n) == 0 {
			return false
		}
		if ok, err := path.Match(p[0], n[0]); err != nil || !ok {
			return false
		}
		p, n = p[1:], n[1:]
	}
	return true // what is left of the name lies below what the pattern named
}
