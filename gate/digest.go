package gate

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// worstFirst returns a copy of findings in order, never nil. There may be many.
func worstFirst(list []Item) []Item {
	order := make([]*Item, len(list))
	for i := range list {
		order[i] = &list[i]
	}
	slices.SortFunc(order, func(a, b *Item) int {
		if c := cmp.Compare(b.Severity, a.Severity); c != 0 {
			return c
		}
		if c := cmp.Compare(b.Confidence, a.Confidence); c != 0 {
			return c
		}
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return cmp.Or(strings.Compare(a.Fingerprint, b.Fingerprint), strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Suppressed, b.Suppressed), strings.Compare(a.Category, b.Category), strings.Compare(a.Asset, b.Asset))
	})
	out := make([]Item, len(list))
	for i, it := range order {
		out[i] = *it
	}
	return out
}

// digest names an input that is in order by the SHA-256 of its JSON.
func (in Input) digest() (string, error) {
	b, err := in.json()
	if err != nil {
		return "", fmt.Errorf("gate input: %w", err)
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// json is what json.Marshal writes of an input, in a third of the time: most of it
// are findings.
func (in Input) json() ([]byte, error) {
	list := in.Findings
	in.Findings = []Item{}
	rest, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	key := []byte(`"findings":[`) // exceptions have one too, behind it
	before, after, _ := bytes.Cut(rest, key)
	out := make([]byte, 0, len(rest)+300*len(list))
	out = append(append(out, before...), key...)
	for i, it := range list {
		if i > 0 {
			out = append(out, ',')
		}
		if out, err = it.appendJSON(out); err != nil {
			return nil, err
		}
	}
	return append(out, after...), nil
}

func (it *Item) appendJSON(b []byte) ([]byte, error) {
	for _, f := range [...]struct{ key, value string }{
		{`{"fingerprint":`, it.Fingerprint}, {`,"rule":`, it.Rule}, {`,"severity":`, it.Severity.String()},
		{`,"confidence":`, it.Confidence.String()}, {`,"category":`, it.Category}, {`,"path":`, it.Path},
		{`,"asset":`, it.Asset}, {`,"suppressed":`, it.Suppressed},
	} {
		b = append(b, f.key...)
		if plainASCII(f.value) {
			b = append(append(append(b, '"'), f.value...), '"')
			continue
		}
		s, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		b = append(b, s...)
	}
	return append(b, '}'), nil
}

// plainASCII reports whether JSON writes a text as it is.
func plainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}
