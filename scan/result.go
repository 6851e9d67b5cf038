package scan

import (
	"time"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
)

// Result is everything a scan has to say.
type Result struct {
	Roots        []string
	Started      time.Time
	Duration     time.Duration
	Scanners     []Info
	Findings     []finding.Record
	Measurements []Measurement
	Facts        []asset.Fact
	Assets       []asset.Asset
	Coverage     Coverage
}

// Measurement is a number about an asset, with its interval where it has one.
type Measurement struct {
	Asset     string // "sha256:..."
	Name      string
	Value     float64
	Unit      string
	Low, High float64 // confidence interval; equal to Value when exact
	Method    string
}

// Coverage says what was looked at and what was not.
type Coverage struct {
	FilesSeen    int   // regular files met on the walk
	FilesScanned int   // files that at least one scanner wanted
	Derived      int   // files found inside files
	Bytes        int64 // size of the scanned files
	Skipped      []Skip
	Errors       []Error
	Interrupted  bool // stopped before its end, by the user or a time limit
}

// Incomplete reports whether something that should have been looked at was not.
func (c Coverage) Incomplete() bool { return c.Interrupted || len(c.Errors) > 0 }

// Skip is something that was left out on purpose.
type Skip struct {
	Path   string
	Reason string
	Files  int // how many files it stands for; 0 when they were not counted
}

// Excluded is the reason of a [Skip] that the user asked for.
const Excluded = "excluded by configuration"

// Error is something that should have been looked at and was not, or not fully.
type Error struct {
	Path    string // reference of the file
	Scanner string // id of the scanner; "walk" when the file was never opened
	Err     string // what failed and what to do
}
