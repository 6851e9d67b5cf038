package pyflow

import (
	"regexp"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/python"
)

// confined marks a path that was found below a folder, and every name that carries the
// same data: the path as it was before it was resolved.
func (x *frame) confined(n python.Node) {
	x.cleanLike(n, x.a.maskOf("path", "archive", "file-write"))
}

// hosted marks a URL whose host was looked at.
func (x *frame) hosted(n python.Node) {
	x.cleanLike(n, x.a.maskOf("ssrf", "redirect"))
}

// cleanLike marks an expression and every name that carries the same data.
func (x *frame) cleanLike(n python.Node, m Mask) {
	if m == 0 || n == 0 {
		return
	}
	x.clean(n, m)
	labels := x.eval(n).all(2)
	if len(labels) == 0 || x.fn == x.mod.main && len(x.env.names) > 256 {
		return
	}
	alike := func(l *label) bool {
		for i := range labels {
			if k := &labels[i]; k.src == l.src && k.owner == l.owner && k.param == l.param && (strings.HasPrefix(k.path, l.path) || strings.HasPrefix(l.path, k.path)) {
				return true
			}
		}
		return false
	}
	type found struct {
		name string
		v    *value
	}
	var all []found
	for name, v := range x.env.names {
		if v == nil || len(v.labels) == 0 {
			continue
		}
		for i := range v.labels {
			if alike(&v.labels[i]) && v.labels[i].clean&m != m {
				all = append(all, found{name, v})
				break
			}
		}
	}
	for _, f := range all {
		w := *f.v
		w.labels = mapLabels(f.v.labels, func(l *label) {
			if alike(l) {
				l.clean |= m
			}
		})
		x.env.set(f.name, &w)
	}
}

// source is the expression that others were made from without a way out of it: p of
// p.resolve().relative_to(root).
func (x *frame) root(n python.Node) python.Node {
	t := x.mod.tree
	for range 4 {
		switch t.Kind(n) {
		case python.KindCall:
			c := t.Call(n)
			if t.Kind(c.Func) == python.KindAttribute && pathMethods()[t.Attribute(c.Func).Attr] && len(c.Args) == 0 {
				n = t.Attribute(c.Func).Value
				continue
			}
			if len(c.Args) == 1 {
				if v := x.eval(c.Func); v != nil && pathFunctions()[v.ref] {
					n = c.Args[0]
					continue
				}
			}
		case python.KindAttribute:
			if a := t.Attribute(n); a.Attr == "parents" || a.Attr == "netloc" || a.Attr == "hostname" || a.Attr == "host" {
				n = a.Value
				continue
			}
		}
		return n
	}
	return n
}

var (
	pathMethods   = set("resolve", "absolute", "expanduser", "lower", "casefold", "strip", "as_posix", "get_host")
	pathFunctions = set("str", "os.path.realpath", "os.path.abspath", "os.path.normpath", "os.path.expanduser", "os.fspath", "pathlib.Path", "pathlib.PurePath",
		"urllib.parse.urlparse", "urllib.parse.urlsplit", "yarl.URL", "httpx.URL", "starlette.datastructures.URL")
)

// begins learns from text.startswith(prefix) that it was true.
func (x *frame) begins(text, prefix python.Node) {
	t := x.mod.tree
	if t.Kind(prefix) == python.KindTuple {
		items := t.List(prefix)
		hosts := len(items) > 0
		for _, item := range items {
			hosts = hosts && x.safeStart(x.eval(item))
		}
		if hosts {
			x.hosted(x.root(text))
		}
		return
	}
	s := x.eval(prefix)
	if x.safeStart(s) {
		x.hosted(x.root(text))
	}
	if _, constant := s.str(); constant {
		return
	}
	// Below a folder: one of the program's own, or at least one that somebody else chose.
	labels := x.eval(text).all(2)
	own := true
	for _, l := range s.all(1) {
		own = own && l.src == nil
	}
	for i := range labels {
		own = own || findLabel(s.all(1), &labels[i]) < 0
	}
	if own {
		x.confined(x.root(text))
	}
}

// harmlessScheme begins what is no address of a server.
var harmlessScheme = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(data|blob|mailto):`) })

// safeStart reports whether text that begins like this names a certain server, or none.
func (x *frame) safeStart(s *value) bool {
	start := s.start()
	return start != "" && (withHost().MatchString(start) || harmlessScheme().MatchString(start))
}

// private are properties of addresses that a server must not be sent to.
var private = set("is_private", "is_loopback", "is_link_local", "is_reserved", "is_multicast", "is_unspecified")

// refineAddress learns from ip.is_private that it was false, or is_global that it was true.
func (x *frame) refineAddress(n python.Node, truth bool) {
	a := x.mod.tree.Attribute(n)
	if !truth && private()[a.Attr] || truth && a.Attr == "is_global" {
		x.hosted(a.Value)
	}
}

// limitsEach is about any(url.startswith(p) for p in ALLOWED), any(path.is_relative_to(r)
// for r in roots) and any(r in path.parents for r in roots), which are true.
func (x *frame) limitsEach(elt, iter python.Node, name string) {
	t := x.mod.tree
	isName := func(n python.Node) bool { return t.Kind(n) == python.KindName && t.Name(n) == name }
	switch t.Kind(elt) {
	case python.KindBoolOp:
		if t.Op(elt) == python.OpOr {
			for _, part := range t.List(elt) {
				x.limitsEach(part, iter, name)
			}
		}
	case python.KindCompare:
		c := t.Compare(elt)
		if len(c.Comparators) == 1 && c.Op(0) == python.OpIn && isName(c.Left) && t.Kind(c.Comparators[0]) == python.KindAttribute && t.Attribute(c.Comparators[0]).Attr == "parents" {
			x.confined(x.root(c.Comparators[0]))
		}
		if len(c.Comparators) == 1 && c.Op(0) == python.OpEq && isName(c.Comparators[0]) && x.allowlist(iter) {
			x.clean(c.Left, AllKinds)
		}
	case python.KindCall:
		c := t.Call(elt)
		if t.Kind(c.Func) != python.KindAttribute || len(c.Args) != 1 {
			return
		}
		a := t.Attribute(c.Func)
		switch a.Attr {
		case "is_relative_to":
			x.confined(x.root(a.Value))
		case "startswith":
			items := x.element(iter, x.eval(iter))
			lits := items.literals()
			hosts := len(lits) > 0
			for _, l := range lits {
				hosts = hosts && withHost().MatchString(l.s)
			}
			switch {
			case hosts:
				x.hosted(x.root(a.Value))
			case len(lits) == 0 && !isName(a.Value) && x.allowlist(iter):
				x.confined(x.root(a.Value))
			}
		}
	}
}

// ofURL learns from a host that was compared with what the program wants: url of
// urlparse(url).hostname.
func (x *frame) ofURL(n python.Node) {
	t := x.mod.tree
	if t.Kind(n) == python.KindName {
		v, _ := x.env.look(t.Name(n))
		if v != nil && (strings.HasSuffix(v.ref, ".netloc") || strings.HasSuffix(v.ref, ".hostname") || strings.HasSuffix(v.ref, ".host")) {
			x.hosted(n)
		}
		return
	}
	if t.Kind(n) == python.KindCall { // urlparse(url).hostname.lower()
		if f := t.Call(n).Func; t.Kind(f) == python.KindAttribute && pathMethods()[t.Attribute(f).Attr] {
			x.ofURL(t.Attribute(f).Value)
		}
		return
	}
	if t.Kind(n) == python.KindAttribute {
		switch t.Attribute(n).Attr {
		case "netloc", "hostname", "host":
			x.hosted(x.root(n))
		}
	}
}
