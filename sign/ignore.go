package sign

import (
	"fmt"
	"path"
	"strings"
)

// defaultIgnores are never part of a model (OpenSSF Model Signing v1.0).
func defaultIgnores() []string { return []string{".git", ".gitattributes", ".github", ".gitignore"} }

// CleanIgnore normalises the paths of [Options]. Something outside the model, or all of it,
// cannot be ignored.
func CleanIgnore(list []string) ([]string, error) {
	out := []string{}
	for _, p := range list {
		c := path.Clean(strings.TrimSuffix(p, "/"))
		if p == "" || c == "." || path.IsAbs(c) || c == ".." || strings.HasPrefix(c, "../") {
			return nil, fmt.Errorf("cannot ignore %q: name a file or folder below the model, relative to it", p)
		}
		out = append(out, c)
	}
	return out, nil
}

// relevantIgnores are those of a signature that can apply. model_signing also writes
// paths outside the model, which mean nothing; "." would switch everything off.
func relevantIgnores(list []string) []string {
	var out []string
	for _, p := range list {
		if c, err := CleanIgnore([]string{p}); err == nil {
			out = append(out, c...)
		}
	}
	return out
}

// ignored returns the entry of list that covers name; "" when none does.
func ignored(list []string, name string) string {
	for _, p := range list {
		if rest, ok := strings.CutPrefix(name, p); ok && (rest == "" || rest[0] == '/') {
			return p
		}
	}
	return ""
}
