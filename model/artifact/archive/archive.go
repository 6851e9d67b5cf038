// Package archive opens archives and compressed files, whatever they are called,
// and hands what is inside back to the engine, so that every scanner sees it.
//
// A model in an archive is judged by the scanner of its own format. This one
// judges the container: whether all readers of it would see the same
// (zip differentials), whether something in it could not be looked at, and
// whether unpacking it would do harm.
//
// Every member gets a fact with its name, size and SHA-256.
package archive

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

// Info implements [scan.Scanner].
func (scanner) Info() scan.Info {
	return verdict.Info("archive", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Suffixes: zipNames(), Magics: archive.Signatures(), Tails: []string{"PK\x05\x06"}}
}

// Wants takes archives and compressed files by their content, and anything that
// ends like a zip.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if len(fi.Head) < 4 {
		return scan.No
	}
	if _, ok := archive.Detect(fi.Head); ok {
		return scan.Yes
	}
	return scan.YesIf(zipName(fi.Ref.Name()) || archive.HasZipEnd(fi.Tail()))
}

// zipName reports whether loaders open files of this name as a zip without a look
// at their beginning. The end record of a zip may lie further from the end than
// the tail reaches.
func zipName(name string) bool {
	return slices.Contains(zipNames(), strings.ToLower(path.Ext(name)))
}

func zipNames() []string {
	return []string{".zip", ".keras", ".npz", ".skops", ".mar", ".pt", ".pth", ".pt2", ".ckpt", ".bin"}
}

// Scan implements [scan.Scanner].
func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	j := &judge{sink: s, file: f, verdict: asset.OK, seen: map[string]int{}}
	for _, format := range archive.DetectAll(f.Head()) {
		if j.format == "" {
			j.format = format.Name
		}
		if err := one(ctx, f, format, j); err != nil {
			return err
		}
	}
	// Whatever the beginning is, a zip at the end is a zip for most programs.
	if j.format != "zip" && endsLikeZip(f) && !j.ofMembers(f) {
		c, err := archive.ReadZip(ctx, f, f.Size(), archive.Limits{})
		if err == nil && len(c.Members()) > 0 {
			if j.format == "" {
				j.format = "zip"
			}
			if err := members(ctx, f, c, j); err != nil {
				return err
			}
		}
	}
	if j.format != "" {
		j.close()
	}
	return ctx.Err()
}

// one opens the file as one format.
func one(ctx context.Context, f scan.File, format archive.Format, j *judge) error {
	switch format.Kind {
	case archive.Opaque:
		j.undecodable(f.Ref(), "", &archive.Error{Reason: archive.Unsupported, Err: errOpaque})
		return nil
	case archive.One:
		return stream(ctx, f, format, j)
	}
	c, err := open(ctx, f, format.Name)
	if err != nil {
		j.undecodable(f.Ref(), "", err)
		return ctx.Err()
	}
	if format.Name == "tar" {
		j.tar = c
	}
	return members(ctx, f, c, j)
}

func open(ctx context.Context, f scan.File, format string) (archive.Container, error) {
	switch format {
	case "zip":
		return archive.ReadZip(ctx, f, f.Size(), archive.Limits{})
	case "tar":
		return archive.ReadTar(ctx, f, f.Size(), archive.Limits{})
	}
	return archive.Open7z(f, f.Size(), archive.Limits{})
}

var _ scan.Scanner = scanner{}
