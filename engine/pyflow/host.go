package pyflow

import (
	"strings"
)

// hostChosen reports whether what follows the beginning of a string cannot choose the
// server any more that a URL names. NUL bytes stand for values that are put in. A value
// at the very beginning is a base address, unless a scheme's end follows it; after a
// scheme, the host ends at the first of / ? and #.
func hostChosen(begin string) bool {
	scheme, rest, found := strings.Cut(begin, "://")
	if found && !strings.ContainsAny(scheme, "/?#") {
		return strings.IndexAny(rest, "/?#") > 0
	}
	return strings.HasPrefix(begin, "\x00")
}
