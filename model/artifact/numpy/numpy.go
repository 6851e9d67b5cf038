// Package numpy judges .npy and .npz files: the header is read with a parser of its
// own, the size is compared with the shape, and arrays of Python objects are handed
// on as the pickles that they are.
package numpy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

// Info implements [scan.Scanner].
func (scanner) Info() scan.Info {
	return verdict.Info("numpy", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Magics: scan.At(0, npyMagic, "PK\x03\x04")}
}

// Wants takes .npy files by their magic string and zips that begin with one.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(bytes.HasPrefix(fi.Head, []byte(npyMagic)) || npz(fi.Head))
}

// npz reports whether a zip's first member has the name of an array.
func npz(head []byte) bool {
	if len(head) < 30 || !bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return false
	}
	n := int(head[26]) | int(head[27])<<8
	return len(head) >= 30+n && bytes.HasSuffix(head[30:30+n], []byte(".npy"))
}

// Scan implements [scan.Scanner].
func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	if !bytes.HasPrefix(f.Head(), []byte(npyMagic)) {
		return archiveOf(ctx, f, s)
	}
	a := asset.Asset{Kind: asset.Model, Ref: f.Ref(), Format: "npy", Size: f.Size(), Verdict: asset.OK}
	defer func() { s.Asset(a) }()
	// numpy.save may be called several times on one open file.
	for off := int64(0); off < f.Size(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		next, v, err := array(f, s, off)
		a.Verdict = a.Verdict.Worst(v)
		if err != nil {
			a.Verdict = a.Verdict.Worst(asset.Failed)
			return err
		}
		off = next
	}
	return nil
}

// array judges the array at off, and returns where the next one may be.
func array(f scan.File, s *scan.Sink, off int64) (next int64, v asset.Verdict, err error) {
	end := f.Size()
	h, err := readHeader(f, off, end)
	// Whatever numpy.load makes of the header, what it does not take for an array it
	// unpickles: the rest is shown to the scanner of pickles.
	rest := func(from int64) error {
		ref := f.Ref().Join(asset.Step{Kind: asset.Nested, N: int(from)})
		return s.Derive(scan.Derived{Ref: ref, Body: io.NewSectionReader(f, from, end-from)})
	}
	if errors.Is(err, errHeader) && off > 0 {
		s.Report(finding.Finding{
			Rule: ruleSize, Locations: []finding.Location{finding.AtOffset(f.Ref(), off)}, Key: "trailing",
			Message: fmt.Sprintf("%d bytes after the array that are no array", end-off),
		})
		return end, asset.Unverified, rest(off)
	}
	if errors.Is(err, errHeader) {
		s.Report(finding.Finding{
			Rule: ruleHeader, Locations: []finding.Location{finding.AtOffset(f.Ref(), off)}, Key: "header",
			Message: text.Cut(text.Visible(err.Error()), 200),
		})
		if h != nil {
			if err := rest(h.data); err != nil {
				return end, asset.Failed, err
			}
		}
		return end, asset.Failed, fmt.Errorf("the header cannot be read: %w", err)
	}
	if err != nil {
		return end, asset.Failed, err
	}
	if h.dtype.object {
		s.Report(finding.Finding{
			Rule: ruleObject, Locations: []finding.Location{finding.AtOffset(f.Ref(), off)}, Key: "object",
			Message: "array of Python objects, dtype " + text.Cut(text.Visible(h.summary), 100),
		})
		ref := f.Ref().Join(asset.Step{Kind: asset.Nested, N: int(h.data)})
		err := s.Derive(scan.Derived{Ref: ref, Hint: pickle.Hint, Body: io.NewSectionReader(f, h.data, end-h.data)})
		return end, asset.OK, err
	}
	if h.dtype.size != 0 && h.count > (math.MaxInt64-h.data)/h.dtype.size {
		h.count, h.dtype.size = math.MaxInt64-h.data, 1
	}
	stop := h.data + h.count*h.dtype.size
	if stop > end {
		s.Report(finding.Finding{
			Rule: ruleSize, Locations: []finding.Location{finding.AtOffset(f.Ref(), h.data)}, Key: "short",
			Message: fmt.Sprintf("the array needs %d bytes, the file has %d", stop-h.data, end-h.data),
		})
		return end, asset.Failed, errors.New("the file ends inside of the array; get it again from its publisher")
	}
	return stop, asset.OK, nil
}

// archiveOf names a zip of arrays. The arrays are judged as members.
func archiveOf(ctx context.Context, f scan.File, s *scan.Sink) error {
	z, err := archive.ReadZip(ctx, f, f.Size(), archive.Limits{})
	if err != nil {
		return ctx.Err() // for the scanner of archives to say
	}
	for _, m := range z.Members() {
		if !m.Dir && !strings.HasSuffix(m.Name, ".npy") {
			return nil
		}
	}
	s.Asset(asset.Asset{Kind: asset.Model, Ref: f.Ref(), Format: "npz", Size: f.Size(), Verdict: asset.OK})
	return nil
}

var _ scan.Scanner = scanner{}
