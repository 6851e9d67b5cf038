package pickle

import (
	"testing"

	"github.com/merlon-security/merlon/asset"
)

// made is an object of a class with a state, as NEWOBJ and BUILD make it.
func made(class string, state string) string { return class + ")\x81" + state + "b" }

// An attribute shadows the method of its name, so a state may not put something that can be called where code that runs while loading looks for a
// method; the same attribute with data in it is what real models have.
func TestStatesThatReplaceMethods(t *testing.T) {
	var (
		isotonic = glob("sklearn.isotonic", "IsotonicRegression")
		pipeline = glob("sklearn.pipeline", "Pipeline")
		odict    = glob("collections", "OrderedDict")
		float64  = glob("numpy", "float64")
		log1p    = glob("numpy", "log1p")
		partial  = call(glob("functools", "partial"), log1p)
		holder   = func(key, value string) string { return made(pipeline, dict(str(key), value)) }
	)
	for name, tt := range map[string]struct {
		data string
		want asset.Verdict
	}{
		"a method that __setstate__ calls":          {made(isotonic, dict(str("_build_f"), partial)), asset.Unverified},
		"the same state with data":                  {made(isotonic, dict(str("y_min"), "K\x01")), asset.OK},
		"keys of what OrderedDict is given":         {call(odict, holder("keys", partial)), asset.Unverified},
		"an object with attributes for OrderedDict": {call(odict, holder("steps", "]")), asset.Unverified},
		"OrderedDict of pairs":                      {call(odict, list(tup(str("a"), holder("steps", "]")))), asset.OK},
		"astype of what a predictor holds":          {holder("astype", partial), asset.Unverified},
		"a parameter named dtype":                   {holder("dtype", float64), asset.OK},
		"a parameter that holds a function":         {holder("func", log1p), asset.OK},
		"a special method":                          {holder("__len__", partial), asset.Unverified},
		"partial of a class, which runs __init__":   {call(glob("functools", "partial"), pipeline), asset.Unverified},
		"a namespace with attributes by REDUCE":     {call(glob("types", "SimpleNamespace"), dict(str("__setstate__"), partial)), asset.Unverified},
		"a namespace":                               {call(glob("types", "SimpleNamespace")) + dict(str("a"), "K\x01") + "b", asset.OK},
		"a scorer that calls any method":            {made(glob("sklearn.metrics._scorer", "_Scorer"), dict(str("_response_method"), str("eval"))), asset.Unverified},
		"a scorer":                                  {made(glob("sklearn.metrics._scorer", "_Scorer"), dict(str("_response_method"), str("predict"))), asset.OK},
		"a maker of functions from source":          {made(glob("scipy._lib.decorator", "FunctionMaker"), dict(str("name"), str("f"))), asset.Malicious},
	} {
		if got := judgeBytes(t, p2(tt.data), Options{}).Verdict; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
