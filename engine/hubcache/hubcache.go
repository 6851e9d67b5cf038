// Package hubcache finds models that other tools have downloaded before: in the
// caches of huggingface_hub and kagglehub. It reads the local disk only.
package hubcache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrMissing is wrapped by errors about models that are in no cache.
var ErrMissing = errors.New("not in the local cache")

// Env looks up an environment variable; [os.LookupEnv] for most callers.
type Env func(string) (string, bool)

// IsReference reports whether s names a model of a hub rather than a path.
func IsReference(s string) bool {
	return strings.HasPrefix(s, "hf:") || strings.HasPrefix(s, "kaggle:")
}

// Resolve returns the folder of a reference:
//
//	hf:ORG/NAME[@REVISION]                      (also hf:datasets/ORG/NAME)
//	kaggle:OWNER/MODEL/FRAMEWORK/VARIATION[/VERSION]
func Resolve(ref string, env Env) (string, error) {
	if rest, ok := strings.CutPrefix(ref, "hf:"); ok {
		return huggingFace(rest, env)
	}
	if rest, ok := strings.CutPrefix(ref, "kaggle:"); ok {
		return kaggle(rest, env)
	}
	return "", fmt.Errorf("%q is no reference to a hub: write hf:ORG/NAME or kaggle:OWNER/MODEL/FRAMEWORK/VARIATION", ref)
}

// home is the cache folder of the user (XDG Base Directory Specification).
func cacheHome(env Env) (string, error) {
	if d, ok := env("XDG_CACHE_HOME"); ok && d != "" {
		return d, nil
	}
	for _, name := range []string{"HOME", "USERPROFILE"} {
		if d, ok := env(name); ok && d != "" {
			return filepath.Join(d, ".cache"), nil
		}
	}
	return "", errors.New("no home folder: set HF_HUB_CACHE or KAGGLEHUB_CACHE")
}

// HuggingFaceCache is where huggingface_hub keeps repositories: HF_HUB_CACHE, or
// hub below HF_HOME, or below the user's cache folder.
func HuggingFaceCache(env Env) (string, error) {
	for _, name := range []string{"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"} {
		if d, ok := env(name); ok && d != "" {
			return d, nil
		}
	}
	if d, ok := env("HF_HOME"); ok && d != "" {
		return filepath.Join(d, "hub"), nil
	}
	d, err := cacheHome(env)
	return filepath.Join(d, "huggingface", "hub"), err
}

// HFRef names a repository of the Hugging Face Hub at a revision.
type HFRef struct {
	Kind     string // models, datasets or spaces
	Name     string // ORG/NAME, or NAME
	Revision string
}

// String is the reference as a user writes it.
func (r HFRef) String() string {
	s := "hf:"
	if r.Kind != "models" {
		s += r.Kind + "/"
	}
	if s += r.Name; r.Revision != "main" {
		s += "@" + r.Revision
	}
	return s
}

// Folder is the name of the repository's folder in a cache.
func (r HFRef) Folder() string {
	return r.Kind + "--" + strings.ReplaceAll(r.Name, "/", "--")
}

// ParseHF reads hf:ORG/NAME[@REVISION], with datasets/ or spaces/ before ORG.
func ParseHF(ref string) (HFRef, error) {
	repo, rev, _ := strings.Cut(strings.TrimPrefix(ref, "hf:"), "@")
	if rev == "" {
		rev = "main"
	}
	r := HFRef{Kind: "models", Name: repo, Revision: rev}
	for _, k := range []string{"datasets", "spaces", "models"} {
		if rest, ok := strings.CutPrefix(repo, k+"/"); ok && strings.Contains(rest, "/") {
			r.Kind, r.Name = k, rest
		}
	}
	parts := strings.Split(r.Name, "/")
	if !strings.HasPrefix(ref, "hf:") || len(parts) > 2 || slices.ContainsFunc(parts, func(p string) bool { return !plain(p) }) || !plainRevision(rev) {
		return r, fmt.Errorf("%s is no name of a repository: write hf:ORG/NAME or hf:ORG/NAME@REVISION", ref)
	}
	return r, nil
}

func huggingFace(name string, env Env) (string, error) {
	ref, err := ParseHF("hf:" + name)
	if err != nil {
		return "", err
	}
	cache, err := HuggingFaceCache(env)
	if err != nil {
		return "", err
	}
	root := filepath.Join(cache, ref.Folder())
	commit := ref.Revision
	if b, err := os.ReadFile(filepath.Join(root, "refs", filepath.FromSlash(ref.Revision))); err == nil && len(b) <= 64 {
		commit = strings.TrimSpace(string(b))
	}
	if plain(commit) {
		dir := filepath.Join(root, "snapshots", commit)
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir, nil
		}
	}
	return "", fmt.Errorf("hf:%s: %w; looked in %s. Get it with: hf download %s --revision %s; or into quarantine, to be looked at first: merlon inspect --download hf:%s", name, ErrMissing, root, ref.Name, ref.Revision, name)
}

// plain reports whether a part of a reference is one name, not a path.
func plain(p string) bool {
	return p != "" && p != "." && p != ".." && !strings.ContainsAny(p, `/\:`) && !strings.ContainsRune(p, 0)
}

// plainRevision allows the slashes that names of branches have.
func plainRevision(rev string) bool {
	return !slices.ContainsFunc(strings.Split(rev, "/"), func(p string) bool { return !plain(p) })
}

func kaggle(ref string, env Env) (string, error) {
	parts := strings.Split(ref, "/")
	if len(parts) < 4 || len(parts) > 5 || slices.ContainsFunc(parts, func(p string) bool { return !plain(p) }) {
		return "", fmt.Errorf("kaggle:%s is no name of a model: write kaggle:OWNER/MODEL/FRAMEWORK/VARIATION or one with /VERSION", ref)
	}
	cache, ok := env("KAGGLEHUB_CACHE")
	if !ok || cache == "" {
		home, err := cacheHome(func(name string) (string, bool) {
			if name == "XDG_CACHE_HOME" { // kagglehub does not know it
				return "", false
			}
			return env(name)
		})
		if err != nil {
			return "", err
		}
		cache = filepath.Join(home, "kagglehub")
	}
	root := filepath.Join(append([]string{cache, "models"}, parts[:4]...)...)
	if len(parts) == 5 {
		if info, err := os.Stat(filepath.Join(root, parts[4])); err == nil && info.IsDir() {
			return filepath.Join(root, parts[4]), nil
		}
	} else if newest := newestVersion(root); newest != "" {
		return filepath.Join(root, newest), nil
	}
	return "", fmt.Errorf("kaggle:%s: %w; looked in %s. Get it with: kaggle models instances versions download %s", ref, ErrMissing, root, ref)
}

// newestVersion is the folder with the highest number.
func newestVersion(root string) string {
	list, err := os.ReadDir(root)
	if err != nil {
		return ""
	}
	best := 0
	for _, e := range list {
		if n, err := strconv.Atoi(e.Name()); err == nil && e.Type()&fs.ModeDir != 0 && n > best {
			best = n
		}
	}
	if best == 0 {
		return ""
	}
	return strconv.Itoa(best)
}
