package skops

import (
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/pickle/policy"
)

// judge decides about one node.
type judge struct {
	v     *verdict.File
	r     *reader
	types map[string]int
	files map[string]bool
}

func (j *judge) report(worst asset.Verdict, rule string, n *node, format string, args ...any) {
	where := n.path
	if where == "" {
		where = "the root"
	}
	j.v.Report(worst, finding.Finding{Rule: rule, Key: n.loader + " " + n.name() + " " + n.fn,
		Message: fmt.Sprintf(format, args...) + " (at " + verdict.Show(where) + ")",
		Attrs:   map[string]any{"loader": n.loader, "type": n.name(), "path": n.path}})
}

const maxTypes = 10_000

// visit applies the rules of skops' own audit, and those that its older versions
// lack.
func (j *judge) visit(n *node) {
	if !n.hasClass || !n.hasModule {
		j.v.Failf("node %s at %s has no type", verdict.Show(n.loader), verdict.Show(n.path))
		return
	}
	if len(j.types) < maxTypes {
		j.types[n.name()]++
	}
	if n.file != "" && len(j.files) < maxIDs {
		j.files[n.file] = true
	}
	switch n.loader {
	case "JsonNode":
		return // its type is never used
	case "CachedNode":
		return
	case "MethodNode":
		j.method(n)
		return
	case "OperatorFuncNode":
		j.operator(n)
		return
	case "PartialNode":
		j.report(asset.Unverified, ruleType, n, "a partial call is put together when the model is loaded, and called later")
		return
	case "RandomGeneratorNode":
		if !slices.Contains([]string{"MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"}, n.generator) {
			j.report(asset.Unverified, ruleType, n, "calls numpy.random.%s, which is no bit generator", verdict.Show(n.generator))
		}
	}
	if d := policy.Look(n.module, n.class).Deny; d != nil {
		j.report(asset.Malicious, ruleCall, n, "%s %s: %s", how(n.loader), verdict.Show(n.name()), d.Effect.Phrase())
		return
	}
	if !j.known(n) {
		j.report(asset.Unverified, ruleType, n, "%s %s, of which nothing is known", how(n.loader), verdict.Show(n.name()))
	}
}

// clash judges a node that has the identity of another one.
func (j *judge) clash(n *node, first string) {
	j.report(asset.Malicious, ruleSpoof, n, "%s %s has the identity of %s, which skops makes instead", n.loader, verdict.Show(n.name()), verdict.Show(first))
}

// how says what a loader does with its type.
func how(loader string) string {
	switch loader {
	case "TypeNode", "FunctionNode":
		return "imports"
	}
	return "makes an object of"
}

// known reports whether a loader may have the type: what skops trusts by default,
// in all its versions, and what only holds data.
func (j *judge) known(n *node) bool {
	name := n.name()
	switch n.loader {
	case "DictNode":
		return name == "builtins.dict" || name == "collections.OrderedDict" || name == "sklearn.utils._bunch.Bunch" ||
			name == "sklearn.utils.Bunch" || name == "sklearn.covariance._graph_lasso._DictWithDeprecatedKeys"
	case "DefaultDictNode":
		return name == "collections.defaultdict"
	case "ListNode":
		return name == "builtins.list"
	case "SetNode":
		return name == "builtins.set" || name == "builtins.frozenset"
	case "TupleNode":
		return name == "builtins.tuple"
	case "BytesNode":
		return name == "builtins.bytes"
	case "BytearrayNode":
		return name == "builtins.bytearray"
	case "SliceNode":
		return name == "builtins.slice"
	case "NdArrayNode":
		return name == "numpy.ndarray" || harmless()["dtype "+name]
	case "MaskedArrayNode":
		return strings.HasPrefix(name, "numpy.ma.") && strings.HasSuffix(name, ".MaskedArray")
	case "DTypeNode":
		return name == "numpy.dtype"
	case "RandomStateNode":
		return strings.HasPrefix(name, "numpy.random.") && n.class == "RandomState"
	case "RandomGeneratorNode":
		return strings.HasPrefix(name, "numpy.random.") && n.class == "Generator"
	case "SparseMatrixNode":
		return strings.HasPrefix(name, "scipy.sparse.")
	case "TreeNode":
		return name == "sklearn.tree._tree.Tree"
	case "LossNode":
		// skops makes these only of the classes in its own list.
		return slices.Contains([]string{"sklearn.linear_model._sgd_fast", "sklearn._loss._loss", "_loss"}, n.module)
	case "TypeNode":
		return slices.Contains([]string{"builtins.int", "builtins.float", "builtins.str", "builtins.bool", "builtins.list",
			"builtins.set", "builtins.tuple", "builtins.NoneType", "builtins.bytes"}, name) || harmless()["dtype "+name]
	case "FunctionNode":
		return harmless()["function "+name] || policy.Look(n.module, n.class).Allow.Can(policy.Ref)
	case "ObjectNode":
		// __new__ and __setstate__ or attributes: what NEWOBJ and BUILD do in a pickle.
		a := policy.Look(n.module, n.class).Allow
		if a.Is("pyx") && neighbours(n) {
			return true
		}
		made := strings.HasPrefix(n.module, "sklearn.") || name == spline
		return harmless()["object "+name] || made && a.Can(policy.NewObj|policy.Reduce) && a.Can(policy.BuildDict|policy.BuildTuple)
	}
	return false
}

// neighbours reports whether a tree of neighbours or a distance of scikit-learn has the
// state that its own writer gives it. Their __setstate__ takes the items without
// counting them, and None for an array crashes; what is left they convert and check.
func neighbours(n *node) bool {
	shape := ""
	for _, k := range n.state {
		if strings.HasPrefix(k, "object sklearn.metrics._dist_metrics.") {
			k = "metric"
		}
		shape += k + " "
	}
	switch {
	case strings.HasPrefix(n.class, "PyFunc"): // calls a function
		return false
	case n.module == "sklearn.metrics._dist_metrics":
		return shape == "number array array "
	case n.module == "sklearn.neighbors._kd_tree" || n.module == "sklearn.neighbors._ball_tree":
		const tree = "array array array array number number number number number number number metric "
		return shape == tree+"null " || shape == tree+"array "
	}
	return false
}

// spline is what SplineTransformer is made of: a plain class without __new__ and
// __setstate__ of its own, which skops does not trust because scipy has it.
const spline = "scipy.interpolate._bsplines.BSpline"

// method judges a bound method: getattr(OBJECT, NAME).
func (j *judge) method(n *node) {
	switch {
	case n.obj == nil || n.fn == "":
		j.v.Failf("method at %s has no object or no name", verdict.Show(n.path))
	case n.obj.isNode && n.obj.name() != n.name():
		j.report(asset.Malicious, ruleSpoof, n, "claims to be a method of %s, and takes %s of an object of type %s.%s", verdict.Show(n.name()),
			verdict.Show(n.fn), verdict.Show(n.obj.name()), cve.Sentence("skops/method"))
	case strings.HasPrefix(n.fn, "__"):
		j.report(asset.Malicious, ruleCall, n, "takes %s of %s: reaches the internals of Python", verdict.Show(n.fn), verdict.Show(n.name()))
	default:
		j.report(asset.Unverified, ruleType, n, "takes the method %s of %s", verdict.Show(n.fn), verdict.Show(n.name()))
	}
}

// operator judges operator.CLASS(*attrs).
func (j *judge) operator(n *node) {
	switch {
	case n.module != "operator":
		j.report(asset.Malicious, ruleSpoof, n, "claims to be %s, and calls operator.%s.%s", verdict.Show(n.name()), verdict.Show(n.class), cve.Sentence("skops/operator"))
	case n.class != "itemgetter" && n.class != "attrgetter" && n.class != "methodcaller":
		j.report(asset.Malicious, ruleCall, n, "calls operator.%s when the model is loaded", verdict.Show(n.class))
	case slices.ContainsFunc(n.words, func(w string) bool { return strings.Contains(w, "__") }):
		j.report(asset.Malicious, ruleCall, n, "operator.%s of %s: reaches the internals of Python", n.class, verdict.Show(strings.Join(n.words, ", ")))
	case n.class == "itemgetter":
		j.report(asset.Unverified, ruleType, n, "operator.itemgetter is called later on whatever the model is given")
	default:
		j.report(asset.Unverified, ruleType, n, "operator.%s of %s", n.class, verdict.Show(strings.Join(n.words, ", ")))
	}
}
