package sast

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/engine/python"
)

var (
	// administrators are how code says that only they may call a handler: a dependency,
	// a decorator or the type of a parameter.
	administrators = pattern(`(?i)(depends|security)\(\s*[\w.]*(admin|superuser|staff|owner)|(admin|superuser|staff)\w*_?(required|only|member_required)|user_passes_test|permission_required|:\s*_?(current)?(admin|superuser)\w*`)
	// administratorRoutes is the same for all handlers of a router.
	administratorRoutes = pattern(`(?i)dependencies\s*=\s*\[[^\]]*(depends|security)\(\s*[\w.]*(admin|superuser|staff)`)
)

// administered are the kinds of sinks that an administrator may steer anyway: which
// servers, files and models are used is theirs to configure. What reaches a browser or
// an interpreter is not among them: there the administrator's browser may be the victim.
var administered = []string{"ssrf", "path", "model-load", "archive", "file-write", "dos", "regex"}

// doubtful reports whether a flow is not for the gate, though nothing is wrong with the
// way that data takes: who chooses the data may choose it, or cannot choose what hurts.
func doubtful(f pyflow.Flow) bool {
	first := f.Steps[0]
	d := enclosing(first.Tree, first.Node)
	if d == 0 {
		return false
	}
	t := first.Tree
	def := t.FunctionDef(d)
	if slices.Contains(administered, f.Sink.Rule) {
		head := t.Source()[t.Start(d):headEnd(t, d)]
		for _, n := range def.Decorators {
			head += "\n" + t.Text(n)
		}
		if administrators().MatchString(head) || administratorRoutes().MatchString(t.Source()) {
			return true
		}
	}
	return f.Sink.Rule == "path" && f.Source.Kind == "http-request" && segment(t, def, f.Source.Name)
}

// headEnd is where the head of a function ends and its body begins.
func headEnd(t *python.Tree, d python.Node) int {
	if body := t.FunctionDef(d).Body; len(body) > 0 {
		return t.Start(body[0])
	}
	return t.End(d)
}

// segment reports whether a source is a parameter that a route fills with one segment
// of its path: "/files/{name}", "/files/<name>". Frameworks let no slash into it.
func segment(t *python.Tree, def python.FunctionDef, source string) bool {
	name, _, ok := strings.Cut(strings.TrimPrefix(source, "parameter "), " of ")
	if !ok || !strings.HasPrefix(source, "parameter ") {
		return false
	}
	for _, n := range def.Decorators {
		if t.Kind(n) != python.KindCall {
			continue
		}
		for _, a := range t.Call(n).Args {
			if route, ok := str(t, a); ok && (strings.Contains(route, "{"+name+"}") || strings.Contains(route, "{"+name+":str}") || strings.Contains(route, "<"+name+">") || strings.Contains(route, "<string:"+name+">")) {
				return true
			}
		}
	}
	return false
}
