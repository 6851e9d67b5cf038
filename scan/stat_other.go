//go:build !linux && !darwin

package scan

import (
	"io/fs"
	"time"
)

// identity is empty: nothing here tells for certain that a file has not changed, so its
// content is looked at.
func identity(fs.FileInfo) string { return "" }

func changed(info fs.FileInfo) time.Time { return info.ModTime() }
