// Package staged shows all scanners what the next commit of a git repository would
// bring: the contents in its index that differ from the commit that is checked out.
// The file that it wants is the index itself.
package staged

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/git"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner. It takes part only where it is asked for.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

// Info implements [scan.Scanner].
func (scanner) Info() scan.Info {
	return scan.Info{ID: "staged", Version: "1", Interest: &scan.Interest{Magics: scan.At(0, "DIRC")}}
}

// Wants takes an index that was named, not one inside an archive.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if bytes.HasPrefix(fi.Head, []byte("DIRC")) && len(fi.Ref.Inner) == 0 {
		return scan.Yes
	}
	return scan.No
}

// Scan derives the staged files under their own paths.
func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	index := filepath.FromSlash(f.Ref().Path)
	r, err := git.Open(filepath.Dir(index))
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err := r.Borrow(nil); err != nil { // whoever commits here trusts what is shared
		return err
	}
	r.Index = index
	files, err := r.Staged()
	if err != nil {
		return err
	}
	// Paths begin where the worktree does; that of a bare index is unknown.
	top := strings.TrimSuffix(path.Dir(f.Ref().Path), ".git")
	if b, err := os.ReadFile(filepath.Join(filepath.Dir(index), "gitdir")); err == nil { // of a linked worktree
		top = filepath.ToSlash(filepath.Dir(strings.TrimSpace(string(b))))
	}
	for _, x := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		_, body, err := r.Read(x.ID)
		if err != nil {
			s.Fail(fmt.Errorf("%s: %w", x.Path, err))
			continue
		}
		if err := s.Derive(scan.Derived{Ref: asset.Ref{Path: path.Join(top, x.Path)}, Body: bytes.NewReader(body)}); err != nil {
			return err
		}
	}
	return nil
}

var _ scan.Scanner = scanner{}
