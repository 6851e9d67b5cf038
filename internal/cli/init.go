package cli

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/merlon-security/merlon/internal/config"
	"github.com/spf13/cobra"
)

//go:embed init.yaml
var starter string

func newInit(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "write a commented " + config.FileName + " into the current folder",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			f, err := os.OpenFile(config.FileName, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, fs.ErrExist) {
				return usageErrorf("%s is already here; edit it, or remove it first", config.FileName)
			}
			if err != nil {
				return err
			}
			if _, err := f.WriteString(starter); err != nil {
				return errors.Join(err, f.Close())
			}
			if err := f.Close(); err != nil {
				return err
			}
			_, err = fmt.Fprintf(s.out, "wrote %s; next: merlon scan\n", config.FileName)
			return err
		},
	}
}
