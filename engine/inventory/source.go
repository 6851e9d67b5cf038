package inventory

import (
	"net/url"
	"strings"
)

// sourceOf tells what a URL or path of a requirement is: "git+https://h/r@REF#...",
// "https://h/f.whl", "./folder".
func sourceOf(s string) Source {
	s, _, _ = strings.Cut(s, "#")
	for _, vcs := range [...]string{"git+", "hg+", "svn+", "bzr+"} {
		if rest, ok := strings.CutPrefix(s, vcs); ok {
			return gitSource(rest)
		}
	}
	switch {
	case strings.HasPrefix(s, "git://"), strings.HasPrefix(s, "ssh://"), strings.HasPrefix(s, "git@"), strings.HasSuffix(s, ".git"):
		return gitSource(s)
	case strings.HasPrefix(s, "http://"), strings.HasPrefix(s, "https://"), strings.HasPrefix(s, "ftp://"):
		return Source{Kind: Archive, URL: withoutUser(s)}
	}
	return Source{Kind: Path, URL: strings.TrimPrefix(s, "file://")}
}

// gitSource reads a repository with an optional "@REF" behind its path.
func gitSource(s string) Source {
	slash := strings.LastIndexByte(s, '/')
	ref := ""
	if i := strings.LastIndexByte(s, '@'); i > slash {
		s, ref = s[:i], s[i+1:]
	}
	return repository(s, ref)
}

func repository(address, ref string) Source {
	src := Source{Kind: Git, URL: withoutUser(address)}
	if isCommit(ref) {
		src.Commit = ref
	}
	return src
}

// isCommit says whether ref is a whole commit: anything shorter can come to mean
// another one.
func isCommit(ref string) bool {
	if len(ref) != 40 && len(ref) != 64 {
		return false
	}
	for i := range len(ref) {
		c := ref[i]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return false
		}
	}
	return true
}

// withoutUser removes name and password from a URL: they are nobody's business in a
// report.
func withoutUser(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		// Not a URL by the book ("git@host:path"): cut by hand what stands before "@".
		if scheme, rest, ok := strings.Cut(s, "://"); ok {
			if _, host, ok := strings.Cut(rest, "@"); ok {
				return scheme + "://" + host
			}
		}
		return s
	}
	if u.User != nil {
		u.User = nil
		return u.String()
	}
	return s
}
