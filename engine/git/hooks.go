package git

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
)

// Hooks returns the folder from which git runs hooks in the worktree top: that of the
// repository, or the one that core.hooksPath names (githooks(5)). Besides the
// repository's own, the configuration of the user is read; git is not run.
func (r *Repo) Hooks(top string) string {
	dir := ""
	for _, file := range append(userConfigs(), filepath.Join(r.common, "config")) {
		b, err := readSmall(file)
		if err != nil {
			continue
		}
		section := ""
		for line := range bytes.Lines(b) {
			line := strings.TrimSpace(string(line))
			if strings.HasPrefix(line, "[") {
				section = strings.ToLower(strings.Trim(line, "[] \t"))
				continue
			}
			key, value, ok := strings.Cut(line, "=")
			if ok && section == "core" && strings.EqualFold(strings.TrimSpace(key), "hooksPath") {
				dir = strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
	}
	if dir == "" {
		return filepath.Join(r.common, "hooks")
	}
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(top, filepath.FromSlash(dir))
	}
	return dir
}

// userConfigs lists the configuration files of the user, the stronger last
// (git-config(1), FILES and GIT_CONFIG_GLOBAL).
func userConfigs() []string {
	if file, ok := os.LookupEnv("GIT_CONFIG_GLOBAL"); ok {
		return []string{file}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return nil
	}
	xdg := os.Getenv("XDG_CONFIG_HOME")
	if xdg == "" {
		xdg = filepath.Join(home, ".config")
	}
	return []string{filepath.Join(xdg, "git", "config"), filepath.Join(home, ".gitconfig")}
}
