package html

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/reporttest"
	"github.com/merlon-security/merlon/scan"
)

var (
	inline = regexp.MustCompile(`(?s)<(style|script)>(.*?)</(style|script)>`)
	meta   = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`)
	tag    = regexp.MustCompile(`<[^>]*>`)
	value  = regexp.MustCompile(`="[^"]*"`)
)

// body is the page without its style and script, which have tests of their own.
func body(page []byte) string { return inline.ReplaceAllString(string(page), "<$1></$1>") }

func TestGolden(t *testing.T) {
	for name, d := range map[string]*report.Document{"sample.html": reporttest.Sample(), "empty.html": reporttest.Empty()} {
		page := body(reporttest.Write(t, New(), d, report.Options{}))
		reporttest.Golden(t, name, []byte(meta.ReplaceAllString(page, "<meta>")))
	}
}

// TestPolicy: the digests in the policy are those of the style and the script as
// they stand in the page, and nothing else is allowed.
func TestPolicy(t *testing.T) {
	page := string(reporttest.Write(t, New(), reporttest.Hostile(reporttest.Attack), report.Options{}))
	var digests []string
	for _, m := range inline.FindAllStringSubmatch(page, -1) {
		sum := sha256.Sum256([]byte(m[2]))
		digests = append(digests, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	if len(digests) != 2 {
		t.Fatalf("%d inline blocks, want a style and a script", len(digests))
	}
	want := "default-src 'none'; style-src " + digests[0] + "; script-src " + digests[1] + "; base-uri 'none'; form-action 'none'"
	if diff := cmp.Diff(want, html.UnescapeString(meta.FindStringSubmatch(page)[1])); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	for _, m := range tag.FindAllString(body([]byte(page)), -1) {
		if loads.MatchString(value.ReplaceAllString(m, "")) {
			t.Errorf("%s loads something, or is styled or scripted where no digest covers it", m)
		}
	}
	for _, bad := range []string{"url(", "@import", "fetch(", "XMLHttpRequest", "innerHTML", "eval("} {
		if strings.Contains(styleText+scriptText, bad) {
			t.Errorf("style or script holds %q", bad)
		}
	}
}

var loads = regexp.MustCompile(`^<(link|iframe|object|embed|base|img|image)\b|\s(src|style|srcdoc|on[a-z]+)\b`)

// structure is the page's tags without the values of their attributes.
func structure(page []byte) string {
	return value.ReplaceAllString(strings.Join(tag.FindAllString(body(page), -1), "\n"), "")
}

// TestHostile: what a scanned file chose is text, whatever it is.
func TestHostile(t *testing.T) {
	want := structure(reporttest.Write(t, New(), reporttest.Hostile("x"), report.Options{}))
	out := reporttest.Write(t, New(), reporttest.Hostile(reporttest.Attack), report.Options{})
	if diff := cmp.Diff(want, structure(out)); diff != "" {
		t.Errorf("markup (-harmless +hostile):\n%s", diff)
	}
	if bad := reporttest.Unprintable([]byte(inline.ReplaceAllString(string(out), ""))); bad != "" {
		t.Errorf("page holds %s", bad)
	}
	if strings.Contains(string(out), `href="javascript:`) {
		t.Error("page links to a script")
	}
}

func FuzzWrite(f *testing.F) {
	f.Add(reporttest.Attack)
	f.Add(`"><svg onload=alert(1)>`)
	f.Add("`")
	want := structure(reporttest.Write(f, New(), reporttest.Hostile("x"), report.Options{}))
	f.Fuzz(func(t *testing.T, s string) {
		if strings.TrimSpace(s) == "" {
			return // an empty text leaves out the element around it
		}
		out := reporttest.Write(t, New(), reporttest.Hostile(s), report.Options{})
		if got := structure(out); got != want {
			t.Fatalf("markup differs for %q:\n%s", s, cmp.Diff(want, got))
		}
		if bad := reporttest.Unprintable([]byte(body(out))); bad != "" {
			t.Fatalf("page holds %s", bad)
		}
	})
}

// TestStages: every category belongs to one stage of the picture.
func TestStages(t *testing.T) {
	seen := map[string]int{}
	for _, s := range stages {
		for _, c := range s.categories {
			seen[c]++
		}
	}
	for _, c := range finding.Categories {
		if seen[c] != 1 {
			t.Errorf("category %s is in %d stages", c, seen[c])
		}
	}
}

// TestUnchecked: a stage that nobody looked at does not look like a clean one.
func TestUnchecked(t *testing.T) {
	d := reporttest.Clean()
	d.Scan.Scanners = []scan.Info{{ID: "pickle", Rules: []finding.Rule{reporttest.PickleCall}}}
	got := map[string]string{}
	for _, b := range newLifecycle(d).Wide {
		got[b.Name] = b.State
	}
	want := map[string]string{
		"code": "unchecked", "dependencies": "unchecked", "data": "unchecked", "model": "clear",
		"pipeline": "unchecked", "runtime": "unchecked", "governance": "unchecked",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
