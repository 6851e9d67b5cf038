package record

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/merlon-security/merlon/engine/git"
	"github.com/merlon-security/merlon/evidence"
)

// code says which commit is checked out in the repository of a folder. Git is not run.
func code(ctx context.Context, dir string) (evidence.Code, error) {
	var c evidence.Code
	for at := dir; ; at = filepath.Dir(at) {
		repo, err := git.Open(at)
		if errors.Is(err, git.ErrNone) {
			if at == filepath.Dir(at) {
				return c, nil // none
			}
			continue
		}
		if err != nil {
			return c, err
		}
		defer repo.Close()
		c.Repository = repo.Remote()
		id, ok, err := repo.Head()
		if err != nil {
			return c, err
		}
		if c.Dirty = !ok; !ok {
			return c, nil
		}
		c.Commit = id.String()
		c.Dirty, err = repo.Changed(ctx, at)
		return c, err
	}
}
