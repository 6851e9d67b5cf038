package cli

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon"
)

// knownScanners refuses ids that no scanner has: a typing error must not be a scan of
// nothing that passes, and neither must a variable that is empty.
func knownScanners(ids []string, named bool) error {
	if !named {
		return nil
	}
	known := merlon.ScannerIDs()
	if len(ids) == 0 {
		return usageErrorf("--only: nothing is named; there are %s", strings.Join(known, ", "))
	}
	for _, id := range ids {
		if !slices.Contains(known, id) {
			return usageErrorf("--only: there is no scanner %q; there are %s", id, strings.Join(known, ", "))
		}
	}
	return nil
}
