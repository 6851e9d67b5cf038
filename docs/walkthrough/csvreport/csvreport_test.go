package csvreport

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/reporttest"
)

// part test
func TestHostileText(t *testing.T) {
	for _, attack := range []string{reporttest.Attack, `=HYPERLINK("http://evil.example")`, "a,\"b\nc"} {
		var b bytes.Buffer
		if err := (Format{}).Write(&b, reporttest.Hostile(attack), report.Options{}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatalf("a spreadsheet would not read it: %v", err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if strings.HasPrefix(cell, "=") {
					t.Errorf("cell %q is a formula", cell)
				}
			}
		}
	}
}

// end test
