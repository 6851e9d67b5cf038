package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/text"
)

// decisionTable prints a decision: a line per rule, and what to do about those that do
// not hold.
func decisionTable(out io.Writer, in gate.Input, d evidence.Decision) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "%s  %s\npolicy %s\n\n", text.Visible(in.Asset.Name), in.Asset.Digest, text.Visible(d.Policy))
	width := 0
	for _, r := range d.Rules {
		width = max(width, len(text.Visible(r.ID)))
	}
	for _, r := range d.Rules {
		fmt.Fprintf(w, "  %-10s  %-*s  %s\n", r.Outcome, width, text.Visible(r.ID), text.Visible(r.Reason))
		if r.Remedy != "" && r.Outcome != evidence.Pass {
			fmt.Fprintf(w, "  %-10s  %-*s  -> %s\n", "", width, "", text.Visible(r.Remedy))
		}
	}
	fmt.Fprintln(w)
	for _, n := range d.Notes {
		fmt.Fprintf(w, "note: %s\n", text.Visible(n))
	}
	fmt.Fprintf(w, "%s\n", strings.ToUpper(string(d.Outcome)))
	return w.Flush()
}
