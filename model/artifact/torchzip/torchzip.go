// Package torchzip judges what torch.save writes: the zip of today, and the stacked
// pickles of before PyTorch 1.6.
//
// The pickles themselves are judged by the scanner of pickles, which sees them as
// members of the zip or at the beginning of the old file. Here it is checked that every storage that a pickle names exists and has
// the size it must have. TorchScript archives belong to package torchscript.
package torchzip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

// Info implements [scan.Scanner].
func (scanner) Info() scan.Info {
	return verdict.Info("torchzip", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Magics: scan.At(0, "PK\x03\x04", "\x80")}
}

// Wants takes zips, which PyTorch recognises by their first four bytes, and old
// files by their magic number.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(bytes.HasPrefix(fi.Head, []byte("PK\x03\x04")) || pickle.TorchLegacy(fi.Head))
}

// Scan implements [scan.Scanner].
func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	if pickle.TorchLegacy(f.Head()) {
		return legacy(ctx, f, s)
	}
	z, err := archive.ReadZip(ctx, f, f.Size(), archive.Limits{})
	if err != nil {
		return ctx.Err() // what is wrong with the zip is for the scanner of archives to say
	}
	l := lay(z.Members())
	if len(l.pickles) == 0 || l.script {
		return nil
	}
	j := &judge{sink: s, file: f, verdict: asset.OK}
	for _, i := range l.pickles {
		if err := l.check(ctx, z, i, j); err != nil {
			return err
		}
	}
	j.close("torch-zip")
	return nil
}

// layout is where torch.save puts things: all below one folder.
type layout struct {
	pickles []int
	script  bool
	sizes   map[string]int64 // of the members, by their full name
	byFold  map[string]int64 // as miniz looks them up, without regard to case
}

func lay(members []archive.Member) layout {
	l := layout{sizes: make(map[string]int64, len(members)), byFold: make(map[string]int64, len(members))}
	for i := range members {
		m := &members[i]
		size := m.Size
		if size < 0 {
			size = m.Packed
		}
		l.sizes[m.Name] = size
		l.byFold[archive.Fold(m.Name)] = size
		for _, name := range append([]string{m.Name}, m.Aliases...) {
			_, in, _ := strings.Cut(name, "/")
			switch {
			case strings.EqualFold(in, "data.pkl"):
				l.pickles = append(l.pickles, i)
			case in == "constants.pkl", in == "bytecode.pkl", strings.HasPrefix(in, "code/"):
				l.script = true
			}
		}
	}
	return l
}

// maxPickle bounds a compressed data.pkl; torch.save never compresses.
const maxPickle = 1 << 30

// named interprets a data.pkl, and returns the storages that it names. It returns nil
// for one that cannot be opened, which the scanner of archives reports.
func named(ctx context.Context, z *archive.Zip, i int) (*storages, error) {
	var data safeio.Content
	if s := z.Section(i); s != nil {
		data = s
	} else {
		st, err := z.Open(i)
		if err != nil {
			return nil, nil
		}
		defer st.Close()
		sp, err := safeio.NewSpool(st, 1<<20, maxPickle)
		if sp != nil { // what was read before an error counts
			defer sp.Close()
		}
		if sp == nil || errors.Is(err, safeio.ErrTooLarge) {
			return nil, fmt.Errorf("%s: %w", z.Members()[i].Name, err)
		}
		data = sp
	}
	st := newStorages()
	st.run(ctx, data, 0, data.Size())
	return st, nil
}

// check compares the storages that a data.pkl names with the members.
func (l *layout) check(ctx context.Context, z *archive.Zip, i int, j *judge) error {
	m := &z.Members()[i]
	st, err := named(ctx, z, i)
	if st == nil {
		return err
	}
	root := strings.TrimSuffix(m.Name, m.Name[max(0, len(m.Name)-len("data.pkl")):])
	ref := j.file.Ref().Join(asset.Step{Kind: asset.Member, Name: m.Name})
	for _, key := range st.order {
		want := st.sizes[key]
		name := root + "data/" + key
		have, ok := l.sizes[name]
		if !ok {
			have, ok = l.byFold[archive.Fold(name)]
		}
		switch {
		case !ok:
			j.storage(ref, key, "storage %s is not in the file", name)
		case want >= 0 && have != want:
			j.storage(ref, key, "storage %s has %d bytes, the model says %d", name, have, want)
		}
	}
	return ctx.Err()
}

// judge gathers what is said about one file.
type judge struct {
	sink    *scan.Sink
	file    scan.File
	verdict asset.Verdict
	count   int
}

const maxFindings = 20

// storage reports that a storage does not fit.
func (j *judge) storage(ref asset.Ref, key, format string, args ...any) {
	j.verdict = j.verdict.Worst(asset.Unverified)
	if j.count++; j.count > maxFindings {
		return
	}
	j.sink.Report(finding.Finding{
		Rule: ruleStorage, Locations: []finding.Location{finding.At(ref)}, Key: key,
		Message: show(fmt.Sprintf(format, args...)), Attrs: map[string]any{"storage": show(key)},
	})
}

func (j *judge) close(format string) {
	if more := j.count - maxFindings; more > 0 {
		j.sink.Report(finding.Finding{Rule: ruleStorage, Key: "more", Message: fmt.Sprintf("%d more storages do not fit", more)})
	}
	j.sink.Asset(asset.Asset{Kind: asset.Model, Ref: j.file.Ref(), Format: format, Size: j.file.Size(), Verdict: j.verdict})
}

var _ scan.Scanner = scanner{}
