package notebook

import (
	"errors"
	"strings"

	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/scan"
)

const (
	maxExported  = 16 << 20
	magicComment = "# MAGIC"
)

// exported looks at a notebook that Databricks wrote as Python source: cells between
// lines "# COMMAND ----------", other languages in lines "# MAGIC %sh". The Python is
// an ordinary file, which the Python scanner takes by itself.
func exported(f scan.File, s *scan.Sink) error {
	b, err := safeio.ReadAll(f, maxExported)
	if err != nil {
		return errors.Join(errors.New("notebook of Databricks"), err)
	}
	r := &report{ref: f.Ref(), sink: s}
	var cell []string
	from, at := 0, 0
	flush := func() {
		if len(cell) > 0 {
			_, commands := toPython(strings.Join(cell, "\n"), true)
			for _, c := range commands {
				c.line += from
				c.col += len(magicComment) + 1
				r.command(r.ref, c)
			}
		}
		cell = nil
	}
	for line := range strings.Lines(string(b)) {
		body := strings.TrimRight(line, "\r\n")
		rest, ok := strings.CutPrefix(body, magicComment)
		if ok {
			if len(cell) == 0 {
				from = at
			}
			cell = append(cell, strings.TrimPrefix(rest, " "))
		} else {
			flush()
		}
		at++
	}
	flush()
	return nil
}
