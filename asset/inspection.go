package asset

// Inspection is what is known about a model without loading it: of one file, or of
// a folder taken as one model.
type Inspection struct {
	Name   string // as the user named it
	Path   string // where it lies
	Kind   string // "file" or "folder"
	Format string // of the weights; several are joined by ", "
	// Facts sum up the whole, with the file that each was read from.
	Facts []Fact
	Files []InspectedFile
	// Root names the whole model by its content (see [Manifest.Root]); empty when
	// digests were not asked for.
	Root string
}

// InspectedFile is one file of a model.
type InspectedFile struct {
	Path    string // relative to the model; the name for a single file
	Size    int64  // bytes
	SHA256  string // lower-case hex; empty when not asked for
	Format  string // empty: no reader knows it
	Version string // of the format
	Facts   []Fact
	Tensors []Tensor
	Omitted int    // tensors beyond those in Tensors
	Index   bool   // its tensors lie in other files
	Err     string // why it could not be read to its end; empty when it could
}
