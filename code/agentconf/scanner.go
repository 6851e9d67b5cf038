package agentconf

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner of agent configuration.
func New() scan.Scanner { return scanner{} }

type scanner struct{ locking *Locking } // nil: nothing is gathered

// maxSize bounds what is read. Instructions of a megabyte are read by nobody.
const maxSize = 4 << 20

// maxListing bounds what a server has listed: the client has bounded it before.
const maxListing = 128 << 20

// Info implements [scan.Scanner].
func (scanner) Info() scan.Info {
	in := &scan.Interest{Suffixes: append([]string{}, texts...)}
	for n := range names {
		in.Names = append(in.Names, n)
	}
	for e := range ends {
		in.Suffixes = append(in.Suffixes, e)
	}
	return scan.Info{ID: "agentconf", Version: "2", Rules: rules(), Interest: in}
}

// Wants takes files by their names: clients read nothing else.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if fi.Hint != "" {
		return scan.No
	}
	return scan.YesIf(kindOf(fi.Ref.Name()) != other)
}

// Scan implements [scan.Scanner].
func (sc scanner) Scan(_ context.Context, f scan.File, s *scan.Sink) error {
	name := f.Ref().Name()
	k := kindOf(name)
	if f.Size() > maxSize && k == config {
		return nil // a settings or model file of another program; agents' own have kilobytes
	}
	limit := int64(maxSize)
	if k == listed {
		limit = maxListing
	}
	b, err := scan.Bytes(f, limit)
	if err != nil {
		return fmt.Errorf("agent configuration: %w", err)
	}
	if !utf8.Valid(b) {
		return nil // not what any client reads
	}
	r := &report{ref: f.Ref(), sink: s, doc: string(b), locking: sc.locking}
	switch k {
	case config, card:
		r.structured(strings.ToLower(name))
	case listed:
		return r.listed()
	case flow:
		r.framework()
	default:
		r.instructions(k == told)
		r.framework()
	}
	return nil
}

// report collects what is found in one file.
type report struct {
	ref  asset.Ref
	sink *scan.Sink
	doc  string

	locking *Locking        // nil: nothing is gathered
	own     map[string]bool // of a listing: names of tools and parameters
	called  []string        // words of the name of the server
	judged  map[int]bool    // offsets of texts that were looked at as those of tools
}

// at reports a finding at a byte of the file; -1 for the whole file.
func (r *report) at(off int, f finding.Finding) {
	l := finding.At(r.ref)
	if off >= 0 && off <= len(r.doc) {
		l.Line = 1 + strings.Count(r.doc[:off], "\n")
		l.Col = 1 + off - (strings.LastIndexByte(r.doc[:off], '\n') + 1)
	}
	f.Locations = []finding.Location{l}
	r.sink.Report(f)
}

var _ scan.Scanner = scanner{}
