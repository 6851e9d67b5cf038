package inventory

import (
	"errors"
	"strings"
)

// parseSetupCfg reads install_requires, setup_requires and extras of setuptools.
func parseSetupCfg(content []byte) (*File, error) {
	f := new(File)
	var errs []error
	section, key, n := "", "", 0
	for line := range strings.Lines(string(content)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		value := trimmed
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
			continue
		case strings.HasPrefix(line, "[") && strings.HasSuffix(trimmed, "]"):
			section, key = strings.TrimSpace(trimmed[1:len(trimmed)-1]), ""
			continue
		case line[0] != ' ' && line[0] != '\t':
			var ok bool
			key, value, ok = strings.Cut(trimmed, "=")
			if !ok {
				key, value, _ = strings.Cut(trimmed, ":")
			}
			key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		}
		group := ""
		switch {
		case section == "metadata" && key == "name":
			f.Self = value
			continue
		case section == "options" && key == "install_requires":
		case section == "options" && (key == "setup_requires" || key == "tests_require"):
			group = strings.TrimSuffix(strings.TrimSuffix(key, "_requires"), "_require")
		case section == "options.extras_require":
			group = key
		default:
			continue
		}
		for spec := range strings.SplitSeq(stripComment(" "+value), "\n") {
			if spec = strings.TrimSpace(spec); spec == "" {
				continue
			}
			r, err := parseRequirement(spec)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			p := r.python(n)
			p.Group = group
			f.Packages = append(f.Packages, p)
		}
	}
	return f, errors.Join(errs...)
}
