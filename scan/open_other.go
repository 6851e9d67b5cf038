//go:build !unix

package scan

import "os"

func openFlags(bool) int { return os.O_RDONLY }
