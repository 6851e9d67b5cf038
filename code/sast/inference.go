package sast

import (
	"maps"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/finding"
)

// inference looks for routes that ask a model and let everybody do so. It holds for the
// whole project: authentication may stand in another file, as a middleware for example.
type inference struct {
	asks    map[string]bool // functions that ask a model, by name
	exposed bool            // something listens on every interface
}

// note keeps what a call tells about routes.
func (i *inference) note(s pyflow.Site, kind string) {
	if kind == "model-output" {
		if d := enclosing(s.Tree, s.Node); d != 0 {
			i.ask(s.Tree.FunctionDef(d).Name)
		}
	}
	if host := s.Arg(pyflow.Arg{Pos: -1, Name: "host"}); host.Const && (host.Text == "0.0.0.0" || host.Text == "::") {
		i.exposed = true
	}
}

func (i *inference) ask(name string) {
	if i.asks == nil {
		i.asks = map[string]bool{}
	}
	i.asks[name] = true
}

// names are the functions that ask, in the order of their names.
func (i *inference) names() []string { return slices.Sorted(maps.Keys(i.asks)) }

var (
	// routeDecorator is how a decorator of a route reads: @app.post("/chat"), @router.route("/x").
	routeDecorator = pattern(`^[\w.]*\b(app|api|router|bp|blueprint|server|application|\w+_(app|api|router|bp|blueprint))\.(post|get|put|route|api_route|websocket)\s*\(`)
	// authentication is what a project has that asks who is calling.
	authentication = pattern(`(?i)authenticat|authoriz|login_required|jwt_required|jwt\.decode|token_required|require_(auth|login|user|token|api_key)|auth_required|HTTPBearer|HTTPBasic|HTTPDigest|APIKey(Header|Cookie|Query)|OAuth2|` +
		`(verify|check|validate|require|get)_?(api_?)?(key|token|auth|credentials|signature|session|current_user|user)\b|current_user|is_authenticated|x-api-key|\bSecurity\(|before_request|@\w+\.middleware|BaseHTTPMiddleware|add_middleware\(\s*\w*(Auth|Session|Token|Key)`)
)

// routes reports the routes without authentication.
func (r *reporter) routes(files []*source) {
	asks := r.inference.asks
	if len(asks) == 0 {
		return
	}
	rule := r.rules.inference
	if rule == nil || slices.ContainsFunc(files, func(f *source) bool { return !r.tests[f] && authentication().MatchString(f.parsed().Source()) }) {
		return
	}
	for range 3 { // and those that call them
		for _, f := range files {
			functions(f.tree, func(d python.Node) {
				if name := f.tree.FunctionDef(d).Name; !asks[name] && callsAny(f.tree, d, asks) {
					asks[name] = true
				}
			})
		}
	}
	for _, f := range files {
		functions(f.tree, func(d python.Node) {
			def := f.tree.FunctionDef(d)
			if !asks[def.Name] || !slices.ContainsFunc(def.Decorators, func(n python.Node) bool { return routeDecorator().MatchString(f.tree.Text(n)) }) {
				return
			}
			out := finding.Finding{Message: "the route " + def.Name + " asks a model for anyone who calls it: nothing in the project asks who that is"}
			if r.inference.exposed {
				out.Severity = finding.High
				out.Message += ", and the server listens on every interface"
			}
			at := f.tree.Start(d)
			line, _ := f.tree.Position(at)
			r.addAt(*rule, out, f, extent{at, at + strings.IndexByte(f.tree.Source()[at:]+"\n", '\n'), line, line}, def.Name)
		})
	}
}

// functions calls f for every function of a file.
func functions(t *python.Tree, f func(python.Node)) {
	t.Walk(t.Module(), func(n python.Node) bool {
		switch t.Kind(n) {
		case python.KindFunctionDef, python.KindAsyncFunctionDef:
			f(n)
		}
		return true
	})
}

// enclosing is the innermost function around a node, or 0.
func enclosing(t *python.Tree, n python.Node) python.Node {
	var best python.Node
	functions(t, func(d python.Node) {
		if t.Start(d) <= t.Start(n) && t.End(n) <= t.End(d) {
			best = d
		}
	})
	return best
}

// callsAny reports whether a function calls one of some names.
func callsAny(t *python.Tree, d python.Node, names map[string]bool) bool {
	found := false
	t.Walk(d, func(n python.Node) bool {
		if t.Kind(n) == python.KindCall && names[lastName(t, t.Call(n).Func)] {
			found = true
		}
		return !found
	})
	return found
}
