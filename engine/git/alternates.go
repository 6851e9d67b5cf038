package git

import (
	"bytes"
	"path/filepath"
)

// maxAlternates is how many folders with objects of others are followed; git follows
// them five levels deep.
const maxAlternates = 16

// Borrow follows objects/info/alternates (gitrepository-layout(5)): a clone that
// shares objects keeps some of its own in another repository. Folders that may is not
// asked for are returned; may is nil when all are to be followed. Objects that are
// only there are [ErrMissing] otherwise.
func (r *Repo) Borrow(may func(dir string) bool) (refused []string, err error) {
	seen := map[string]bool{}
	for i := 0; i < len(r.objects); i++ {
		b, err := readSmall(filepath.Join(r.objects[i], "info", "alternates"))
		if err != nil {
			continue
		}
		for line := range bytes.Lines(b) {
			dir := string(bytes.TrimSpace(line))
			if dir == "" || dir[0] == '#' {
				continue
			}
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(r.objects[i], filepath.FromSlash(dir))
			}
			if seen[dir] {
				continue
			}
			seen[dir] = true
			if len(seen) > maxAlternates || may != nil && !may(dir) {
				refused = append(refused, dir)
				continue
			}
			if err := r.follow(dir); err != nil {
				return refused, err
			}
		}
	}
	return refused, nil
}
