// Package polyglot finds programs among models: executables under the name of a
// model, programs inside the archive of one, and llamafiles, which are both on
// purpose.
//
// Executable magic counts only at the start of a file or member, and only with
// the header that must follow it (see engine/executable): weights contain every
// sequence of four bytes sooner or later.
package polyglot

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/engine/executable"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("polyglot", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Magics: scan.At(0, executable.Beginnings()...)}
}

// Wants takes what begins like a program, if its name, its place or a zip at its
// end has to do with models.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if !executable.Maybe(fi.Head) {
		return scan.No
	}
	if _, known := modelNames(extension(fi.Ref.Name())); known || insideModel(fi.Ref) {
		return scan.Yes
	}
	return scan.YesIf(archive.HasZipEnd(fi.Tail()))
}

// insideModel reports whether the reference leads into an archive that has the
// name of a model.
func insideModel(r asset.Ref) bool {
	if len(r.Inner) == 0 {
		return false
	}
	certain, _ := modelNames(extension(r.Path))
	return certain
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	kind := executable.Detect(f, f.Size())
	if kind == executable.None {
		return nil
	}
	name := f.Ref().Name()
	ext := extension(name)
	certain, known := modelNames(ext)
	switch {
	case certain, known && !isProgramName(ext):
		j := verdict.Of(s, f, "executable")
		worse, x := asset.Malicious, finding.Finding{Rule: ruleDisguised, Key: string(kind), Message: fmt.Sprintf(
			"%q is named like a model and begins with the header of a program: %s%s", verdict.Show(path.Base(name)), kind, line(f, kind))}
		if !certain {
			// Firmware and data of other kinds have these names too.
			worse, x.Severity, x.Confidence = asset.Unverified, finding.High, finding.Likely
		}
		j.Report(worse, x)
		j.Close()
		return nil
	case insideModel(f.Ref()):
		if !kind.Native() && isProgramName(ext) && ext != "" {
			return nil // a script with a script's name is code: the scanners of code and of the container judge it
		}
		j := verdict.Of(s, f, "executable")
		j.Report(asset.Unverified, finding.Finding{Rule: ruleInside, Key: string(kind),
			Message: fmt.Sprintf("%q inside the model is a program: %s%s", verdict.Show(name), kind, line(f, kind))})
		j.Close()
		return nil
	}
	weights, _, err := weightsOf(ctx, f)
	if err != nil || len(weights) == 0 {
		return nil // a program with a zip that holds no model: an installer, a zipapp
	}
	j := verdict.Of(s, f, "llamafile")
	j.Report(asset.Unverified, finding.Finding{Rule: ruleLlamafile, Key: string(kind),
		Message: fmt.Sprintf("%s program that carries a model: %q", kind, verdict.Show(strings.Join(weights, ", "))),
		Attrs:   map[string]any{"weights": weights}})
	j.Close()
	return nil
}

// line quotes the first line of a script.
func line(f scan.File, k executable.Kind) string {
	if k.Native() {
		return ""
	}
	l, _, _ := bytes.Cut(f.Head(), []byte("\n"))
	return fmt.Sprintf(" (%q)", verdict.Show(strings.TrimSpace(string(l))))
}

// maxNames bounds the names of weights that are kept.
const maxNames = 20

// weightsOf lists the models in the zip that is appended to a program.
func weightsOf(ctx context.Context, f scan.File) (names []string, z *archive.Zip, err error) {
	z, err = archive.ReadZip(ctx, f, f.Size(), archive.Limits{Members: 100_000})
	if err != nil {
		return nil, nil, err
	}
	for _, m := range z.Members() {
		if certain, _ := modelNames(extension(m.Name)); certain && len(names) < maxNames {
			names = append(names, m.Name)
		}
	}
	return names, z, nil
}

// Describe implements [scan.Describer] for llamafiles.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	kind := executable.Detect(f, f.Size())
	if kind == executable.None {
		return nil, fmt.Errorf("%s is no program", f.Ref())
	}
	d := &asset.Description{Format: "executable"}
	fact := func(kind string, value any) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: true, At: f.Ref()})
	}
	fact("program", string(kind))
	weights, z, err := weightsOf(ctx, f)
	if err != nil || len(weights) == 0 {
		return d, nil
	}
	d.Format = "llamafile"
	for i, m := range z.Members() {
		if certain, _ := modelNames(extension(m.Name)); certain {
			fact("member", m.Name)
		}
		if m.Name == ".args" {
			if text, err := head(z, i, 4<<10); err == nil {
				d.Facts = append(d.Facts, asset.Fact{Kind: "metadata", Value: asset.Pair{Name: ".args", Value: text}, At: f.Ref()})
			}
		}
		if len(d.Facts) > maxNames {
			break
		}
	}
	return d, nil
}

func head(z *archive.Zip, i int, limit int64) (string, error) {
	st, err := z.Open(i)
	if err != nil {
		return "", err
	}
	defer st.Close()
	b, err := io.ReadAll(io.LimitReader(st, limit))
	return string(b), err
}

var _ scan.Describer = scanner{}
