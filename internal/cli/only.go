package cli

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon"
)

// knownScanners refuses ids that no scanner has: a typing error must not be a scan of
// nothing that passes.
func knownScanners(ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	known := merlon.ScannerIDs()
	for _, id := range ids {
		if !slices.Contains(known, id) {
			return usageErrorf("--only: there is no scanner %q; there are %s", id, strings.Join(known, ", "))
		}
	}
	return nil
}
