// Package adapter is the walked example of docs/contributing.md: a scanner for
// the configuration of fine-tuned adapters. It is tested, and in no table.
package adapter

import (
	"context"
	"encoding/json"
	"fmt"
	"path"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// Scanner looks at adapter_config.json of PEFT: it names the model that the
// adapter is added to.
type Scanner struct{}

// Info describes the scanner.
func (Scanner) Info() scan.Info {
	return scan.Info{ID: "adapter", Version: "1", Rules: rules(),
		Interest: &scan.Interest{Names: []string{"adapter_config.json"}}}
}

// Wants is asked about the files that fit the interest. The case of a name does not
// count there, and to PEFT it does.
func (Scanner) Wants(fi scan.FileInfo) scan.Need {
	if path.Base(fi.Ref.Name()) == "adapter_config.json" {
		return scan.Yes
	}
	return scan.No
}

// maxSize bounds what is read. Real files have 1 KB.
const maxSize = 1 << 20

type config struct {
	Base     string  `json:"base_model_name_or_path"`
	Revision *string `json:"revision"`
}

// Scan reports what the configuration leaves open. An error says that the file
// was not looked at, and makes the scan incomplete.
func (Scanner) Scan(_ context.Context, f scan.File, s *scan.Sink) error {
	doc, err := scan.Bytes(f, maxSize)
	if err != nil {
		return fmt.Errorf("adapter configuration: %w", err)
	}
	var c config
	if err := json.Unmarshal(doc, &c); err != nil {
		return fmt.Errorf("adapter configuration: %w", err)
	}
	if c.Base != "" && c.Revision == nil {
		s.Report(finding.Finding{
			Rule:    unpinnedBase,
			Message: fmt.Sprintf("base model %q without a revision", c.Base),
			Key:     c.Base, // what stays the same when lines shift
		})
	}
	return nil
}

var _ scan.Scanner = Scanner{}
