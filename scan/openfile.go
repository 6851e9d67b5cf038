package scan

import (
	"io"

	"github.com/merlon-security/merlon/asset"
)

// OpenFile opens a regular file as a scan would, for callers that ask scanners
// themselves. shown is how the file is called in what they say. The closer must be
// closed when the file is no longer used.
func OpenFile(path, shown string) (File, FileInfo, io.Closer, error) {
	d, head, err := open(path, true, make([]byte, HeadSize))
	if err != nil {
		return nil, FileInfo{}, nil, err
	}
	f := &file{Content: d, ref: asset.Ref{Path: shown}, head: head}
	return f, f.info(), d, nil
}
