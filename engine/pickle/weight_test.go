package pickle

import (
	"strings"
	"testing"
)

func TestWeightIsNeverTooSmall(t *testing.T) {
	for n := uint64(1); n < maxWeight; n += 1 + n/7 {
		w := packWeight(n)
		if got := unpackWeight(w); got < n || got-n > n>>13 || w > weightMask {
			t.Fatalf("%d is kept as %d", n, got)
		}
	}
}

// Shared tuples are found when they expand; the same number of opcodes without sharing,
// deep nesting and large flat tuples are not.
func TestExpansion(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		bomb bool
	}{
		"doubled":              {"K\x01" + strings.Repeat("2\x86", 60), true},
		"doubled by the memo":  {"K\x01q\x00" + strings.Repeat("h\x00h\x00\x86q\x000", 60), true},
		"tripled with padding": {"K\x01" + strings.Repeat("22\x87N\x86", 40), true},
		"doubled in a global":  {"cos\npath\n" + strings.Repeat("2\x86", 60), true},
		"doubled a little":     {"K\x01" + strings.Repeat("2\x86", 20), false},
		"deep":                 {"K\x01" + strings.Repeat("\x85", 50_000), false},
		"large":                {"(" + strings.Repeat("K\x01", 300_000) + "t", false},
		"shared in a list":     {"](K\x01K\x02K\x03\x87" + strings.Repeat("2", 100_000) + "e", false},
	} {
		_, res := run(t, "\x80\x02"+tt.body+".")
		bomb := false
		for _, i := range res.Issues {
			bomb = bomb || i.Kind == IssueExpansion
		}
		if bomb != tt.bomb {
			t.Errorf("%s: %v", name, res.Issues)
		}
	}
}

// CPython makes room for twice as many memo entries as the largest index.
func TestMemoIndexBeyondTheStream(t *testing.T) {
	for body, lost := range map[string]bool{"K\x01r\xff\xff\xff\x7f": true, "K\x01p9000000\n": true, "K\x01r\xff\xff\x00\x00": false} {
		_, res := run(t, "\x80\x02"+body+".")
		if got := len(res.Issues) > 0 && res.Issues[0].Kind == IssueMemoLost; got != lost {
			t.Errorf("%q: %v", body, res.Issues)
		}
	}
}
