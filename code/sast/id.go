package sast

// ID is the id of the scanner, which needs no model to be told.
func (*scanner) ID() string { return "python" }
