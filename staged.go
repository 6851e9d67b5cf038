package merlon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/merlon-security/merlon/engine/git"
)

// ErrNothingStaged is returned by [Scan] with Options.Staged when the repository has
// no index yet: the next commit would be empty.
var ErrNothingStaged = errors.New("nothing is staged")

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
