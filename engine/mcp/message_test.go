package mcp

import "testing"

func TestParse(t *testing.T) {
	for s, ok := range map[string]bool{
		`{"jsonrpc":"2.0","id":1,"result":{}}`: true, " {\"jsonrpc\":\"2.0\",\"method\":\"x\"}\r": true,
		`[{"jsonrpc":"2.0","id":1,"result":{}}]`: false, `{"jsonrpc":"1.0","id":1}`: false, `{"id":1}`: false, "": false, "null": false, "{": false,
		"{\"jsonrpc\":\"2.0\",\"method\":\"\xff\"}": false,
	} {
		if _, err := Parse([]byte(s)); (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
	for id, want := range map[string]bool{"4": true, `"4"`: true, "5": false, "null": false, `"04"`: false} {
		m, err := Parse([]byte(`{"jsonrpc":"2.0","id":` + id + `,"result":{}}`))
		if err != nil || m.answers(4) != want {
			t.Errorf("id %s: %v", id, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"x","data":{"supported":["2025-11-25"]}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		_ = m.answers(1)
		if _, err := Parse(reply(&m)); err != nil {
			t.Errorf("the reply to %q: %v", b, err)
		}
	})
}
