package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/merlon-security/merlon/safeio"
)

// integrated is what Tessera has put into tiles, published or not.
type integrated struct {
	Size uint64 `json:"size"`
	Root []byte `json:"root"`
}

// readIntegrated reads the state of the POSIX driver. It is not signed, and the next
// checkpoint would be made from it: so it has to agree with the entries before
// Tessera is started.
func readIntegrated(dir string) (integrated, error) {
	name := filepath.Join(logDir, ".state", "treeState")
	b, err := safeio.ReadFile(filepath.Join(dir, name), maxMeta)
	if errors.Is(err, os.ErrNotExist) {
		return integrated{}, &TamperError{File: name, Reason: "is missing"}
	}
	if err != nil {
		return integrated{}, err
	}
	var s integrated
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return s, &TamperError{File: name, Reason: "cannot be read: " + err.Error()}
	}
	if _, err := dec.Token(); err != io.EOF {
		return s, &TamperError{File: name, Reason: "has something after its end"}
	}
	return s, nil
}

// history checks the entries against everything that was ever said about them while
// they are replayed.
type history struct {
	cp    Checkpoint
	state integrated
	older []Checkpoint // remembered, or brought by witnesses
	tree  tree
}

// check is called for every size the tree has, 0 included.
func (h *history) check() error {
	n := h.tree.size()
	if n == h.state.Size {
		if !bytes.Equal(h.tree.root(), h.state.Root) && n > 0 {
			return &TamperError{File: filepath.Join(logDir, ".state", "treeState"), Reason: fmt.Sprintf("has another root than the first %d entries of %s", n, walFile)}
		}
	}
	if n == h.cp.Size {
		if !bytes.Equal(h.tree.root(), h.cp.Root) {
			return &TamperError{Reason: fmt.Sprintf("the first %d entries of %s are not those that the signed checkpoint commits to", n, walFile)}
		}
	}
	for _, c := range h.older {
		if n == c.Size {
			if err := c.follows(h.tree.root()); err != nil {
				return err
			}
		}
	}
	return nil
}

// end is called after the last entry.
func (h *history) end() error {
	n := h.tree.size()
	for _, c := range h.older {
		if c.Size > n {
			return &TamperError{Seq: &n, Reason: fmt.Sprintf("is missing: an earlier checkpoint commits to %d entries, and there are %d: an older copy was put in place, or the end was cut off", c.Size, n)}
		}
	}
	switch {
	case h.cp.Size > n:
		return &TamperError{Seq: &n, File: walFile, Reason: fmt.Sprintf("is missing: the signed checkpoint commits to %d entries, and there are %d", h.cp.Size, n)}
	case h.state.Size > n:
		return &TamperError{Seq: &n, File: walFile, Reason: fmt.Sprintf("is missing: the tiles hold %d entries, and there are %d", h.state.Size, n)}
	case h.state.Size < h.cp.Size:
		return &TamperError{File: filepath.Join(logDir, ".state", "treeState"), Reason: fmt.Sprintf("speaks of %d entries, the signed checkpoint of %d", h.state.Size, h.cp.Size)}
	}
	for _, c := range h.older {
		if c.Size > h.cp.Size {
			return &TamperError{Reason: fmt.Sprintf("the published checkpoint commits to %d entries, an earlier one to %d: an older checkpoint was put in place", h.cp.Size, c.Size)}
		}
	}
	return nil
}
