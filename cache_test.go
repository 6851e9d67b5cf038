package merlon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCacheStandsApart: what could have come with the files that are scanned is no cache.
func TestCacheStandsApart(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"project/sub", "repository/.git", "repository/cache", "elsewhere"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "project"), filepath.Join(dir, "link")); err != nil {
		t.Skip("no links here")
	}
	root := filepath.Join(dir, "project")
	for cache, allowed := range map[string]bool{
		"elsewhere/cache": true, "project": false, "project/cache": false, "project/sub/not/yet/there": false, "link/cache": false, "repository/cache": false, "project-of-mine": true,
	} {
		err := apart(filepath.Join(dir, cache), []string{root})
		if (err == nil) != allowed {
			t.Errorf("%s: %v", cache, err)
		}
		if err != nil && !strings.Contains(err.Error(), "Name a folder elsewhere") {
			t.Errorf("%s: %v does not say what to do", cache, err)
		}
	}
}
