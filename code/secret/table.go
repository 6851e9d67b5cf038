package secret

import (
	"bytes"
	"encoding/csv"
	"path"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text"
	"github.com/merlon-security/merlon/text/secret"
)

// Bounds of tables.
const (
	maxColumns = 10_000
	maxRows    = 20_000 // rows whose values are looked at under the names of their columns
)

// columns tells the rows and columns of a table with a header, and what only the name
// of a column makes a credential: its values stand far below it.
func (r *reporter) columns(d *secret.Detector, b []byte, known []secret.Match) {
	comma, ok := map[string]rune{".csv": ',', ".tsv": '\t'}[strings.ToLower(path.Ext(r.ref.Name()))]
	if !ok {
		return
	}
	cr := csv.NewReader(bytes.NewReader(b))
	cr.Comma, cr.LazyQuotes, cr.FieldsPerRecord, cr.ReuseRecord = comma, true, -1, true
	header, err := cr.Read()
	if err != nil || len(header) > maxColumns {
		return
	}
	var names []string
	var telling []int
	for i, name := range header {
		name = strings.TrimSpace(name)
		names = append(names, strings.Clone(name))
		if secret.Promises(name) {
			telling = append(telling, i)
		}
	}
	if len(telling) == 0 {
		return
	}
	seen := map[int]bool{}
	for _, m := range known {
		seen[m.Start] = true
	}
	line, at := 1, 0
	for row := 1; row <= maxRows; row++ {
		record, err := cr.Read()
		if err != nil {
			return
		}
		for _, i := range telling {
			if i >= len(record) || len(record[i]) < 8 || len(record[i]) > 4096 {
				continue
			}
			value := strings.TrimSpace(record[i])
			t := []byte(names[i] + "=" + strconv.Quote(value) + "\n")
			found := d.Find(t)
			for k := range found {
				m := &found[k]
				where := bytes.Index(b[min(at, len(b)):], t[m.Start:m.End])
				if where >= 0 {
					line += bytes.Count(b[at:at+where], newline)
					at += where
				}
				if seen[at] {
					continue
				}
				r.add(t, m, finding.Location{Ref: r.ref, Line: line, Col: 1 + at - lineOf(b, at)}, "column "+text.Visible(names[i])+", row "+strconv.Itoa(row), found)
			}
		}
	}
}
