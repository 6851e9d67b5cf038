package weights

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// span is a range of bytes of the file.
type span struct{ from, to int64 }

// contents is what of a file is looked at.
type contents struct {
	known   bool // the file is of a format with weights
	named   bool // the tensors have the names that the model gives them
	tensors []tensor
	padding []span // between tensors, zero in files of all libraries
}

// paddings looks for anything but zeros between tensors.
func paddings(ctx context.Context, f scan.File, v *verdict.File, list []span) error {
	var buf [maxPadding]byte
	for i, s := range list {
		if i&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		b := buf[:min(s.to-s.from, maxPadding)]
		if n, err := f.ReadAt(b, s.from); n < len(b) {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("padding at %d: %w", s.from, err)
		}
		if rest := bytes.TrimLeft(b, "\x00"); len(rest) > 0 {
			v.Report(asset.Unverified, finding.Finding{Rule: rulePadding, Key: "padding", Locations: []finding.Location{finding.AtOffset(f.Ref(), s.to-int64(len(rest)))},
				Message: fmt.Sprintf("%d bytes between tensors are not zero", len(bytes.TrimRight(rest, "\x00")))})
		}
	}
	return nil
}

const (
	maxPadding = 4096 // bytes; longer holes are for the scanner of the format
	minFloats  = 10   // weights of a model whose types are compared
	minBytes   = 4096 // of a tensor of another type
)

// weightNames end the names of what is trained.
var weightNames = []string{"weight", "kernel", "bias", "gamma", "beta", "embedding", "embeddings"}

func isWeight(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ":0")
	for _, w := range weightNames {
		if rest, ok := strings.CutSuffix(name, w); ok && (rest == "" || strings.HasSuffix(rest, ".") || strings.HasSuffix(rest, "/") || strings.HasSuffix(rest, "_")) {
			return true
		}
	}
	return false
}

// types reports the weight that has whole numbers where all others of the model are
// floats. Quantised models have many.
func types(v *verdict.File, c contents) {
	floats, odd, at := 0, 0, 0
	for i, t := range c.tensors {
		if !isWeight(t.name) {
			continue
		}
		switch t.dtype {
		case "F64", "F32", "F16", "BF16":
			floats++
		case "I8", "U8", "I16", "U16", "I32", "U32", "I64", "U64", "BOOL":
			odd++
			at = i
		}
	}
	if t := c.tensors; c.named && odd == 1 && floats >= minFloats && t[at].n >= minBytes {
		v.Report(asset.OK, finding.Finding{Rule: ruleType, Key: t[at].name, Locations: []finding.Location{finding.AtOffset(v.Ref(), t[at].off)},
			Message: fmt.Sprintf("%s has elements of type %s, the other %d weights are floats", verdict.Show(t[at].name), t[at].dtype, floats)})
	}
}
