package gate

import (
	"strings"
	"testing"
)

// TestEveryFieldIsDescribed: a row of the reference without text is a field that
// nobody can use.
func TestEveryFieldIsDescribed(t *testing.T) {
	for line := range strings.Lines(Reference()) {
		if strings.HasSuffix(strings.TrimSpace(line), "|  |") {
			t.Errorf("no description: %s", line)
		}
	}
}
