// Package msgpack reads Flax checkpoints: MessagePack with arrays as extensions.
//
// The format is data, strictly read: lengths, shapes and types must fit, keys may
// not be given twice. What other libraries put into the same encoding, pickles of
// msgpack-numpy and extensions of their own, is found and not called harmless.
package msgpack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/msgpack"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

// The rules of this scanner.
const (
	ruleObject = "artifact/msgpack-object-array"
	rulePickle = "artifact/msgpack-pickle"
	ruleOther  = "artifact/msgpack-extension"
)

func (scanner) Info() scan.Info {
	taxonomy := []string{"atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0018.002", "owasp-llm:2025:LLM03"}
	again := `Do not load it. Save the weights again from their source: python -c "import safetensors.flax as s; s.save_file(flat_params, 'model.safetensors')"`
	return verdict.Info("msgpack", "1", []finding.Rule{
		{
			ID: ruleObject, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "array of Python objects given as raw bytes",
			Why: "The type of the array makes a reader take its bytes for addresses of Python objects. Who chooses the addresses reads " +
				"and runs what lies there. No writer makes such arrays.",
			Remedy: again, CWE: []string{"CWE-843", "CWE-502"}, Taxonomy: taxonomy,
		},
		{
			ID: rulePickle, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "pickle inside MessagePack",
			Why: "msgpack-numpy writes arrays of objects as pickles and loads them with pickle.loads: reading the file runs what the " +
				"pickle names.",
			Remedy: again, CWE: []string{"CWE-502"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleOther, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Likely,
			Title:  "MessagePack with types that Flax does not have",
			Why:    "Extension types mean what the reading program says. Whether reading them is harmless cannot be told from the file.",
			Remedy: "Find out which library wrote the file and what it does with the type. For plain weights use safetensors: " + again,
			CWE:    []string{"CWE-502"}, Taxonomy: taxonomy,
		},
	}, interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Magics: scan.AnyByte(0, "\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\xde\xdf")}
}

// Wants takes maps named .msgpack, and others that begin with an array of Flax.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if fi.Hint == "pickle" {
		return scan.No // an embedded pickle has the name of its file
	}
	if len(fi.Head) == 0 || !isMap(fi.Head[0]) {
		return scan.No
	}
	return scan.YesIf(strings.EqualFold(path.Ext(fi.Ref.Name()), ".msgpack") || plausible(fi.Head) && hasArray(fi.Head, fi.Size))
}

func isMap(c byte) bool { return c >= 0x80 && c <= 0x8f || c == 0xde || c == 0xdf }

// plausible asks for a key of text at once: most files that begin with such a byte
// are something else.
func plausible(head []byte) bool {
	skip := map[byte]int{0xde: 3, 0xdf: 5}[head[0]]
	if skip == 0 {
		skip = 1
	}
	return len(head) > skip+1 && (head[skip] >= 0xa1 && head[skip] <= 0xbf || head[skip] == 0xd9)
}

// padded is a head that claims the size of the whole file, so that lengths can be
// believed while what they announce is not there.
type padded struct {
	head []byte
	size int64
}

func (p padded) ReadAt(b []byte, off int64) (int, error) {
	if off >= int64(len(p.head)) {
		return 0, io.EOF
	}
	n := copy(b, p.head[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// hasArray reports whether an array of Flax begins within the head.
func hasArray(head []byte, size int64) bool {
	src := padded{head, size}
	w := &walker{src: src, p: msgpack.New(src, size), first: true}
	_, err := w.read("", 0)
	if errors.Is(err, errFound) {
		return true
	}
	// The array itself is longer than the head.
	return err != nil && strings.Contains(err.Error(), "bytes after its end")
}

// walk reads the whole file.
func walk(f scan.File) (*walker, error) {
	w := &walker{src: f, p: msgpack.New(f, f.Size())}
	_, err := w.read("", 0)
	if err == nil && w.p.Left() != 0 {
		err = fmt.Errorf("%d bytes after the end of the data", w.p.Left())
	}
	return w, err
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	w, err := walk(f)
	if err == nil && w.found == 0 && len(w.odd) == 0 {
		return nil // MessagePack of something that is no model
	}
	return verdict.Scan(ctx, f, s, "msgpack", func(v *verdict.File) error {
		for _, p := range w.odd {
			rule, worst := ruleOther, asset.Unverified
			switch p.kind {
			case "object":
				rule, worst = ruleObject, asset.Malicious
			case "pickle":
				rule = rulePickle
				if err := s.Derive(scan.Derived{Ref: f.Ref().Join(asset.Step{Kind: asset.Nested, N: int(p.off)}), Hint: "pickle",
					Body: io.NewSectionReader(f, p.off, p.n)}); err != nil {
					v.Fail(err)
				}
			}
			v.Report(worst, finding.Finding{Rule: rule, Key: p.path, Locations: []finding.Location{finding.AtOffset(f.Ref(), p.off)},
				Message: fmt.Sprintf("%s is %s", verdict.Show(p.path), verdict.Show(p.what))})
		}
		return err
	})
}

// Describe implements [scan.Describer].
func (scanner) Describe(_ context.Context, f scan.File) (*asset.Description, error) {
	w, err := walk(f)
	if err != nil {
		return nil, err
	}
	d := &asset.Description{Format: "msgpack", Tensors: w.tensors, Omitted: w.omitted}
	d.Facts = append(d.Facts, asset.Fact{Kind: "parameters", Value: w.params, Proved: true, At: f.Ref()})
	if w.found > 0 {
		d.Facts = append(d.Facts, asset.Fact{Kind: "library", Value: "flax", At: f.Ref()})
	}
	return d, nil
}

var _ scan.Describer = scanner{}
