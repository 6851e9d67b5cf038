package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/merlon-security/merlon/safeio"
	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
)

// maxNote bounds a checkpoint with its signatures in bytes.
const maxNote = 1 << 16

// Checkpoint is a signed statement about the first Size entries of a ledger (C2SP
// tlog-checkpoint).
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   []byte // 32 bytes, RFC 6962
	Note   []byte // as it was signed
}

// ParseCheckpoint reads a checkpoint and verifies its signature with the key of
// the ledger. Signatures of others, such as witnesses, are allowed and not judged.
func ParseCheckpoint(b []byte, verifier string) (Checkpoint, error) {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("the verifier key cannot be read: %w", err)
	}
	cp, _, _, err := log.ParseCheckpoint(b, v.Name(), v)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("the checkpoint is not signed by %s: %w", v.Name(), err)
	}
	if len(cp.Hash) != 32 {
		return Checkpoint{}, errors.New("the checkpoint has no SHA-256 root")
	}
	return Checkpoint{Origin: cp.Origin, Size: cp.Size, Root: cp.Hash, Note: b}, nil
}

// ReadCheckpoint returns the published checkpoint of a ledger.
func ReadCheckpoint(dir string, m Meta) (Checkpoint, error) {
	name := filepath.Join(logDir, "checkpoint")
	b, err := safeio.ReadFile(filepath.Join(dir, name), maxNote)
	if errors.Is(err, os.ErrNotExist) {
		return Checkpoint{}, &TamperError{File: name, Reason: "is missing"}
	}
	if err != nil {
		return Checkpoint{}, err
	}
	cp, err := ParseCheckpoint(b, m.Verifier)
	if err != nil {
		return cp, &TamperError{File: name, Reason: "does not count: " + err.Error()}
	}
	return cp, nil
}

// follows reports whether today's tree, whose root at c.Size is root, contains what
// an earlier checkpoint committed to.
func (c Checkpoint) follows(root []byte) error {
	if !bytes.Equal(c.Root, root) {
		return &TamperError{Reason: fmt.Sprintf("the first %d entries are not those that an earlier checkpoint committed to: history was rewritten, or two histories are shown", c.Size)}
	}
	return nil
}
