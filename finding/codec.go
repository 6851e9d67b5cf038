package finding

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNotPlain is returned by [Encode] for details that are not text, numbers, truth
// values or lists of text: they would not come back as they went.
var ErrNotPlain = errors.New("details of a finding cannot be kept")

// encoded is a record on its way to another run. Numbers stand for levels, since a
// level of 0 means that of the rule.
type encoded struct {
	Finding
	Attrs      map[string]plain `json:",omitempty"`
	Severity   uint8
	Confidence uint8
	Asset      string       `json:",omitempty"`
	Suppressed *Suppression `json:",omitempty"`
}

// plain is a value that keeps its type.
type plain struct {
	S *string  `json:",omitempty"`
	I *int     `json:",omitempty"`
	L *int64   `json:",omitempty"`
	F *float64 `json:",omitempty"`
	B *bool    `json:",omitempty"`
	T []string `json:",omitempty"`
}

func toPlain(v any) (p plain, err error) {
	switch v := v.(type) {
	case string:
		p.S = &v
	case int:
		p.I = &v
	case int64:
		p.L = &v
	case float64:
		p.F = &v
	case bool:
		p.B = &v
	case []string:
		if len(v) == 0 {
			return p, ErrNotPlain
		}
		p.T = v
	default:
		return p, fmt.Errorf("%T: %w", v, ErrNotPlain)
	}
	return p, nil
}

func (p plain) value() any {
	switch {
	case p.S != nil:
		return *p.S
	case p.I != nil:
		return *p.I
	case p.L != nil:
		return *p.L
	case p.F != nil:
		return *p.F
	case p.B != nil:
		return *p.B
	}
	return p.T
}

// Encode writes records so that [Decode] gives them back as they were before a report
// completed them: without fingerprints, and with the id of the rule alone.
func Encode(records []Record) ([]byte, error) {
	out := make([]encoded, len(records))
	for i, r := range records {
		e := encoded{Finding: r.Finding, Severity: uint8(r.Severity), Confidence: uint8(r.Confidence), Asset: r.Asset, Suppressed: r.Suppressed}
		e.Finding.Attrs, e.Finding.Severity, e.Finding.Confidence = nil, Info, Unsure
		for k, v := range r.Attrs {
			p, err := toPlain(v)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", r.Finding.Rule, k, err)
			}
			if e.Attrs == nil {
				e.Attrs = map[string]plain{}
			}
			e.Attrs[k] = p
		}
		out[i] = e
	}
	return json.Marshal(out)
}

// Decode reads what [Encode] wrote. rule gives the rule of an id; a record of an unknown
// rule is an error.
func Decode(b []byte, rule func(id string) (Rule, bool)) ([]Record, error) {
	var list []encoded
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, err
	}
	out := make([]Record, len(list))
	for i, e := range list {
		r := Record{Finding: e.Finding, Asset: e.Asset, Suppressed: e.Suppressed}
		r.Severity, r.Confidence = Severity(e.Severity), Confidence(e.Confidence)
		if r.Severity > Critical || r.Confidence > Sure {
			return nil, fmt.Errorf("finding %d has a level that does not exist", i)
		}
		for k, p := range e.Attrs {
			if r.Attrs == nil {
				r.Attrs = map[string]any{}
			}
			r.Attrs[k] = p.value()
		}
		var ok bool
		if r.Rule, ok = rule(e.Finding.Rule); !ok {
			return nil, fmt.Errorf("no rule %q", e.Finding.Rule)
		}
		out[i] = r
	}
	return out, nil
}
