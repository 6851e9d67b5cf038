package merlon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/merlon-security/merlon/code/secret"
	"github.com/merlon-security/merlon/engine/git"
	"github.com/merlon-security/merlon/engine/keycheck"
	"github.com/merlon-security/merlon/scan"
	detect "github.com/merlon-security/merlon/text/secret"
)

// ErrNothingStaged is returned by [Scan] with Options.Staged when the repository has
// no index yet: the next commit would be empty.
var ErrNothingStaged = errors.New("nothing is staged")

// secretScanners adds what the options say about credentials to a list of scanners.
func secretScanners(list []scan.Scanner, o Options) ([]scan.Scanner, error) {
	history := secret.NewHistory()
	if o.Gitleaks != nil {
		types, err := detect.ReadGitleaks(o.Gitleaks)
		if err != nil {
			return nil, err
		}
		files, all, err := secret.NewWith(types)
		if err != nil {
			return nil, err
		}
		history = all
		list = substitute(list, files)
	}
	if o.History {
		list = append(list, history)
	}
	if o.Verify {
		c := keycheck.New(nil)
		ask := func(ctx context.Context, typ, value string) (string, bool, error) {
			state, ok, err := c.Check(ctx, typ, value)
			return string(state), ok, err
		}
		for i, s := range list {
			list[i] = secret.Verifying(s, ask)
		}
	}
	return list, nil
}

// stagedIndexes returns the indexes of the repositories at the paths.
func stagedIndexes(paths []string, index string) ([]string, error) {
	var list []string
	for _, p := range paths {
		r, err := git.Open(p)
		if err != nil {
			return nil, fmt.Errorf("staged changes: %w", err)
		}
		r.Close()
		file := filepath.Join(r.Dir, "index")
		if index != "" {
			file = index
		}
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		list = append(list, file)
	}
	if len(list) == 0 {
		return nil, ErrNothingStaged
	}
	return list, nil
}
