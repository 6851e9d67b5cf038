package archive

import (
	"fmt"
	"path"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/finding"
)

// name judges the names and the link of a member as a program that unpacks the
// archive would meet them.
func (j *judge) name(ref asset.Ref, m *archive.Member) {
	for _, n := range append([]string{m.Name}, m.Aliases...) {
		if !escapes(n) {
			continue
		}
		j.report(asset.Unverified, finding.Finding{
			Rule: ruleTraversal, Locations: []finding.Location{finding.At(ref)}, Key: n,
			Message: "member " + show(n) + " would be written outside of the folder it is unpacked to",
			Attrs:   map[string]any{"member": m.Name},
		})
		break
	}
	if m.Special {
		j.report(asset.Unverified, finding.Finding{
			Rule: ruleLink, Locations: []finding.Location{finding.At(ref)}, Key: m.Name,
			Message: "member " + show(m.Name) + " is a device or a pipe",
		})
	}
	if m.Link == "" {
		return
	}
	if m.Symlink {
		j.link(ref, m.Name, m.Link)
	} else {
		// A hard link's target counts from the top of the archive.
		j.link(ref, "", m.Link)
	}
}

// link judges a link by where it leads from its own folder.
func (j *judge) link(ref asset.Ref, name, target string) {
	if !escapes(target) || !absolute(target) && !escapes(path.Dir(slashed(name))+"/"+target) {
		return
	}
	j.report(asset.Unverified, finding.Finding{
		Rule: ruleLink, Locations: []finding.Location{finding.At(ref)}, Key: target,
		Message: fmt.Sprintf("member %s is a link to %s, outside of the archive", show(ref.Name()), show(target)),
		Attrs:   map[string]any{"target": show(target)},
	})
}

func slashed(name string) string { return strings.ReplaceAll(name, `\`, "/") }

// absolute reports whether a name starts at a root, as POSIX or Windows has it.
func absolute(name string) bool {
	n := slashed(name)
	return strings.HasPrefix(n, "/") || len(n) > 1 && n[1] == ':' && (n[0]|0x20 >= 'a' && n[0]|0x20 <= 'z')
}

// escapes reports whether a name leads out of the folder it is unpacked to.
func escapes(name string) bool {
	if absolute(name) {
		return true
	}
	depth := 0
	for part := range strings.SplitSeq(slashed(name), "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}
