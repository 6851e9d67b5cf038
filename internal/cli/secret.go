package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/merlon-security/merlon/internal/config"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/text/strictyaml"
	"github.com/spf13/cobra"
)

func newSecret(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secret",
		Short: "decide about credentials that were found",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var a allowance
	allow := &cobra.Command{
		Use:   "allow FINGERPRINT",
		Short: "live with one finding until a date",
		Long: `allow adds an entry to the ignore list of the configuration. FINGERPRINT names the
finding in the JSON report; it stays the same when lines shift, and for values that
cannot be guessed also when files move.`,
		Example: `  merlon secret allow 3f0c5d... --reason "key of the test server" --owner ada@example.com --until 2026-12-31`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.run(s, args[0], time.Now()) },
	}
	fl := allow.Flags()
	fl.StringVar(&a.reason, "reason", "", "why it is no danger")
	fl.StringVar(&a.owner, "owner", "", "who answers for that")
	fl.StringVar(&a.until, "until", "", "last day it holds, YYYY-MM-DD, at most 180 days ahead")
	fl.StringVar(&a.config, "config", config.FileName, "configuration `FILE`; it is made if it is not there")
	cmd.AddCommand(allow)
	return cmd
}

type allowance struct{ reason, owner, until, config string }

func (a allowance) run(s streams, fingerprint string, now time.Time) error {
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(fingerprint) {
		return usageErrorf("%q is no fingerprint: 32 hexadecimal digits, as merlon scan --format json prints them", fingerprint)
	}
	doc, err := safeio.ReadFile(a.config, strictyaml.MaxSize)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return usageErrorf("configuration: %w", err)
	}
	if strings.Contains(string(doc), fingerprint) {
		return usageErrorf("%s names this finding already", a.config)
	}
	entry := fmt.Sprintf("  - fingerprint: %s\n    reason: %q\n    owner: %q\n    until: %q\n", fingerprint, a.reason, a.owner, a.until)
	text := insertIgnore(string(doc), entry)
	if _, err := config.Parse([]byte(text), now); err != nil {
		return usageErrorf("%s would not be valid: %w", a.config, err)
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(a.config); err == nil {
		mode = info.Mode().Perm()
	}
	if err := safeio.WriteFile(a.config, mode, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	fmt.Fprintf(s.out, "%s: finding %s is allowed until %s\n", a.config, fingerprint, a.until)
	return nil
}

// insertIgnore puts an entry at the top of the ignore list, which it begins if there
// is none. Whether the result is right, the configuration's own reader says.
func insertIgnore(doc, entry string) string {
	var out strings.Builder
	done := false
	for line := range strings.Lines(doc) {
		out.WriteString(line)
		if !done && strings.TrimRight(line, " \r\n") == "ignore:" {
			if !strings.HasSuffix(line, "\n") {
				out.WriteString("\n")
			}
			out.WriteString(entry)
			done = true
		}
	}
	if !done {
		if doc != "" && !strings.HasSuffix(doc, "\n") {
			out.WriteString("\n")
		}
		out.WriteString("ignore:\n" + entry)
	}
	return out.String()
}
