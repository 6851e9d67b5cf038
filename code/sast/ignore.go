package sast

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/finding"
)

// Comments that live with a finding:
//
//	# merlon: ignore[code/weak-hash] names a file, protects nothing
//	# nosec
//	# nosec B602, B607
//
// The first stands in a line of the finding or alone in the line above, and needs a
// reason. The others are Bandit's: in a line of the finding, for everything or for the
// ids that are named (Bandit, "Exclusions").
var (
	ignoreComment = pattern(`#\s*merlon:\s*ignore\[([^\]]*)\]([^#]*)`)
	nosecComment  = pattern(`#\s*nosec\b:?([^#]*)`)
	banditID      = pattern(`\bB\d{3}\b`)
	banditName    = pattern(`^[a-z\d]+(_[a-z\d]+)+\b`)
)

// pattern compiles an expression on first use: most runs of the program see no Python.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// maxStatement is how many lines of a finding are looked at for comments.
const maxStatement = 50

// ignored looks for a comment about a rule in the lines of a finding. unreasoned says
// that there is one which gives no reason, and therefore does not count.
func ignored(t *python.Tree, first, last int, rule finding.Rule) (s *finding.Suppression, unreasoned bool) {
	last = min(last, first+maxStatement)
	if line := strings.TrimSpace(t.LineText(max(first-1, 1))); first > 1 && strings.HasPrefix(line, "#") {
		if s, unreasoned = byIgnore(t.Comment(first-1), rule); s != nil {
			return s, false
		}
	}
	for line := first; line <= last; line++ {
		c := t.Comment(line)
		if c == "" {
			continue
		}
		got, without := byIgnore(c, rule)
		if got != nil {
			return got, false
		}
		unreasoned = unreasoned || without
		if byNosec(c, rule) {
			return &finding.Suppression{Kind: "ignore", Reason: "comment in the code: " + strings.TrimSpace(nosecComment().FindString(c))}, false
		}
	}
	return nil, unreasoned
}

func byIgnore(comment string, rule finding.Rule) (s *finding.Suppression, unreasoned bool) {
	for _, m := range ignoreComment().FindAllStringSubmatch(comment, -1) {
		for id := range strings.SplitSeq(m[1], ",") {
			if id = strings.TrimSpace(id); id != rule.ID && !slices.Contains(rule.Aliases, id) {
				continue
			}
			reason := strings.TrimSpace(m[2])
			if reason == "" {
				unreasoned = true
				continue
			}
			return &finding.Suppression{Kind: "ignore", Reason: "comment in the code: " + reason}, false
		}
	}
	return nil, unreasoned
}

func byNosec(comment string, rule finding.Rule) bool {
	for _, m := range nosecComment().FindAllStringSubmatch(comment, -1) {
		ids := banditID().FindAllString(m[1], -1)
		if len(ids) == 0 && !banditName().MatchString(strings.TrimSpace(m[1])) {
			return true // whatever else stands there is words
		}
		if slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(rule.Aliases, id) }) {
			return true
		}
	}
	return false
}

// isTest reports whether a file below one of the roots is test code, by the names that
// pytest and unittest look for.
func isTest(name string, roots []string) bool {
	for _, r := range roots {
		if rest, ok := strings.CutPrefix(name, strings.TrimSuffix(r, "/")+"/"); ok {
			name = rest
			break
		}
	}
	base := path.Base(name)
	if base == "conftest.py" || strings.HasPrefix(base, "test_") || strings.HasSuffix(base, "_test.py") {
		return true
	}
	for dir := range strings.SplitSeq(path.Dir(name), "/") {
		if dir == "tests" || dir == "test" {
			return true
		}
	}
	return false
}
