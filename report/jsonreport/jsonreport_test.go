package jsonreport

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/reporttest"
	"github.com/merlon-security/merlon/scan"
)

func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t testing.TB, s *jsonschema.Schema, out []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
	if err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if err := s.Validate(v); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if bad := reporttest.Unprintable(out); bad != "" {
		t.Fatalf("output holds %s", bad)
	}
}

func TestGolden(t *testing.T) {
	s := schema(t)
	for name, d := range map[string]*report.Document{
		"sample.json": reporttest.Sample(),
		"empty.json":  reporttest.Empty(),
	} {
		out := reporttest.Write(t, New(), d, report.Options{})
		validate(t, s, out)
		reporttest.Golden(t, name, out)
	}
	validate(t, s, reporttest.Write(t, New(), reporttest.Incomplete(), report.Options{}))
	validate(t, s, reporttest.Write(t, New(), &report.Document{Decision: reporttest.Sample().Decision, Scan: &scan.Result{}}, report.Options{}))
}

// TestContract pins the keys that other programs read: taking one away or adding
// one is a new schema version, or at least a line in the documentation.
func TestContract(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal(reporttest.Write(t, New(), reporttest.Sample(), report.Options{}), &doc); err != nil {
		t.Fatal(err)
	}
	if null := nullArray("", doc); null != "" {
		t.Errorf("%s is null", null)
	}
	got := map[string]string{"": keys(doc)}
	for _, k := range []string{"tool", "inputs", "coverage", "decision"} {
		got[k] = keys(doc[k])
	}
	got["finding"] = keys(doc["findings"].([]any)[0])
	got["location"] = keys(doc["findings"].([]any)[0].(map[string]any)["location"])
	want := map[string]string{
		"":         "assets coverage decision duration_ms facts findings inputs measurements schema_version started_at target tool",
		"tool":     "name version",
		"inputs":   "advisories config_sha256 rules_sha256 scanners",
		"coverage": "bytes errors files_scanned files_seen skipped",
		"decision": "input_digest outcome policy rules",
		"finding": "aliases asset category confidence cwe details fingerprint fixes location locations message " +
			"move_fingerprint remediation rule severity suppressed taxonomy title trace",
		"location": "cell column end_line inner line member offset path",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func keys(v any) string {
	m := v.(map[string]any)
	b, _ := json.Marshal(m)
	var out []string
	d := json.NewDecoder(bytes.NewReader(b))
	_, _ = d.Token()
	for d.More() {
		k, _ := d.Token()
		out = append(out, k.(string))
		var skip json.RawMessage
		_ = d.Decode(&skip)
	}
	return strings.Join(out, " ")
}

func nullArray(at string, v any) string {
	switch v := v.(type) {
	case nil:
		if !strings.HasSuffix(at, ".suppressed") && !strings.HasSuffix(at, ".offset") && !strings.HasSuffix(at, ".cell") {
			return at
		}
	case map[string]any:
		for k, e := range v {
			if s := nullArray(at+"."+k, e); s != "" {
				return s
			}
		}
	case []any:
		for _, e := range v {
			if s := nullArray(at+"[]", e); s != "" {
				return s
			}
		}
	}
	return ""
}

func TestRunsDifferInTimesOnly(t *testing.T) {
	a, b := reporttest.Sample(), reporttest.Sample()
	b.Scan.Started = b.Scan.Started.Add(time.Hour)
	b.Scan.Duration *= 3
	x := strings.Split(string(reporttest.Write(t, New(), a, report.Options{})), "\n")
	y := strings.Split(string(reporttest.Write(t, New(), b, report.Options{})), "\n")
	var differ []string
	for i := range x {
		if x[i] != y[i] {
			differ = append(differ, strings.Fields(x[i])[0])
		}
	}
	if diff := cmp.Diff([]string{`"started_at":`, `"duration_ms":`}, differ); diff != "" {
		t.Errorf("lines that differ (-want +got):\n%s", diff)
	}
}

func TestValuesWithoutJSON(t *testing.T) {
	d := reporttest.Sample()
	d.Scan.Facts = []asset.Fact{{Kind: "odd", Value: make(chan int)}, {Kind: "nan", Value: math.NaN()}}
	d.Scan.Measurements = []scan.Measurement{{Name: "nan", Value: math.NaN(), High: math.Inf(1)}}
	d.Scan.Findings[0].Attrs = map[string]any{"fn": func() {}, "bytes": []byte{0xff}, "nested": map[string]any{"x": math.Inf(1)}}
	validate(t, schema(t), reporttest.Write(t, New(), d, report.Options{}))
}

func TestReadBaseline(t *testing.T) {
	d := reporttest.Hostile(reporttest.Attack)
	got, err := ReadBaseline(bytes.NewReader(reporttest.Write(t, New(), d, report.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	var want []Known
	for _, r := range d.Scan.Findings {
		want = append(want, Known{r.Fingerprint, r.MovePrint, r.Rule.ID, r.Asset})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ReadBaseline (-want +got):\n%s", diff)
	}
	for in, part := range map[string]string{
		"":                       "not a JSON report",
		"[]":                     "not a JSON report",
		"{":                      "not a JSON report",
		`{"findings":[]}`:        "no schema_version",
		`{"schema_version":"2"}`: "write the report again",
		`{"schema_version":"1"}`: "no findings array",
		`{"schema_version":"1","findings":[{"rule":"a/b"}]}`:                                  "finding 1 has no valid fingerprint",
		`{"schema_version":"1","findings":[{"fingerprint":"../../etc/passwd","rule":"a/b"}]}`: "finding 1 has no valid fingerprint",
	} {
		if _, err := ReadBaseline(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("ReadBaseline(%q) = %v, want an error with %q", in, err, part)
		}
	}
}

func FuzzWrite(f *testing.F) {
	s := schema(f)
	f.Add(reporttest.Attack)
	f.Add("\xed\xa0\x80\U0010ffff")
	f.Fuzz(func(t *testing.T, text string) {
		validate(t, s, reporttest.Write(t, New(), reporttest.Hostile(text), report.Options{}))
	})
}

func FuzzReadBaseline(f *testing.F) {
	f.Add([]byte(`{"schema_version":"1","findings":[{"fingerprint":"00112233445566778899aabbccddeeff"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		known, err := ReadBaseline(bytes.NewReader(b))
		if err != nil && known != nil {
			t.Fatal("findings beside an error")
		}
	})
}
