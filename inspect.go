package merlon

import (
	"context"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/inspect"
)

// InspectOptions says what to inspect.
type InspectOptions struct {
	Name   string // as reports call it. Optional, default Path
	Path   string // file or folder
	Digest bool   // compute digests, which reads every byte. Optional
}

// Inspect tells what a model is, from the headers of its files: formats, tensors,
// parameters, and what its configuration claims. The error is about the request; a
// file that cannot be read to its end carries its own.
func Inspect(ctx context.Context, o InspectOptions) (*asset.Inspection, error) {
	if o.Name == "" {
		o.Name = o.Path
	}
	return inspect.Run(ctx, inspect.Options{Name: o.Name, Path: o.Path, Scanners: Scanners(), Digest: o.Digest})
}
