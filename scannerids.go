package merlon

import (
	"slices"

	"github.com/merlon-security/merlon/scan"
)

// ScannerIDs lists the ids of all scanners, sorted: what Options.Only may name.
func ScannerIDs() []string {
	var ids []string
	for _, s := range Scanners() {
		ids = append(ids, scannerID(s))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// scannerID returns the id of a scanner. One whose rules take time to read says it
// without them.
func scannerID(s scan.Scanner) string {
	if quick, ok := s.(interface{ ID() string }); ok {
		return quick.ID()
	}
	return s.Info().ID
}
