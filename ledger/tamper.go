package ledger

import "fmt"

// TamperError says that a ledger is not what its checkpoints commit to.
type TamperError struct {
	Seq    *uint64 // first entry known to be wrong, where one can be named
	File   string  // relative to the ledger's folder, where one can be named
	Reason string
}

func (e *TamperError) Error() string {
	switch {
	case e.Seq != nil && e.File != "":
		return fmt.Sprintf("entry %d (%s) %s", *e.Seq, e.File, e.Reason)
	case e.Seq != nil:
		return fmt.Sprintf("entry %d %s", *e.Seq, e.Reason)
	case e.File != "":
		return fmt.Sprintf("%s %s", e.File, e.Reason)
	}
	return e.Reason
}
