package merlon

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/scan/cachefile"
)

// CacheFolder is where [Options].Cache is kept when nobody says another place:
// merlon/scan below the cache folder of the user.
func CacheFolder() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "merlon", "scan"), nil
}

// openCache opens what earlier scans of the same paths with the same program, scanners
// and options have left.
func openCache(o Options, roots []string, scanners []scan.Scanner) (*cachefile.Cache, error) {
	if err := apart(o.Cache, roots); err != nil {
		return nil, err
	}
	program, err := ownDigest()
	if err != nil {
		return nil, fmt.Errorf("cache: which program runs: %w", err)
	}
	type version struct{ ID, Version string }
	about := struct {
		Program, Rules string
		Scanners       []version
		Roots          []string
		Limits         scan.Limits
		Profile        string
		Gitleaks, Lock []byte
		Verify         bool
	}{Program: program, Rules: digestOfRules(scanners), Roots: roots, Limits: o.Limits, Profile: o.Profile, Gitleaks: o.Gitleaks, Lock: o.AgentLock, Verify: o.Verify}
	about.Limits.Workers = 0 // makes no difference to what is found
	for _, s := range scanners {
		info := s.Info()
		about.Scanners = append(about.Scanners, version{info.ID, info.Version})
	}
	// Paths are shown as they were given, so they count as they were given, too.
	where, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	b, err := json.Marshal(about)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	return cachefile.Open(o.Cache, scan.CacheKey(where, string(b)))
}

// ownDigest is the digest of the program that runs: what another build finds is another
// matter, whatever its version says.
func ownDigest() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	b, err := safeio.ReadFile(path, 1<<30)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// apart refuses a cache that could have come with what is scanned: one inside of a root,
// or inside of a repository. Whoever makes the files could have made the cache, and with
// it the answer.
func apart(cache string, roots []string) error {
	dir, err := resolved(cache)
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	for _, root := range roots {
		r, err := resolved(root)
		if err != nil {
			continue // the scan says what is wrong with it
		}
		if rel, err := filepath.Rel(r, dir); err == nil && filepath.IsLocal(rel) {
			return fmt.Errorf("cache: %s lies within %s, which is scanned: what is in it could have come with it. Name a folder elsewhere", cache, root)
		}
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Lstat(filepath.Join(d, ".git")); err == nil {
			return fmt.Errorf("cache: %s lies within the repository %s: what is in it could have come with it. Name a folder elsewhere", cache, d)
		}
		if filepath.Dir(d) == d {
			return nil
		}
	}
}

// resolved is the absolute path without links; what does not exist yet is taken as
// written, below the part that does.
func resolved(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for tail := ""; ; {
		if real, err := filepath.EvalSymlinks(abs); err == nil {
			return filepath.Join(real, tail), nil
		}
		up := filepath.Dir(abs)
		if up == abs {
			return filepath.Join(abs, tail), nil
		}
		tail = filepath.Join(filepath.Base(abs), tail)
		abs = up
	}
}
