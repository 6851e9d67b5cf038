// Package finding holds what a check reports: that something is wrong, where,
// why, and what to do about it.
//
// A [Finding] is an instance; the [Rule] it names is the constant knowledge
// behind it. Findings carry no opinion on whether they block anything: that is
// the gate's.
package finding

import (
	"fmt"
	"strings"

	"github.com/merlon-security/merlon/asset"
)

// Severity is how bad it would be: critical is exploitable now, high is
// exploitable with one more condition, medium weakens a defence, low is hygiene,
// info is inventory.
type Severity uint8

// The severities in rising order.
const (
	Info Severity = iota + 1
	Low
	Medium
	High
	Critical
)

// Severities lists them from worst to mildest, the order of every report.
var Severities = []Severity{Critical, High, Medium, Low, Info}

var severityNames = [...]string{"", "info", "low", "medium", "high", "critical"}

// String returns the lower-case name, "" for the zero value.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// MarshalText writes the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a name as [ParseSeverity] does.
func (s *Severity) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSeverity(string(b))
	return err
}

// ParseSeverity reads "critical", "high", "medium", "low" or "info".
func ParseSeverity(name string) (Severity, error) {
	for i := int(Info); i < len(severityNames); i++ {
		if severityNames[i] == strings.ToLower(name) {
			return Severity(i), nil
		}
	}
	return 0, fmt.Errorf("unknown severity %q (one of critical, high, medium, low, info)", name)
}

// Confidence is how sure the check is that the finding is real.
type Confidence uint8

// The confidences in rising order.
const (
	Unsure Confidence = iota + 1 // "low"
	Likely                       // "medium"
	Sure                         // "high"
)

var confidenceNames = [...]string{"", "low", "medium", "high"}

// String returns "low", "medium" or "high", "" for the zero value.
func (c Confidence) String() string {
	if int(c) < len(confidenceNames) {
		return confidenceNames[c]
	}
	return fmt.Sprintf("confidence(%d)", uint8(c))
}

// MarshalText writes the name.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a name as [ParseConfidence] does.
func (c *Confidence) UnmarshalText(b []byte) (err error) {
	*c, err = ParseConfidence(string(b))
	return err
}

// ParseConfidence reads "high", "medium" or "low".
func ParseConfidence(name string) (Confidence, error) {
	for i := int(Unsure); i < len(confidenceNames); i++ {
		if confidenceNames[i] == strings.ToLower(name) {
			return Confidence(i), nil
		}
	}
	return 0, fmt.Errorf("unknown confidence %q (one of high, medium, low)", name)
}

// Category is the wing a finding belongs to.
type Category = string

// The categories.
const (
	Code       Category = "code"
	Secret     Category = "secret"
	Dependency Category = "dependency"
	Licence    Category = "licence"
	Infra      Category = "infra"
	Pipeline   Category = "pipeline"
	Artifact   Category = "artifact"
	Data       Category = "data"
	Prompt     Category = "prompt"
	Agent      Category = "agent"
	Model      Category = "model"
	Runtime    Category = "runtime"
)

// Categories lists every category.
var Categories = []Category{Code, Secret, Dependency, Licence, Infra, Pipeline,
	Artifact, Data, Prompt, Agent, Model, Runtime}

// Finding is one thing found wrong.
type Finding struct {
	Rule       string     // id of the [Rule], "area/kebab-name"
	Severity   Severity   // zero: the rule's
	Confidence Confidence // zero: the rule's
	Message    string     // one sentence for this instance; hostile text in it is escaped and cut
	Locations  []Location // the first is where a reader should look
	Trace      []Hop      // from source to sink; may be empty
	Fixes      []Fix
	Attrs      map[string]any // details; encodes to JSON

	// Key tells this finding from others of the same rule in the same file, and
	// stays equal when lines shift: a name, a call, a normalised snippet; never a
	// line number, never a secret. MoveKey does the same when the file moves;
	// empty: the engine makes one from the file's name and Key.
	Key, MoveKey string

	// Group makes one finding of all of a rule that share it, wherever they are. It is
	// compared and never shown. Empty: the finding stands alone.
	Group string
	// Anywhere says that Key alone names the finding, whatever file it is in.
	Anywhere bool
}

// Location is a place in an asset. Line, Col, EndLine count from 1; 0 is unknown.
type Location struct {
	Ref                        asset.Ref
	Line, Col, EndLine, EndCol int
	Offset                     *int64 // bytes from the start of the part that Ref names
}

// At returns the location of a whole asset.
func At(r asset.Ref) Location { return Location{Ref: r} }

// AtOffset returns the location of the byte at off in the asset.
func AtOffset(r asset.Ref, off int64) Location { return Location{Ref: r, Offset: &off} }

// Hop is one step of a trace.
type Hop struct {
	Location
	Kind string // "source", "pass", "sanitize" or "sink"
	Note string
}

// Fix is a proposed change.
type Fix struct {
	Title string
	Safe  bool // it cannot change what the program does apart from the finding
	Edits []Edit
}

// Edit replaces the bytes [Start, End) of a file. Line, Col, EndLine and EndCol say the same
// of a text, as in a [Location]: End is the first character that stays. 0 is unknown.
type Edit struct {
	Ref        asset.Ref
	Start, End int64
	New        string

	Line, Col, EndLine, EndCol int
}
