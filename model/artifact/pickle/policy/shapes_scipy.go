package policy

import (
	"regexp"
	"sync"

	"github.com/merlon-security/merlon/engine/pickle"
)

// template matches what scipy.stats.rv_generic generates for its argument parsers: three functions whose parameters are names and whose defaults are
// numbers. scipy executes the text when a distribution is unpickled (scipy/stats/_distn_infrastructure.py, parse_arg_template).
var template = sync.OnceValue(func() *regexp.Regexp {
	const (
		names = `(?:[A-Za-z_][A-Za-z0-9_]*, )*`
		loc   = `(?:loc=0, scale=1|loc=0)`
		out   = `(?:loc, scale|loc, 1)`
	)
	return regexp.MustCompile(`^\ndef _parse_args\(self, ` + names + ` ?` + loc + `\):\n    return \(` + names + `\), ` + out + `\n\n` +
		`def _parse_args_rvs\(self, ` + names + ` ?` + loc + `, size=None\):\n    return self\._argcheck_rvs\(` + names + ` ?` + out + `, size=size\)\n\n` +
		`def _parse_args_stats\(self, ` + names + ` ?` + loc + `, moments='mv'\):\n    return \(` + names + `\), ` + out + `, moments\n$`)
})

// scipyKeys are the constructor arguments that the state of older versions holds: (dict, random state).
var scipyKeys = map[string]bool{
	"momtype": true, "a": true, "b": true, "xtol": true, "badvalue": true, "value": true, "name": true, "longname": true, "shapes": true,
	"extradoc": true, "seed": true, "inc": true, "values": true, "moment_tol": true,
}

// scipyState: rv_generic.__setstate__ executes state["_parse_arg_template"].
func scipyState(c *Call) string {
	state, keys := c.State, map[string]bool(nil)
	if k := state.Kind(); k == pickle.KindTuple || k == pickle.KindRefTuple {
		pair, more := c.M.Items(state)
		if len(pair) != 2 || more {
			return "its state cannot be judged"
		}
		state, keys = pair[0], scipyKeys
	}
	items, more := c.M.Items(state)
	if state.Kind() != pickle.KindDict || more {
		return "its state cannot be judged"
	}
	for i := 0; i+1 < len(items); i += 2 {
		key := word(c, items[i])
		if key == "" || keys != nil && !keys[key] {
			return "its state cannot be judged"
		}
		if key == "_parse_arg_template" {
			text, ok := c.M.Text(items[i+1], 4096)
			if !ok || !template().MatchString(text) {
				return "its state has a template that is executed as Python"
			}
		}
	}
	return ""
}
