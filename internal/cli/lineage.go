package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/pipeline/lineage"
	"github.com/merlon-security/merlon/safeio"
	"github.com/spf13/cobra"
)

type lineageFlags struct {
	dir    string
	keys   []string
	ignore []string
	format string
	output string
}

func newLineage(s streams) *cobra.Command {
	var f lineageFlags
	cmd := &cobra.Command{
		Use:   "lineage PATH",
		Short: "draw where a model comes from and where it went, and how well that is known",
		Long: `lineage draws from signed evidence how a model or dataset (a path, or sha256:HEX) came
to be: runs, their code and inputs, back to the datasets; what was checked and decided;
where it is deployed. Each part is

  proved    a trusted key signed what a program observed or computed
  asserted  somebody says so, such as a model card, or inputs that were declared
  missing   nobody does

Without --key no signature is checked, and nothing is proved.

Exit code: 0, also where parts are missing; 2 usage; 3 the folder could not be read; 4
something in the folder is refused.`,
		Example: `  merlon lineage model.joblib --evidence evidence --key ci.pub
  merlon lineage model.joblib --evidence evidence --key ci.pub --format html --output lineage.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return f.run(ctx, s, args[0])
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.dir, "evidence", "", "folder of evidence `DIR`")
	fl.StringArrayVar(&f.keys, "key", nil, "public key to trust: PEM `[NAME=]FILE`, or vault://MOUNT/keys/NAME; may be given many times")
	fl.StringArrayVar(&f.ignore, "ignore", nil, "a file or folder that is not part of the model, `PATH` below it; may be given many times")
	fl.StringVar(&f.format, "format", "text", "format: text, html, json")
	fl.StringVarP(&f.output, "output", "o", "", "write to `FILE` and not to stdout")
	return cmd
}

func (f lineageFlags) run(ctx context.Context, s streams, path string) error {
	switch {
	case f.format != "text" && f.format != "html" && f.format != "json":
		return usageErrorf("unknown format %q (one of text, html, json)", f.format)
	case f.dir == "":
		return usageErrorf("--evidence is missing: name the folder")
	}
	keys, names, err := namedKeys(ctx, f.keys)
	if err != nil {
		return err
	}
	subject, err := subjectOf(ctx, path, f.dir, f.ignore)
	if err != nil {
		return err
	}
	g, err := lineage.Build(ctx, lineage.Options{Subject: subject, Folder: evidence.Folder{Dir: f.dir}, Trusted: keys, KeyNames: names})
	if errors.Is(err, fs.ErrNotExist) {
		return usageErrorf("--evidence: %s does not exist", f.dir)
	}
	if err != nil {
		return err
	}
	write := func(w io.Writer) error {
		switch f.format {
		case "html":
			return g.WriteHTML(w)
		case "json":
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(g)
		}
		return g.WriteText(w, quoteLine)
	}
	if f.output != "" {
		err = safeio.WriteFile(f.output, 0o644, write)
	} else {
		err = write(s.out)
	}
	if err == nil && len(g.Refused) > 0 {
		err = &codeError{exitInvalid, errors.New("")}
	}
	return err
}
