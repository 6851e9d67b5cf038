package finding

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
)

// Record is a finding as a report carries it: completed from its rule, named by
// its fingerprint, tied to the digest of the asset it is about.
type Record struct {
	Finding
	Rule        Rule
	Fingerprint string // 32 hex digits; the identity of the finding across runs
	MovePrint   string // 32 hex digits; equal also after the file was moved
	Asset       string // "sha256:..." of the file; empty when not computed
	Suppressed  *Suppression
}

// Suppression says that somebody decided to live with a finding, or that it was
// there before.
type Suppression struct {
	Kind   string // "ignore" or "baseline"
	Reason string
	Owner  string
	Until  string // date, YYYY-MM-DD; empty for a baseline
}

// Where returns the location a reader should look at first.
func (r Record) Where() Location {
	if len(r.Locations) == 0 {
		return Location{}
	}
	return r.Locations[0]
}

// Complete fills in what the finding leaves to its rule, orders the records from
// worst to mildest and then by place, and names each by its fingerprint.
//
// rel gives the path of a file relative to the scanned root, so that a
// fingerprint does not depend on where the scan was started.
func Complete(records []Record, rel func(path string) string) {
	for i := range records {
		r := &records[i]
		if r.Severity == 0 {
			r.Severity = r.Rule.Severity
		}
		if r.Confidence == 0 {
			r.Confidence = r.Rule.Confidence
		}
	}
	slices.SortStableFunc(records, byPlace)
	ordinals := make(map[string]int, len(records))
	for i := range records {
		r := &records[i]
		at := r.Where().Ref
		inner := stableInner(at)
		base := r.Finding.Rule + "\x00" + rel(at.Path) + inner + "\x00" + r.Key
		if r.Anywhere {
			base = r.Finding.Rule + "\x00anywhere\x00" + r.Key
		}
		n := ordinals[base]
		ordinals[base] = n + 1
		r.Fingerprint = print16("fingerprint", base, n)

		moved := r.MoveKey
		if moved == "" {
			moved = path.Base(at.Path) + inner + "\x00" + r.Key
		}
		moved = "\x00move\x00" + r.Finding.Rule + "\x00" + moved
		n = ordinals[moved]
		ordinals[moved] = n + 1
		r.MovePrint = print16("move", moved, n)
	}
	slices.SortStableFunc(records, func(a, b Record) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Confidence, a.Confidence))
	})
}

// byPlace orders records by where they are, so that a run's order never depends
// on which worker was faster.
func byPlace(a, b Record) int {
	x, y := a.Where(), b.Where()
	return cmp.Or(
		strings.Compare(x.Ref.Path, y.Ref.Path),
		strings.Compare(x.Ref.InnerString(), y.Ref.InnerString()),
		cmp.Compare(x.Line, y.Line), cmp.Compare(x.Col, y.Col),
		cmp.Compare(offset(x), offset(y)),
		strings.Compare(a.Finding.Rule, b.Finding.Rule),
		strings.Compare(a.Key, b.Key),
		strings.Compare(a.Message, b.Message),
	)
}

func offset(l Location) int64 {
	if l.Offset == nil {
		return -1
	}
	return *l.Offset
}

// stableInner keeps the steps that have names and drops the counted ones: a new
// notebook cell above or a longer pickle does not make a new finding.
func stableInner(r asset.Ref) string {
	steps := slices.DeleteFunc(slices.Clone(r.Inner), func(s asset.Step) bool {
		return s.Kind == asset.Cell || s.Kind == asset.Output || s.Kind == asset.Nested || s.Kind == asset.Row
	})
	return asset.Ref{Inner: steps}.InnerString()
}

func print16(kind, base string, ordinal int) string {
	sum := sha256.Sum256([]byte("merlon:1:" + kind + "\x00" + base + "\x00" + strconv.Itoa(ordinal)))
	return hex.EncodeToString(sum[:16])
}
