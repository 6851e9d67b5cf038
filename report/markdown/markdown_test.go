package markdown

import (
	"regexp"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/reporttest"
	"github.com/merlon-security/merlon/scan"
)

func TestGolden(t *testing.T) {
	for name, d := range map[string]*report.Document{
		"sample.md":     reporttest.Sample(),
		"empty.md":      reporttest.Empty(),
		"clean.md":      reporttest.Clean(),
		"incomplete.md": reporttest.Incomplete(),
		"hostile.md":    reporttest.Hostile(reporttest.Attack),
	} {
		reporttest.Golden(t, name, reporttest.Write(t, New(), d, report.Options{}))
	}
}

// TestSize: a comment that is too long would be refused as a whole.
func TestSize(t *testing.T) {
	d := reporttest.Many(5_000)
	for i := range d.Scan.Findings {
		d.Scan.Findings[i].Rule.ID += strings.Repeat("x", i%200) // many rules, each with its own section
		d.Scan.Findings[i].Message = strings.Repeat("`", 5_000)
	}
	d.Scan.Coverage.Errors = make([]scan.Error, 500)
	for i := range d.Scan.Coverage.Errors {
		d.Scan.Coverage.Errors[i] = scan.Error{Path: strings.Repeat("p/", 3_000), Err: strings.Repeat("日", 900)}
	}
	out := string(reporttest.Write(t, New(), d, report.Options{}))
	if len(out) > maxSize {
		t.Errorf("%d bytes, the limit is %d", len(out), maxSize)
	}
	if !strings.Contains(out, "did not fit into this comment") {
		t.Error("what was left out is not announced")
	}
	if !strings.Contains(out, "and 480 more paths") {
		t.Error("the errors that were left out are not counted")
	}
}

func TestCode(t *testing.T) {
	for in, want := range map[string]string{
		"a":       "`a`",
		"":        "(empty)",
		"  ":      "(empty)",
		"`":       "`` ` ``",
		"a`b``c":  "```a`b``c```",
		"\n# x":   "`\\n# x`",
		"@team":   "`@team`",
		"a | b":   "`a | b`",
		"</code>": "`</code>`",
	} {
		if got := code(in); got != want {
			t.Errorf("code(%q) = %q, want %q", in, got, want)
		}
	}
}

// outsideSpans removes the code spans of a line as CommonMark finds them: a run
// of backticks up to the next run of the same length.
func outsideSpans(line string) string {
	var out strings.Builder
	for line != "" {
		i := strings.IndexByte(line, '`')
		if i < 0 {
			break
		}
		out.WriteString(line[:i])
		n := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
		fence, rest := line[i:i+n], line[i+n:]
		end := -1
		for j := 0; j < len(rest); {
			if rest[j] != '`' {
				j++
				continue
			}
			k := j
			for k < len(rest) && rest[k] == '`' {
				k++
			}
			if k-j == n {
				end = k
				break
			}
			j = k
		}
		if end < 0 {
			out.WriteString(fence)
			line = rest
			continue
		}
		line = rest[end:]
	}
	return out.String() + line
}

var ours = regexp.MustCompile(`</?(details|summary)>`)

// FuzzWrite: outside of code spans there is nothing that a scanned file chose.
func FuzzWrite(f *testing.F) {
	f.Add(reporttest.Attack)
	f.Add("``")
	f.Add("a`b")
	f.Add("@team #1 https://evil.example")
	f.Fuzz(func(t *testing.T, s string) {
		out := reporttest.Write(t, New(), reporttest.Hostile(s), report.Options{})
		if bad := reporttest.Unprintable(out); bad != "" {
			t.Fatalf("output holds %s", bad)
		}
		want := reporttest.Write(t, New(), reporttest.Hostile("x"), report.Options{})
		got, plain := strings.Split(string(out), "\n"), strings.Split(string(want), "\n")
		if len(got) != len(plain) {
			t.Fatalf("%d lines for %q, %d for a harmless text", len(got), s, len(plain))
		}
		for i := range got {
			a, b := outsideSpans(got[i]), outsideSpans(plain[i])
			if strings.ReplaceAll(a, "(empty)", "") != strings.ReplaceAll(b, "(empty)", "") {
				// A text that is empty may drop its part of the line.
				if strings.TrimSpace(s) != "" {
					t.Fatalf("line %d: %q outside of code spans, want %q", i+1, a, b)
				}
			}
			if strings.ContainsAny(ours.ReplaceAllString(a, ""), "<@") {
				t.Fatalf("line %d: markup outside of code spans: %q", i+1, a)
			}
		}
	})
}

func TestTitle(t *testing.T) {
	if got := title(finding.Critical); got != "Critical" {
		t.Errorf("title = %q", got)
	}
}
