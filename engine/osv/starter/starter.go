// Package starter holds the advisories that come with the program, so that the first
// run is useful without any network: packages that AI and ML systems are built from.
//
// The facts are those of the PyPA advisory database (github.com/pypa/advisory-database,
// 10 October 2024) and the Go vulnerability database (github.com/golang/vulndb, 21
// August 2026), both under CC-BY-4.0, derived by tools/advisories.
package starter

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/osv"
)

//go:embed advisories.mdb
var data string

// Index opens the advisories. The same one is given to every caller.
var Index = sync.OnceValues(func() (*osv.Index, error) {
	return osv.NewIndex(strings.NewReader(data), int64(len(data)))
})
