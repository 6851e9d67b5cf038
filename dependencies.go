package merlon

import (
	"fmt"

	"github.com/merlon-security/merlon/code/dependency"
	"github.com/merlon-security/merlon/engine/osv"
	"github.com/merlon-security/merlon/scan"
)

// dependencyScanner puts a scanner that asks the advisories of the options in the place
// of the default one. done releases them.
func dependencyScanner(list []scan.Scanner, o Options) (_ []scan.Scanner, done func(), err error) {
	if o.Advisories == "" {
		return list, func() {}, nil
	}
	x, err := osv.Open(o.Advisories)
	if err != nil {
		return nil, nil, fmt.Errorf("advisories: %w", err)
	}
	return substitute(list, dependency.NewWith(dependency.Options{Advisories: x})), func() { x.Close() }, nil
}
