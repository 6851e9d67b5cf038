package merlon

import (
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/code/sast"
	"github.com/merlon-security/merlon/scan"
)

// PythonRules is what the analysis of Python code goes by: models of libraries, and
// rules.
type PythonRules = sast.Knowledge

// LoadPythonRules reads models and rules of one's own from folders; they add to what is
// built in. The error is a mistake in a file, which it names with the line.
func LoadPythonRules(dirs ...string) (*PythonRules, error) { return sast.Load(dirs...) }

// PythonProfiles lists the sets of rules for Python code; the first is the default.
func PythonProfiles() []string { return sast.Profiles() }

// pythonScanner puts a scanner that goes by the options in the place of the default one.
func pythonScanner(list []scan.Scanner, o Options) ([]scan.Scanner, error) {
	if o.Profile == "" && o.PythonRules == nil {
		return list, nil
	}
	if p := PythonProfiles(); o.Profile != "" && !slices.Contains(p, o.Profile) {
		return nil, fmt.Errorf("unknown profile %q (known: %s)", o.Profile, strings.Join(p, ", "))
	}
	return substitute(list, sast.NewWith(sast.Options{Profile: o.Profile, Knowledge: o.PythonRules})), nil
}

// RulesDigest is [RulesDigest] of the rules that a scan with these options goes by.
func (o Options) RulesDigest() (string, error) {
	list, err := pythonScanner(append(Scanners(), DeepScanners()...), o)
	if err != nil {
		return "", err
	}
	return digestOfRules(list), nil
}
