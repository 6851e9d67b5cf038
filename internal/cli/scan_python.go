package cli

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/internal/config"
)

// python puts what flags and configuration say about Python code into the options.
// A flag --profile takes the place of the configuration's, --rules adds to it.
func (f scanFlags) python(s streams, cfg config.Config, o *merlon.Options) error {
	name, where := f.profile, "--profile"
	if name == "" {
		name, where = cfg.Code.Profile, "code.profile"
	}
	if all := merlon.PythonProfiles(); name != "" && !slices.Contains(all, name) {
		return usageErrorf("%s: %q is none of %s", where, name, strings.Join(all, ", "))
	}
	o.Profile = name
	dirs := slices.Concat(cfg.Code.Rules, f.rules)
	if len(dirs) == 0 {
		return nil
	}
	var err error
	if o.PythonRules, err = merlon.LoadPythonRules(dirs...); err != nil {
		return usageErrorf("rules: %w", err)
	}
	if cfg.Found && len(cfg.Code.Rules) > 0 {
		// A model can also say what cleans data. Whoever scans a folder of somebody else
		// from inside should know that its owner took part in the judgement.
		warn(s.err, "rules in %s take part, as %s says", strings.Join(cfg.Code.Rules, ", "), config.FileName)
	}
	return nil
}
