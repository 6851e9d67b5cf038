package pyflow

import (
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// lacks learns from "../" not in name: without what climbs or begins elsewhere, a path
// stays below its folder; without quotes, what stands in quotes stays there.
func (x *frame) lacks(part, whole python.Node) {
	v := x.eval(part)
	s, ok := v.str()
	if !ok {
		return
	}
	t := x.mod.tree
	for t.Kind(whole) == python.KindSubscript { // name[1:-1]
		whole = t.Subscript(whole).Value
	}
	switch {
	case s == ".." || s == "../" || s == "/":
		x.clean(whole, x.a.maskOf("path", "archive", "file-write"))
	case s == "'" || s == `"`:
		x.clean(whole, x.a.maskOf("xpath", "code"))
	}
}

// quotesGone reports whether a call of a string's method takes the quotes out of it.
func quotesGone(method string, as args) bool {
	s, ok := as.at(0).str()
	return method == "replace" && ok && (s == "'" || s == `"`) && !strings.Contains(firstString(as.at(1)), s)
}

func firstString(v *value) string {
	s, _ := v.str()
	return s
}
