// Package weights looks at the numbers of a model, not only at its headers: values
// that are not finite, tensors of one number, programs and text among the weights,
// data in their low bits, a type that does not fit, data in the padding between tensors.
// It reads every byte, so it is asked for explicitly.
//
// It reads safetensors, GGUF, the storages of torch.save, NumPy arrays, in .npz too, and
// the raw data of ONNX: floats in full, of other tensors it looks for programs and text.
package weights

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/onnx"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner. It belongs into the table of a deep scan only.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("weights", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Magics: slices.Concat(scan.At(0, "GGUF", "\x93NUMPY", "PK\x03\x04"), scan.At(8, "{"), scan.AnyByte(0, onnx.FirstBytes()))}
}

// Wants takes the formats whose tensors it can find.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(format(fi.Head) != "")
}

const (
	blockLen = 1 << 20
)

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	c, err := tensors(ctx, f)
	if err != nil {
		return err // the scanner of the format says it better; here it means not looked at
	}
	if !c.known {
		return nil // a zip of something else
	}
	return verdict.Scan(ctx, f, s, format(f.Head()), func(v *verdict.File) error {
		buf := make([]byte, blockLen)
		for _, t := range c.tensors {
			if err := look(ctx, f, v, t, buf); err != nil {
				return err
			}
		}
		types(v, c)
		return paddings(ctx, f, v, c.padding)
	})
}

// look reads one tensor.
func look(ctx context.Context, f scan.File, v *verdict.File, t tensor, buf []byte) error {
	k, float := kindOf(t.dtype)
	r := &runs{src: f, size: f.Size()}
	st := newStats(k)
	for off := int64(0); off < t.n; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := f.ReadAt(buf[:min(int64(len(buf)), t.n-off)], t.off+off)
		if n == 0 {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("tensor %s: %w", verdict.Show(t.name), err)
		}
		if float {
			st.add(buf[:n-n%k.width])
			n -= n % k.width
			if n == 0 {
				break // a size that is no multiple: the scanner of the format says so
			}
		}
		r.add(buf[:n], t.off+off)
		off += int64(n)
	}
	r.endText()
	report(v, t, st, r, float)
	return nil
}

func report(v *verdict.File, t tensor, st *stats, r *runs, float bool) {
	say := func(worst asset.Verdict, rule, key string, off int64, format string, args ...any) {
		v.Report(worst, finding.Finding{Rule: rule, Key: t.name + " " + key, Locations: []finding.Location{finding.AtOffset(v.Ref(), off)},
			Message: verdict.Show(t.name) + fmt.Sprintf(format, args...)})
	}
	for _, x := range r.found {
		switch x.kind {
		case "program":
			say(asset.Unverified, ruleProgram, x.what, x.off, " holds a program: %s", x.what)
		case "text":
			say(asset.Unverified, ruleText, "text", x.off, " holds %d characters of text: %s", x.n, verdict.Show(x.what))
		}
	}
	if !float {
		return
	}
	if st.nan+st.inf > 0 {
		say(asset.OK, ruleNaN, "", t.off, ": %d NaN and %d infinite of %d numbers", st.nan, st.inf, st.n)
	}
	if st.constant() {
		say(asset.OK, ruleConstant, "", t.off, ": all %d numbers are %v", st.n, st.value())
	}
	if where, chi := st.hidden(); where != "" {
		say(asset.Unverified, ruleHidden, where, t.off, ": the %s are no noise (chi-square %.1f times what is expected)", where, chi)
	}
}
