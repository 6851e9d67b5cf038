package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign"
)

// inputs returns what was read, in order of names, without what lies in one of the
// folders that were declared as a whole.
func (b *book) inputs(ctx context.Context, dir string, declared []string) ([]evidence.Resource, error) {
	var open []string
	covered := map[string]bool{}
	for p, e := range b.files {
		if !e.read {
			continue
		}
		if covered[p] = slices.ContainsFunc(declared, func(d string) bool { return below(p, d) }); !covered[p] && e.digest == "" {
			open = append(open, p)
		}
	}
	if err := parallel(ctx, open, func(p string) error { return b.files[p].hash(p) }); err != nil {
		return nil, err
	}
	var out []evidence.Resource
	for _, p := range slices.Sorted(maps.Keys(b.files)) {
		if e := b.files[p]; e.read && !covered[p] {
			out = append(out, resource(nameIn(dir, p), e.digest))
		}
	}
	return out, nil
}

// outputs returns what was written and is still there, in order of names.
func (b *book) outputs(ctx context.Context, dir string) ([]evidence.Resource, error) {
	var list []string
	for _, p := range slices.Sorted(maps.Keys(b.files)) {
		if info, err := os.Lstat(p); b.files[p].written && err == nil && info.Mode().IsRegular() {
			list = append(list, p)
		}
	}
	sums := map[string]string{}
	var mu sync.Mutex
	err := parallel(ctx, list, func(p string) error {
		sum, err := digestOf(p)
		mu.Lock()
		defer mu.Unlock()
		sums[p] = sum
		return err
	})
	var out []evidence.Resource
	for _, p := range list {
		if e := b.files[p]; e.read && e.digest == sums[p] {
			continue // opened for writing, and left as it was
		}
		out = append(out, resource(nameIn(dir, p), sums[p]))
	}
	return out, err
}

func resource(name, sum string) evidence.Resource {
	return evidence.Resource{Name: name, Digest: map[string]string{"sha256": sum}}
}

// nameIn is how a file is called in a record: below the project with slashes, another
// by its whole path.
func nameIn(dir, path string) string {
	if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(path)
}

// identify names what was declared by digest.
func identify(ctx context.Context, dir string, paths []string) ([]evidence.Resource, error) {
	var out []evidence.Resource
	for _, p := range paths {
		real, err := realPath(at(dir, p))
		if err != nil {
			return nil, err
		}
		id, err := sign.Identify(ctx, real, sign.IdentityOptions{})
		if err != nil {
			return nil, err
		}
		out = append(out, evidence.Resource{Name: nameIn(dir, real), Digest: id.Subject().Digest})
	}
	return out, nil
}

func at(dir, p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(dir, p)
}

// merge joins lists of resources; of two with the same name the first stays.
func merge(lists ...[]evidence.Resource) []evidence.Resource {
	out := []evidence.Resource{}
	seen := map[string]bool{}
	for _, l := range lists {
		for _, r := range l {
			if !seen[r.Name] {
				seen[r.Name] = true
				out = append(out, r)
			}
		}
	}
	slices.SortFunc(out, func(a, b evidence.Resource) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

// parallel calls do for each of a list, and joins the errors.
func parallel(ctx context.Context, list []string, do func(string) error) error {
	work := make(chan string)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		wg.Go(func() {
			for p := range work {
				if err := do(p); err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
			}
		})
	}
	for _, p := range list {
		if ctx.Err() != nil {
			break
		}
		work <- p
	}
	close(work)
	wg.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}
