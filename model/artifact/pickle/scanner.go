package pickle

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/merlon-security/merlon/asset"
	machine "github.com/merlon-security/merlon/engine/pickle"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// Scanner judges files that are pickles, whatever they are called.
type Scanner struct{}

// New makes the scanner.
func New() *Scanner { return &Scanner{} }

// Info implements [scan.Scanner].
func (*Scanner) Info() scan.Info {
	return verdict.Info("pickle", "1", Rules(), interest())
}

// Hint is what a scanner that derives a pickle says about it; storages of torch are then accepted as persistent ids with [HintTorch].
// With [HintMaybe] bytes that turn out to be no pickle are no error.
const (
	Hint      = "pickle"
	HintTorch = "pickle-torch"
	HintMaybe = "pickle-maybe"
)

// MayBe reports whether size bytes that begin with head may be a pickle, and are worth deriving with [HintMaybe].
func MayBe(head []byte, size int64) bool { return mayBePickle(head, size) }

func interest() *scan.Interest {
	in := &scan.Interest{Hints: []string{Hint, HintTorch, HintMaybe}, Suffixes: slices.Sorted(maps.Keys(extensions))}
	for protocol := range maxProtocol + 1 {
		in.Magics = append(in.Magics, scan.At(0, string([]byte{byte(machine.PROTO), byte(protocol)}))...)
	}
	for c, ok := range startsOld {
		if ok {
			in.Magics = append(in.Magics, scan.At(0, string([]byte{byte(c)}))...)
		}
	}
	return in
}

// Wants implements [scan.Scanner]: under which name ever a file is loaded, its first
// bytes decide.
func (*Scanner) Wants(fi scan.FileInfo) scan.Need {
	switch fi.Hint {
	case Hint, HintTorch:
		return scan.Yes
	case HintMaybe:
		return scan.YesIf(mayBePickle(fi.Head, fi.Size))
	}
	return scan.YesIf(mayBePickle(fi.Head, fi.Size) || wanted(fi.Ref.Name()) && !otherFormat(fi.Head))
}

func wanted(name string) bool { return extensions[extension(name)] }

// Scan implements [scan.Scanner].
func (*Scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	hint := ""
	if h, ok := f.(scan.Hinter); ok {
		hint = h.Hint()
	}
	required := hint == Hint || hint == HintTorch || hint != HintMaybe && mustBe(f.Ref().Name(), f.Head()) && !otherFormat(f.Head())
	rep, err := Judge(ctx, f, f.Size(), Options{
		Ref:      f.Ref(),
		Storages: hint == HintTorch || TorchLegacy(f.Head()),
		Required: required,
		Derive: func(ref asset.Ref, hint string, body io.Reader) error {
			return s.Derive(scan.Derived{Ref: ref, Hint: hint, Body: body})
		},
	})
	if rep.Verdict == asset.Unknown {
		return err // no pickle
	}
	Publish(rep, f.Ref(), s)
	if err != nil {
		return err
	}
	if rep.Verdict == asset.Failed || broken(rep) {
		return fmt.Errorf("the pickle was not fully analysed: %s", reason(rep))
	}
	return ctx.Err()
}

// Publish hands a report to the engine: the findings, the asset and what is known about it.
func Publish(rep Report, ref asset.Ref, s *scan.Sink) {
	for _, f := range rep.Findings {
		s.Report(f)
	}
	s.Asset(asset.Asset{Kind: asset.Model, Ref: ref, Format: "pickle", Verdict: rep.Verdict})
	s.Fact(asset.Fact{Kind: "pickle", Proved: true, At: ref, Value: map[string]any{
		"protocol": rep.Proto, "streams": rep.Streams, "names": rep.Names,
	}})
}

func broken(rep Report) bool {
	for _, f := range rep.Findings {
		if f.Rule == ruleBroken || f.Rule == ruleBomb {
			return true
		}
	}
	return false
}

// reason gives the message of the finding that made the verdict error.
func reason(rep Report) string {
	for _, f := range rep.Findings {
		if f.Rule == ruleBroken || f.Rule == ruleBomb {
			return f.Message
		}
	}
	return "unknown"
}

var _ scan.Scanner = (*Scanner)(nil)
