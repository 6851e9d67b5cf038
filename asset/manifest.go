package asset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Resource is one file of a [Manifest].
type Resource struct {
	Name   string // normalised, relative, slash-separated
	SHA256 string // lower-case hex
	Size   int64  // bytes
}

// Manifest lists the files that together are one asset.
type Manifest struct{ Resources []Resource }

// Root returns the digest that names the whole asset: SHA-256 over the raw
// digests of the resources in bytewise order of their names, in lower-case hex
// (OpenSSF Model Signing v1.0, "subject"). It fails on a digest that is not 32
// bytes of hex and on a name that occurs twice.
func (m Manifest) Root() (string, error) {
	sorted := slices.Clone(m.Resources)
	slices.SortFunc(sorted, func(a, b Resource) int { return strings.Compare(a.Name, b.Name) })
	h := sha256.New()
	for i, r := range sorted {
		if i > 0 && r.Name == sorted[i-1].Name {
			return "", fmt.Errorf("manifest names %q twice", r.Name)
		}
		d, err := hex.DecodeString(r.SHA256)
		if err != nil || len(d) != sha256.Size {
			return "", fmt.Errorf("manifest: digest of %q is not a SHA-256", r.Name)
		}
		h.Write(d)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
