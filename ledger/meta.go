package ledger

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/safeio"
	"golang.org/x/mod/sumdb/note"
)

const (
	metaFile = "ledger.json"
	walFile  = "wal.jsonl"
	logDir   = "log"
	lockName = "lock"

	metaVersion = 1
	maxMeta     = 1 << 16
)

// Meta says what a ledger is called and which key its checkpoints are signed with.
type Meta struct {
	Version  int    `json:"version"`
	Origin   string `json:"origin"`   // unique name, first line of every checkpoint
	Verifier string `json:"verifier"` // public key (golang.org/x/mod/sumdb/note, C2SP signed-note)
}

// ReadMeta reads ledger.json of a ledger.
func ReadMeta(dir string) (Meta, error) {
	path := filepath.Join(dir, metaFile)
	b, err := safeio.ReadFile(path, maxMeta)
	if errors.Is(err, os.ErrNotExist) {
		return Meta{}, fmt.Errorf("%s is not a ledger: it has no %s: %w", dir, metaFile, err)
	}
	if err != nil {
		return Meta{}, err
	}
	var m Meta
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return m, &TamperError{File: metaFile, Reason: "cannot be read: " + err.Error()}
	}
	if _, err := dec.Token(); err != io.EOF {
		return m, &TamperError{File: metaFile, Reason: "has something after its end"}
	}
	if m.Version != metaVersion {
		return m, fmt.Errorf("%s has version %d; this program reads version %d", path, m.Version, metaVersion)
	}
	v, err := note.NewVerifier(m.Verifier)
	if err != nil {
		return m, &TamperError{File: metaFile, Reason: "the verifier key cannot be read: " + err.Error()}
	}
	if v.Name() != m.Origin {
		return m, &TamperError{File: metaFile, Reason: fmt.Sprintf("the key belongs to %q, the ledger is called %q", v.Name(), m.Origin)}
	}
	return m, nil
}

func writeMeta(dir string, m Meta) error {
	return safeio.WriteFile(filepath.Join(dir, metaFile), 0o644, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(m)
	})
}

// GenerateKey makes a key pair for checkpoints of the ledger called origin: the
// signer (secret) and the verifier, both in the text form of C2SP signed-note.
func GenerateKey(origin string) (signer, verifier string, err error) {
	if origin == "" || strings.ContainsAny(origin, "+ \t\r\n") {
		return "", "", fmt.Errorf("a ledger cannot be called %q: no space, no plus sign, not empty", origin)
	}
	return note.GenerateKey(rand.Reader, origin)
}
