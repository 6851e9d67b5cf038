//go:build !unix

package safeio

import (
	"errors"
	"os"
)

// MapFile is not available here; content is read instead.
func MapFile(*os.File, int64, int) ([]byte, func(), error) { return nil, nil, errors.ErrUnsupported }
