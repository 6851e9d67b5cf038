package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// VerifyOptions say what a ledger is compared with.
type VerifyOptions struct {
	// Verifier is the public key that checkpoints must be signed with, from a source
	// other than the folder. Empty: the key in ledger.json, which whoever replaces the
	// whole folder can replace too.
	Verifier string
	// Earlier are checkpoints of this ledger that were kept elsewhere. Without one, an
	// older copy of the folder cannot be noticed.
	Earlier []Checkpoint
}

// Report is what [Verify] found in order.
type Report struct {
	Meta       Meta
	Checkpoint Checkpoint
	Entries    uint64 // in the write-ahead log
	Torn       int64  // bytes behind the last entry, of an append that was never acknowledged
	Tiles      int    // tile files compared
	Earlier    int    // checkpoints kept elsewhere that were compared
}

// Waiting is how many entries no checkpoint covers yet.
func (r Report) Waiting() uint64 { return r.Entries - r.Checkpoint.Size }

// Verify checks every byte of a ledger that anything relies on: the chain of the
// write-ahead log, the signatures of entries that are not sealed yet, the signed
// checkpoint, every tile, and that earlier checkpoints are extended. A ledger that
// is not what it says is a [*TamperError]; other errors mean that it could not be
// read. A writer may work at the same time.
//
// Memory does not grow with the ledger; time is that of reading it twice.
func Verify(ctx context.Context, dir string, opts VerifyOptions) (Report, error) {
	m, err := ReadMeta(dir)
	if err != nil {
		return Report{}, err
	}
	r := Report{Meta: m}
	if opts.Verifier != "" && opts.Verifier != m.Verifier {
		return r, &TamperError{File: metaFile, Reason: "names another key than the one given: this is another ledger, or its key was replaced"}
	}
	v, err := note.NewVerifier(m.Verifier)
	if err != nil {
		return r, err
	}
	for _, c := range opts.Earlier {
		if c.Origin != m.Origin {
			return r, fmt.Errorf("the checkpoint to compare with belongs to %s, not to this ledger (%s)", c.Origin, m.Origin)
		}
	}
	h := history{older: opts.Earlier, tree: newTree()}
	// From the newest to the oldest: a writer adds to the write-ahead log first and
	// publishes last, so that what is read later is never behind.
	if h.cp, err = ReadCheckpoint(dir, m); err != nil {
		return r, err
	}
	r.Checkpoint = h.cp
	files, err := listTiles(dir)
	if err != nil {
		return r, err
	}
	if h.state, err = readIntegrated(dir); err != nil {
		return r, err
	}
	if err := files.required(h.cp.Size); err != nil {
		return r, err
	}
	wal, err := openWAL(dir)
	if err != nil {
		return r, err
	}
	defer wal.Close()
	if err := h.check(); err != nil {
		return r, err
	}
	r.Torn, err = replay(wal, func(e Entry, line []byte, _ int64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.Seq >= h.cp.Size {
			if err := e.verify(v); err != nil {
				return err
			}
		}
		if err := files.add(h.tree, line); err != nil {
			return err
		}
		return h.check()
	})
	if err != nil {
		return r, err
	}
	r.Entries = h.tree.size()
	if err := h.end(); err != nil {
		return r, err
	}
	if err := files.unseen(r.Entries); err != nil {
		return r, err
	}
	for _, widths := range files.files {
		r.Tiles += len(widths)
	}
	r.Earlier = len(opts.Earlier)
	return r, nil
}
