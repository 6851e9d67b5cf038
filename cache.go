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
	}{Program: program, Rules: digestOfRules(scanners), Roots: roots, Limits: o.Limits, Profile: o.Profile, Gitleaks: o.Gitleaks, Lock: o.AgentLock}
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
