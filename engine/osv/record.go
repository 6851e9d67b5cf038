package osv

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrRecord marks bytes that are no advisory in the OSV format.
var ErrRecord = errors.New("not an OSV record")

// Limits of one advisory. Larger ones are refused, never cut short: half an advisory
// would answer "not affected".
const (
	maxRecord   = 32 << 20 // bytes of JSON
	maxAffected = 50000    // packages
	maxVersions = 200000   // listed versions of one package
	maxEvents   = 20000    // events of one package
	maxSummary  = 240      // bytes of the one line that is kept
)

// Advisory is what one record of OSV (schema 1.7) says, without its prose.
type Advisory struct {
	ID        string
	Aliases   []string // other names of the same thing, sorted
	Summary   string   // one line, at most 240 bytes
	Published time.Time
	Modified  time.Time
	Withdrawn bool
	Malicious bool   // the package itself is hostile (MAL- identifiers)
	Vector    string // CVSS vector that Score was computed from, empty where none
	Score     float64
	Rated     string  // "low", "medium", "high" or "critical", by words of the database; empty where it gives none
	Exploited bool    // in CISA's catalogue of known exploited vulnerabilities
	EPSS      float64 // probability of exploitation in 30 days, 0 to 1; 0 where unknown
	URL       string
	Affected  []Affected
}

// Affected is one package of an advisory.
type Affected struct {
	Ecosystem string
	Name      string // as [Name] writes it
	Versions  []string
	Ranges    []Range
	Imports   []Import

	searchable bool // Versions are in canonical spelling, sorted
}

// Range is a range of versions, in the order its events were given.
type Range struct {
	Type   RangeType
	Events []Event
}

// RangeType says how the versions of a range are ordered.
type RangeType uint8

// The types of OSV.
const (
	Semver RangeType = iota
	Ecosystem
	Git // commits: no order without the repository
)

// Event is one change along the versions of a range.
type Event struct {
	Kind    EventKind
	Version string // "0" in an introduction: before every version
}

// EventKind says what changes at a version.
type EventKind uint8

// The kinds of OSV.
const (
	Introduced EventKind = iota
	Fixed
	LastAffected
	Limit
)

// Import is a package of a module and the symbols of it that are vulnerable. No
// symbols means all of them.
type Import struct {
	Path    string
	Symbols []string
}

type record struct {
	ID        string     `json:"id"`
	Modified  time.Time  `json:"modified"`
	Published time.Time  `json:"published"`
	Withdrawn *time.Time `json:"withdrawn"`
	Aliases   []string   `json:"aliases"`
	Summary   string     `json:"summary"`
	Details   string     `json:"details"`
	Severity  []severity `json:"severity"`
	Affected  []struct {
		Package struct {
			Ecosystem string `json:"ecosystem"`
			Name      string `json:"name"`
		} `json:"package"`
		Severity []severity `json:"severity"`
		Ranges   []struct {
			Type   string              `json:"type"`
			Events []map[string]string `json:"events"`
		} `json:"ranges"`
		Versions  []string        `json:"versions"`
		Ecosystem json.RawMessage `json:"ecosystem_specific"`
	} `json:"affected"`
	References []struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	} `json:"references"`
	Database json.RawMessage `json:"database_specific"`
}

type severity struct {
	Type  string `json:"type"`
	Score string `json:"score"`
}

// ParseAdvisory reads one record. What it does not understand in free-form fields it
// leaves out; what it needs for matching must be right, or the error wraps
// [ErrRecord].
func ParseAdvisory(raw []byte) (*Advisory, error) {
	if len(raw) > maxRecord {
		return nil, fmt.Errorf("%w: %d bytes, more than %d", ErrRecord, len(raw), maxRecord)
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrRecord, err)
	}
	if r.ID == "" || len(r.ID) > 200 {
		return nil, fmt.Errorf("%w: no id", ErrRecord)
	}
	if len(r.Affected) > maxAffected {
		return nil, fmt.Errorf("%w: %s names %d packages, more than %d", ErrRecord, r.ID, len(r.Affected), maxAffected)
	}
	a := &Advisory{
		ID: r.ID, Aliases: aliases(r.Aliases, r.ID), Summary: oneLine(r.Summary, r.Details),
		Published: r.Published.UTC(), Modified: r.Modified.UTC(), Withdrawn: r.Withdrawn != nil,
		Malicious: strings.HasPrefix(r.ID, "MAL-"),
	}
	scores := r.Severity
	for _, in := range r.Affected {
		scores = append(scores, in.Severity...)
		if in.Package.Ecosystem == "" || in.Package.Name == "" {
			continue // a range of commits alone names no package
		}
		out := Affected{Ecosystem: in.Package.Ecosystem, Name: Name(in.Package.Ecosystem, in.Package.Name), Versions: in.Versions}
		if len(in.Versions) > maxVersions {
			return nil, fmt.Errorf("%w: %s lists %d versions, more than %d", ErrRecord, r.ID, len(in.Versions), maxVersions)
		}
		events := 0
		for _, rng := range in.Ranges {
			t, err := rangeOf(rng.Type)
			if err != nil {
				return nil, fmt.Errorf("%w: %s: %v", ErrRecord, r.ID, err)
			}
			built := Range{Type: t}
			for _, e := range rng.Events {
				event, err := eventOf(e)
				if err != nil {
					return nil, fmt.Errorf("%w: %s: %v", ErrRecord, r.ID, err)
				}
				built.Events = append(built.Events, event)
			}
			if events += len(rng.Events); events > maxEvents {
				return nil, fmt.Errorf("%w: %s has over %d events for %s", ErrRecord, r.ID, maxEvents, out.Name)
			}
			out.Ranges = append(out.Ranges, built)
		}
		out.Imports = importsOf(in.Ecosystem)
		a.Affected = append(a.Affected, out)
	}
	a.Vector, a.Score = bestScore(scores)
	a.Rated = ratedOf(r.Database)
	a.URL = link(&r)
	return a, nil
}

func rangeOf(s string) (RangeType, error) {
	switch s {
	case "SEMVER":
		return Semver, nil
	case "ECOSYSTEM":
		return Ecosystem, nil
	case "GIT":
		return Git, nil
	}
	return 0, fmt.Errorf("range of type %q", s)
}

func eventOf(e map[string]string) (Event, error) {
	if len(e) == 1 {
		for key, version := range e {
			switch key {
			case "introduced":
				return Event{Introduced, version}, nil
			case "fixed":
				return Event{Fixed, version}, nil
			case "last_affected":
				return Event{LastAffected, version}, nil
			case "limit":
				return Event{Limit, version}, nil
			}
		}
	}
	return Event{}, fmt.Errorf("an event is %v: want one of introduced, fixed, last_affected, limit", e)
}

func importsOf(raw json.RawMessage) []Import {
	var specific struct {
		Imports []struct {
			Path    string   `json:"path"`
			Symbols []string `json:"symbols"`
		} `json:"imports"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &specific) != nil {
		return nil
	}
	var out []Import
	for _, i := range specific.Imports {
		out = append(out, Import{Path: i.Path, Symbols: i.Symbols})
	}
	return out
}

func ratedOf(raw json.RawMessage) string {
	var specific struct {
		Severity string `json:"severity"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &specific) != nil {
		return ""
	}
	switch strings.ToUpper(specific.Severity) {
	case "LOW":
		return "low"
	case "MODERATE", "MEDIUM":
		return "medium"
	case "HIGH", "IMPORTANT":
		return "high"
	case "CRITICAL":
		return "critical"
	}
	return ""
}

// link is the page a reader is sent to: that of the advisory.
func link(r *record) string {
	for _, ref := range r.References {
		if ref.Type == "ADVISORY" && strings.HasPrefix(ref.URL, "https://") && len(ref.URL) < 300 {
			return ref.URL
		}
	}
	return "https://osv.dev/vulnerability/" + r.ID
}
