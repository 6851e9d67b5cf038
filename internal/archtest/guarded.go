package archtest

import "strings"

// Guarded lists imports that few packages may have, with who may and why. A path
// ends in "/..." to cover everything below it.
var Guarded = map[string]struct {
	By  []string
	Why string
}{
	"C":            {nil, "merlon is CGO-free: one static binary for every platform"},
	"plugin":       {nil, "code is never loaded at run time"},
	"unsafe":       {[]string{"pipeline/record/watch"}, "a parser of hostile bytes must be memory-safe; system calls that the standard library does not know need it"},
	"os/exec":      {[]string{"tools/...", "bench/...", "internal/browsertest", "engine/mcp/stdio", "pipeline/record"}, "a scan starts no programs: what is scanned must not be able to choose one"},
	"net/http":     {[]string{"engine/hubfetch", "engine/keycheck", "engine/osv/update", "pipeline/admission", "engine/mcp/web", "engine/mcp/mcptest", "pipeline/oci", "sign/transit", "tools/...", "bench/..."}, "a scan uses no network"},
	"net":          {[]string{"engine/hubfetch", "pipeline/admission", "engine/mcp/web", "sign/transit", "tools/...", "bench/..."}, "a scan uses no network"},
	"net/rpc":      {nil, "a scan uses no network"},
	"encoding/gob": {nil, "gob builds what hostile bytes describe"},
	"os/user":      {nil, "it differs with and without cgo"},
}

// MayImport reports whether package pkg (relative to the module root) may import
// the guarded path.
func MayImport(pkg, path string) bool {
	g, ok := Guarded[path]
	if !ok {
		return true
	}
	for _, by := range g.By {
		if tree, below := strings.CutSuffix(by, "/..."); pkg == by || below && (pkg == tree || strings.HasPrefix(pkg, tree+"/")) {
			return true
		}
	}
	return false
}
