package table

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/reporttest"
	"github.com/merlon-security/merlon/text"
)

func TestGolden(t *testing.T) {
	terminal := report.Options{Color: true, Width: 80}
	noColor := report.Options{Width: 80} // NO_COLOR=1 on a terminal of 80 columns
	pipe := report.Options{}
	for _, tt := range []struct {
		name string
		d    *report.Document
		o    report.Options
	}{
		{"sample-terminal.txt", reporttest.Sample(), terminal},
		{"sample-nocolor.txt", reporttest.Sample(), noColor},
		{"sample-pipe.txt", reporttest.Sample(), pipe},
		{"sample-narrow.txt", reporttest.Sample(), report.Options{Width: 44}},
		{"empty.txt", reporttest.Empty(), noColor},
		{"clean.txt", reporttest.Clean(), noColor},
		{"incomplete.txt", reporttest.Incomplete(), noColor},
		{"many.txt", reporttest.Many(500), noColor},
		{"hostile.txt", reporttest.Hostile(reporttest.Attack), noColor},
	} {
		reporttest.Golden(t, tt.name, reporttest.Write(t, New(), tt.d, tt.o))
	}
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestColorIsDecoration: with and without colour the words are the same.
func TestColorIsDecoration(t *testing.T) {
	for _, d := range []*report.Document{reporttest.Sample(), reporttest.Hostile(reporttest.Attack), reporttest.Empty()} {
		with := reporttest.Write(t, New(), d, report.Options{Color: true, Width: 80})
		without := reporttest.Write(t, New(), d, report.Options{Width: 80})
		if !bytes.Equal(sgr.ReplaceAll(with, nil), without) {
			t.Error("colour changes the words")
		}
	}
}

// TestLength: the table stays short, however much was found.
func TestLength(t *testing.T) {
	out := reporttest.Write(t, New(), reporttest.Many(20_000), report.Options{Width: 80})
	if n := bytes.Count(out, []byte("\n")); n > 200 {
		t.Errorf("%d lines for 20,000 findings", n)
	}
	if n := bytes.Count(out, []byte("finding number")); n != maxFindings {
		t.Errorf("%d findings listed, want %d", n, maxFindings)
	}
}

func TestLastLineIsTheDecision(t *testing.T) {
	for want, d := range map[string]*report.Document{
		"FAIL  no-high-findings: ": reporttest.Sample(), "PASS  ": reporttest.Clean(), "INCOMPLETE  complete-coverage: ": reporttest.Incomplete(),
	} {
		out := strings.TrimSuffix(string(reporttest.Write(t, New(), d, report.Options{})), "\n")
		if last := out[strings.LastIndexByte(out, '\n')+1:]; !strings.HasPrefix(last, want) {
			t.Errorf("last line %q, want %q...", last, want)
		}
	}
}

func TestWriteError(t *testing.T) {
	if err := New().Write(full{}, reporttest.Sample(), report.Options{}); !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func FuzzWrite(f *testing.F) {
	f.Add(reporttest.Attack, 80)
	f.Add("日本語"+strings.Repeat("x", 300), 41)
	f.Fuzz(func(t *testing.T, s string, width int) {
		width %= 300
		out := reporttest.Write(t, New(), reporttest.Hostile(s), report.Options{Width: width})
		if bad := reporttest.Unprintable(out); bad != "" {
			t.Fatalf("output holds %s", bad)
		}
		if width < 40 {
			return
		}
		for _, l := range strings.Split(string(out), "\n") {
			if text.Width(l) > width {
				t.Fatalf("line of %d columns in %d: %q", text.Width(l), width, l)
			}
		}
	})
}

// TestManyAtOnePlace: hundreds of findings about one line do not push the others out.
func TestManyAtOnePlace(t *testing.T) {
	var records []finding.Record
	add := func(line int, message string) {
		l := finding.At(asset.Ref{Path: "requirements.txt"})
		l.Line = line
		records = append(records, finding.Record{Rule: finding.Rule{ID: "a/b"}, Finding: finding.Finding{Rule: "a/b", Severity: finding.Medium, Confidence: finding.Sure, Message: message, Locations: []finding.Location{l}}})
	}
	for i := range 100 {
		add(1, fmt.Sprintf("first %d.", i))
	}
	add(2, "second.")
	if n := listed(records); n != len(records) {
		t.Errorf("listed = %d of %d", n, len(records))
	}
	for i := range 100 {
		add(10+i, "other.")
	}
	if n := listed(records); n != 100+1+maxFindings-maxSamePlace-1 {
		t.Errorf("listed = %d", n)
	}
}
