package evidence

import (
	"encoding/json"
	"strings"
	"testing"
)

var digest = map[string]string{"sha256": strings.Repeat("ab", 32)}

func TestStatementRoundTrip(t *testing.T) {
	s, err := New(ScanType, map[string]int{"findings": 0}, Subject{Name: "model.pkl", Digest: digest})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Parse(b)
	if err != nil || back.PredicateType != ScanType || string(back.Predicate) != `{"findings":0}` || back.Subject[0].Name != "model.pkl" {
		t.Errorf("%+v, %v", back, err)
	}
	// Framework: consumers ignore fields they do not know.
	if _, err := Parse([]byte(strings.Replace(string(b), "{", `{"later":1,`, 1))); err != nil {
		t.Errorf("unknown field: %v", err)
	}
	if _, err := Parse(append(b, '{')); err == nil {
		t.Error("trailing data was accepted")
	}
}

func TestStatementCheck(t *testing.T) {
	for name, f := range map[string]func() (Statement, error){
		"no subject": func() (Statement, error) { return New(ScanType, 1) },
		"no digest":  func() (Statement, error) { return New(ScanType, 1, Subject{Name: "x"}) },
		"upper case": func() (Statement, error) {
			return New(ScanType, 1, Subject{Digest: map[string]string{"sha256": strings.Repeat("AB", 32)}})
		},
		"no predicate": func() (Statement, error) { return New("", 1, Subject{Digest: digest}) },
		"other type":   func() (Statement, error) { return Parse([]byte(`{"_type":"x"}`)) },
		"not json":     func() (Statement, error) { return Parse([]byte(`x`)) },
	} {
		if _, err := f(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
