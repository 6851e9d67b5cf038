package sarif

import (
	"fmt"
	"net/url"
	"path"
	"strings"
)

// paths turns the paths of a report into URIs. A path below the folder in which
// merlon was started becomes a relative URI, as GitHub wants it. A path elsewhere
// becomes relative to the scanned root that it lies in, named by a URI base
// (SARIF 3.14.14).
type paths struct {
	roots []string
	used  map[int]bool
}

func newPaths(roots []string) *paths {
	p := &paths{used: map[int]bool{}}
	for _, r := range roots {
		p.roots = append(p.roots, path.Clean(strings.ReplaceAll(r, `\`, "/")))
	}
	return p
}

func (p *paths) location(name string) artifactLocation {
	if name == "" {
		return artifactLocation{URI: "."}
	}
	clean := path.Clean(name)
	if !outside(clean) {
		return artifactLocation{URI: escapePath(clean)}
	}
	for i, root := range p.roots {
		rel, ok := strings.CutPrefix(clean, strings.TrimSuffix(root, "/")+"/")
		if clean == root {
			rel, ok = path.Base(clean), true
		}
		if ok {
			p.used[i] = true
			return artifactLocation{URI: escapePath(rel), URIBaseID: baseID(i)}
		}
	}
	return artifactLocation{URI: escapePath(strings.TrimLeft(path.Clean("/"+clean), "/"))}
}

// bases describes the URI bases that were used. The base of an absolute root has
// a URI; where a relative one lies is the reader's to know.
func (p *paths) bases() map[string]artifactLocation {
	out := map[string]artifactLocation{}
	for i, root := range p.roots {
		if !p.used[i] {
			continue
		}
		l := artifactLocation{Description: &message{Text: fmt.Sprintf("scanned path %d", i+1)}}
		switch {
		case strings.HasPrefix(root, "/"):
			l.URI = "file://" + strings.TrimSuffix(escapePath(root), "/") + "/"
		case drive(root):
			l.URI = "file:///" + root[:2] + strings.TrimSuffix(escapePath(root[2:]), "/") + "/"
		}
		out[baseID(i)] = l
	}
	return out
}

func baseID(i int) string { return fmt.Sprintf("ROOT%d", i) }

// outside reports whether a clean path leads out of the current folder.
func outside(clean string) bool {
	return clean == ".." || strings.HasPrefix(clean, "../") || strings.HasPrefix(clean, "/") || drive(clean)
}

// drive reports whether the path begins with a Windows drive, "C:/".
func drive(p string) bool {
	return len(p) >= 3 && p[1] == ':' && p[2] == '/' && (p[0]|0x20) >= 'a' && (p[0]|0x20) <= 'z'
}

// escapePath percent-encodes a slash-separated path for a relative URI reference
// (RFC 3986, 4.2: no colon in the first segment). Bytes that are no UTF-8 are
// encoded as they are.
func escapePath(p string) string {
	segments := strings.Split(p, "/")
	for i, s := range segments {
		segments[i] = strings.ReplaceAll(url.PathEscape(s), ":", "%3A")
	}
	return strings.Join(segments, "/")
}
