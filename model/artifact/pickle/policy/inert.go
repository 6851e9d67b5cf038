package policy

import (
	_ "embed" // the names
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/pickle"
)

// What an object can do to the code that receives it.
//
// Loading fills an object's attributes with whatever the stream says, and an attribute shadows the method of that name. Code that receives such an
// object and calls its methods calls what the attacker chose. So no state may shadow a method that load-time code is known to call, and code that
// is known to call methods of its arguments gets inert ones only.

// shadowable are methods that code run while loading calls on objects it is given. A state may hold such a key with data (a DataFrame column, a
// parameter), never with something that can be called.
var shadowable = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for line := range strings.Lines(shadowTXT) {
		if name := strings.TrimSpace(line); name != "" && name[0] != '#' {
			names[name] = true
		}
	}
	return names
})

//go:embed shadow.txt
var shadowTXT string

// callers are functions that call their arguments: bound by partial they would call what the stream chose.
var callers = map[string]bool{"max": true, "min": true, "sorted": true, "map": true, "filter": true, "reduce": true, "sum": true, "any": true, "all": true, "next": true, "iter": true}

// special reports whether a name has the form of Python's own.
func special(name string) bool {
	return len(name) > 4 && strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__")
}

// harmlessSpecial are special names that real objects keep in their attributes as data.
var harmlessSpecial = map[string]bool{"__doc__": true, "__name__": true, "__module__": true, "__qualname__": true, "__orig_class__": true, "__version__": true, "__dict__": true, "__slots__": true}

// inert reports whether nothing that v's receiver does with it can call what the stream chose: literals, containers, arrays and other objects without
// attributes of their own.
func (c *Call) inert(v pickle.Value) bool {
	switch v.Kind() {
	case pickle.KindGlobal:
		// Types of numbers and functions of arrays: what they give when called is data.
		a := c.allowed(v)
		return a.Can(Ref) && !a.Can(BuildDict) && (a.Module == "builtins" || a.Module == "__builtin__" || strings.HasPrefix(a.Module, "numpy")) && !callers[a.Name]
	case pickle.KindForgotten, pickle.KindUnknown, pickle.KindPersistent, pickle.KindExtension:
		return false
	case pickle.KindObject:
	default:
		return true
	}
	a := c.madeBy(v)
	if a == nil {
		return false
	}
	if dataFamily(a) {
		return true
	}
	switch a.Module {
	case "functools", "operator", "_operator", "itertools", "types":
		return false
	}
	// Without BUILD by a dict an object has no attributes of the stream's choice.
	return !a.Can(BuildDict)
}

// dataFamily reports whether the class is one of data, whose attributes are arrays and whose methods no state shadows unseen.
func dataFamily(a *Allow) bool {
	top, _, _ := strings.Cut(a.Module, ".")
	switch top {
	case "numpy", "pandas", "datetime", "pytz", "zoneinfo", "decimal", "uuid", "pathlib", "pyarrow", "collections", "joblib", "dateutil":
		return !strings.Contains(a.Name, "vectorize") && !strings.Contains(a.Name, "User") && a.Name != "ChainMap"
	}
	return a.Module == "sklearn.tree._tree"
}

// inertArgs demands inert arguments of a constructor or function that a stream calls directly.
func (c *Call) inertArgs() string {
	for i, v := range c.Args {
		if i < 64 && c.taken&(1<<i) != 0 {
			continue
		}
		if v.Kind() == pickle.KindObject && !c.inert(v) {
			return "an argument is an object whose methods the stream may have replaced"
		}
	}
	return ""
}

// inertState: __setstate__ calls methods of what the state holds, so all of it has to be inert.
func inertState(c *Call) string {
	if !c.inertItems(c.State, 3) {
		return "its state holds something that can be called"
	}
	return ""
}

// inertItems looks into containers as far as the machine keeps their items.
func (c *Call) inertItems(v pickle.Value, depth int) bool {
	switch v.Kind() {
	case pickle.KindDict, pickle.KindList, pickle.KindTuple, pickle.KindRefTuple, pickle.KindSet:
		if depth == 0 {
			return false
		}
		items, more := c.M.Items(v)
		for _, item := range items {
			if !c.inertItems(item, depth-1) {
				return false
			}
		}
		return !more || v.Kind() == pickle.KindList && len(items) > 0 && items[0].IsPlain()
	}
	return c.inert(v)
}

// responseMethod reports whether v names methods that scorers of scikit-learn call on an estimator, one or several: another name would make the scorer a
// way to call any method of any object.
func (c *Call) responseMethod(v pickle.Value) bool {
	switch v.Kind() {
	case pickle.KindNone:
		return true
	case pickle.KindTuple, pickle.KindRefTuple, pickle.KindList:
		items, more := c.M.Items(v)
		for _, item := range items {
			if item.Kind() == pickle.KindTuple || item.Kind() == pickle.KindList || !c.responseMethod(item) {
				return false
			}
		}
		return !more
	}
	switch word(c, v) {
	case "predict", "predict_proba", "predict_log_proba", "decision_function", "transform", "score_samples", "auto", "default":
		return true
	}
	return false
}
