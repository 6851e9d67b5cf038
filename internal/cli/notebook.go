package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/merlon-security/merlon/code/notebook"
	"github.com/merlon-security/merlon/safeio"
	"github.com/spf13/cobra"
)

func newNotebook(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notebook",
		Short: "strip notebooks of what running them leaves behind",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var write, filter bool
	clean := &cobra.Command{
		Use:   "clean FILE...",
		Short: "remove outputs, execution counts and the state of widgets",
		Long: `clean removes from Jupyter notebooks what running them leaves behind: outputs,
execution counts, the state of widgets, times, who ran it. Every other byte stays.
It shows the difference; --write makes it.

As a filter of git, the files keep their outputs on disk and lose them in commits:

  git config filter.merlon-notebook.clean "merlon notebook clean --stdin"
  git config filter.merlon-notebook.required true
  echo "*.ipynb filter=merlon-notebook" >> .gitattributes`,
		Example: `  merlon notebook clean explore.ipynb
  merlon notebook clean --write notebooks/*.ipynb`,
		RunE: func(_ *cobra.Command, files []string) error {
			if filter {
				if len(files) > 0 || write {
					return usageErrorf("--stdin takes no files and no --write")
				}
				return filterNotebook(s)
			}
			if len(files) == 0 {
				return usageErrorf("name at least one notebook, or use --stdin")
			}
			var errs []error
			for _, f := range files {
				errs = append(errs, cleanNotebook(s, f, write))
			}
			return errors.Join(errs...)
		},
	}
	clean.Flags().BoolVar(&write, "write", false, "change the files")
	clean.Flags().BoolVar(&filter, "stdin", false, "read a notebook from stdin and write it clean to stdout")
	cmd.AddCommand(clean)
	return cmd
}

// cleanNotebook shows or makes the difference of one file.
func cleanNotebook(s streams, file string, write bool) error {
	doc, err := safeio.ReadFile(file, notebook.MaxClean)
	if err != nil {
		return usageErrorf("%w", err)
	}
	clean, edits, err := notebook.Clean(doc)
	if err != nil {
		return usageErrorf("%s: %w", file, err)
	}
	if len(edits) == 0 {
		fmt.Fprintf(s.err, "%s is clean\n", file)
		return nil
	}
	if !write {
		fmt.Fprint(s.out, notebook.Diff(file, doc, edits))
		return nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return usageErrorf("%w", err)
	}
	if err := safeio.WriteFile(file, info.Mode().Perm(), func(w io.Writer) error { _, err := w.Write(clean); return err }); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	fmt.Fprintf(s.out, "%s: %d bytes removed\n", file, len(doc)-len(clean))
	return nil
}

// filterNotebook is a clean filter of git. What is no notebook fails, so that git
// can refuse to add it.
func filterNotebook(s streams) error {
	doc, err := io.ReadAll(io.LimitReader(s.in, notebook.MaxClean+1))
	if err != nil {
		return fmt.Errorf("stdin: %w", err)
	}
	if len(doc) > notebook.MaxClean {
		return usageErrorf("stdin: more than %d MB", notebook.MaxClean>>20)
	}
	clean, _, err := notebook.Clean(doc)
	if err != nil {
		return usageErrorf("stdin: %w", err)
	}
	_, err = s.out.Write(clean)
	return err
}
