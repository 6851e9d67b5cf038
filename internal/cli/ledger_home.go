package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/ledger"
	"github.com/merlon-security/merlon/safeio"
)

// userDir is a folder of the XDG Base Directory Specification: XDG_DATA_HOME with
// .local/share, XDG_STATE_HOME with .local/state.
func userDir(variable string, fallback ...string) (string, error) {
	if d := os.Getenv(variable); filepath.IsAbs(d) {
		return filepath.Join(d, "merlon"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no folder for merlon's files: set %s (%w)", variable, err)
	}
	return filepath.Join(append(append([]string{home}, fallback...), "merlon")...), nil
}

// ledgerFile names what this user keeps about a ledger by its unique name: a copy of
// the folder elsewhere is the same ledger.
func ledgerFile(origin, suffix string) string {
	h := sha256.Sum256([]byte(origin))
	return filepath.Join("ledger", hex.EncodeToString(h[:8])+suffix)
}

// ledgerKeyPath is where the secret key of a ledger is.
func ledgerKeyPath(flag, origin string) (string, error) {
	if flag != "" {
		return flag, nil
	}
	d, err := userDir("XDG_DATA_HOME", ".local", "share")
	return filepath.Join(d, ledgerFile(origin, ".key")), err
}

// readLedgerKey reads the secret key of a ledger.
func readLedgerKey(flag, origin string) (string, error) {
	path, err := ledgerKeyPath(flag, origin)
	if err != nil {
		return "", err
	}
	b, err := safeio.ReadFile(path, 4096)
	if errors.Is(err, fs.ErrNotExist) {
		return "", usageErrorf("no key for the ledger %s in %s: give the one that merlon ledger init made with --key FILE", origin, path)
	}
	if err != nil {
		return "", usageErrorf("the key of the ledger: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// writeNew makes a file that must not exist yet.
func writeNew(path string, perm os.FileMode, content string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	return errors.Join(err, f.Sync(), f.Close())
}

// remembered is the last checkpoint that this user saw of a ledger. A ledger that
// does not extend it was rolled back or rewritten.
type remembered struct {
	path string
	cp   ledger.Checkpoint
	ok   bool
}

// remember finds it. A file that does not belong to the ledger's key is as good as
// an attack: whoever replaced the folder replaced the key as well.
func remember(m ledger.Meta) (remembered, error) {
	d, err := userDir("XDG_STATE_HOME", ".local", "state")
	if err != nil {
		return remembered{}, err
	}
	r := remembered{path: filepath.Join(d, ledgerFile(m.Origin, ".checkpoint"))}
	b, err := safeio.ReadFile(r.path, 1<<16)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("the checkpoint seen last: %w", err)
	}
	if r.cp, err = ledger.ParseCheckpoint(b, m.Verifier); err != nil {
		return r, &ledger.TamperError{Reason: fmt.Sprintf("the checkpoint seen last (%s) is by another key: %v", r.path, err)}
	}
	r.ok = true
	return r, nil
}

// keep stores a newer checkpoint.
func (r remembered) keep(cp ledger.Checkpoint) error {
	if r.ok && r.cp.Size >= cp.Size {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(r.path), 0o700); err != nil {
		return err
	}
	return safeio.WriteFile(r.path, 0o600, func(w io.Writer) error {
		_, err := w.Write(cp.Note)
		return err
	})
}

// earlier is the remembered checkpoint as a list.
func (r remembered) earlier() []ledger.Checkpoint {
	if !r.ok {
		return nil
	}
	return []ledger.Checkpoint{r.cp}
}
