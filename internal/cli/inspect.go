package cli

import (
	"bufio"
	"slices"
	"strings"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/report/inspection"
	"github.com/spf13/cobra"
)

type inspectFlags struct {
	format  string
	tensors bool
	digest  bool
	hub     hubFlags
}

func newInspect(s streams) *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:   "inspect PATH",
		Short: "tell what a model is without loading it",
		Long: `inspect reads the headers of a model file, or of a folder taken as one model, and
tells what is inside: format, architecture, parameters, tensors, quantisation,
tokenizer, licence. What the bytes prove and what files merely claim are kept
apart.

PATH may also be hf:ORG/NAME, hf:ORG/NAME@REVISION or
kaggle:OWNER/MODEL/FRAMEWORK/VARIATION for a model that huggingface_hub or kagglehub
has already downloaded to this machine. With --download, a hf: model is fetched from
the hub into quarantine: a folder that no library looks into. Nothing else connects.

Exit code: 0 everything was read, 2 usage, 3 a file could not be read to its end.`,
		Example: `  merlon inspect model.safetensors
  merlon inspect --tensors model.gguf
  merlon inspect --digest ./my-model
  merlon inspect hf:org/name --format json
  merlon inspect --download hf:org/name@v1.0
  merlon inspect model.onnx --format html > model.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return f.run(s, args[0]) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.format, "format", "table", "format on stdout: "+strings.Join(inspection.Formats(), ", "))
	fl.BoolVar(&f.tensors, "tensors", false, "list every tensor: name, type, shape, bytes")
	fl.BoolVar(&f.digest, "digest", false, "SHA-256 of every file, and the root that names the model as a whole (reads every byte)")
	f.hub.add(fl)
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(inspection.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (f inspectFlags) run(s streams, name string) error {
	if !slices.Contains(inspection.Formats(), f.format) {
		return usageErrorf("unknown format %q (one of %s)", f.format, strings.Join(inspection.Formats(), ", "))
	}
	ctx, stop := interruptible()
	defer stop()
	path, err := f.hub.resolve(ctx, s, name)
	if err != nil {
		return err
	}
	x, err := merlon.Inspect(ctx, merlon.InspectOptions{Name: name, Path: path, Digest: f.digest})
	switch {
	case missing(err):
		return usageErrorf("path %q does not exist", name)
	case err != nil:
		return err
	}
	b := bufio.NewWriter(s.out)
	err = inspection.Write(b, f.format, x, inspection.Options{Tensors: f.tensors, Color: useColor(s.out), Width: terminalWidth(s.out), Version: merlon.Version()})
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return err
	}
	for _, file := range x.Files {
		if file.Err != "" {
			return errIncomplete
		}
	}
	return nil
}
