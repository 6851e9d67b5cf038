//go:build !unix

package ledger

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/mod/sumdb/note"
)

var errUnsupported = errors.New("a ledger needs POSIX file locks and atomic renames, which this system does not have: keep it on Linux or macOS")

// Supported reports why a ledger cannot be kept on this system.
func Supported() error { return errUnsupported }

type sealer struct{}

func newSealer(context.Context, string, note.Signer, time.Duration) (*sealer, error) {
	return nil, errUnsupported
}
func (*sealer) add(context.Context, uint64, []byte) error { return errUnsupported }
func (*sealer) close(context.Context, uint64) error       { return errUnsupported }
func (*sealer) abandon()                                  {}

func lockFile(context.Context, string, time.Duration) (*os.File, error) { return nil, errUnsupported }
