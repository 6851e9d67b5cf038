package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/engine/git"
	"github.com/merlon-security/merlon/safeio"
	"github.com/spf13/cobra"
)

func newHook(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hook",
		Short: "keep credentials out of commits: a git hook",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "install",
		Short: "make git ask merlon before every commit in this repository",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return installHook(s) },
	}, &cobra.Command{
		Use:   "run",
		Short: "look at what is staged; the hook calls this",
		Long: `run looks for credentials in what the next commit would bring, and fails as merlon
scan does. It says nothing when there is nothing to say. merlon scan --staged looks at
the same with every scanner.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runHook(s) },
	})
	return cmd
}

// hookMark tells our hook from anybody else's.
const hookMark = "# installed by merlon hook install"

// installHook writes the pre-commit hook where git looks for it, and never over another.
func installHook(s streams) error {
	top, err := worktree()
	if err != nil {
		return err
	}
	r, err := git.Open(top)
	if err != nil {
		return usageErrorf("%w", err)
	}
	r.Close()
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("where merlon is: %w", err)
	}
	file := filepath.Join(r.Hooks(top), "pre-commit")
	old, err := os.ReadFile(file)
	switch {
	case err == nil && !strings.Contains(string(old), hookMark):
		return usageErrorf("%s exists: add the line \"merlon hook run\" to it", file)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("hook: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("hook: %w", err)
	}
	quoted := "'" + strings.ReplaceAll(filepath.ToSlash(self), "'", `'\''`) + "'"
	script := "#!/bin/sh\n" + hookMark + "\nexec " + quoted + " hook run\n"
	if err := safeio.WriteFile(file, 0o755, func(w io.Writer) error { _, err := io.WriteString(w, script); return err }); err != nil {
		return fmt.Errorf("hook: %w", err)
	}
	fmt.Fprintf(s.out, "%s asks merlon from now on; git commit --no-verify skips it\n", file)
	return nil
}

// runHook looks at the staged contents of the repository that git runs it in.
func runHook(s streams) error {
	top, err := worktree()
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	var out bytes.Buffer
	f := scanFlags{format: "table", severity: "medium", staged: true, only: []string{"secret", "notebook"}, index: os.Getenv("GIT_INDEX_FILE")}
	err = f.run(ctx, streams{in: s.in, out: &out, err: s.err}, []string{top})
	if err != nil {
		_, _ = s.out.Write(out.Bytes())
	}
	if errors.Is(err, errGateFailed) {
		fmt.Fprintln(s.err, "merlon: the commit is stopped. Take the finding out, or decide to live with it: merlon secret allow --help")
	}
	return err
}

// worktree returns the folder at or above the current one that holds .git, in the
// way the user would write it.
func worktree() (string, error) {
	dir := "."
	for range 100 {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir, nil
		}
		abs, err := filepath.Abs(dir)
		if err != nil || abs == filepath.Dir(abs) {
			break
		}
		dir = filepath.Join("..", dir)
	}
	return "", usageErrorf("no git repository here or above")
}
