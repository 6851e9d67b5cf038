package gguf

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/gguf"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// maxPadding is the longest run between tensors that may be padding: the largest
// alignment in use. More than that is room to hide something in.
const maxPadding = 4096

// span is what the layout check keeps of a tensor.
type span struct {
	start, end uint64 // from the beginning of the data section
	at         int64  // offset of the name's length
}

func (c *check) tensor(t *gguf.Tensor) error {
	c.name("tensor", t.Name, t.At)
	c.names.add(t.Name, t.At)
	n, err := t.Bytes()
	switch {
	case errors.Is(err, gguf.ErrOverflow):
		c.overflow(verdict.Show(t.Name), fmt.Sprintf("tensor %q: %v", verdict.Show(t.Name), err))
		return nil
	case err != nil:
		c.lies = true
		c.Failf("tensor %q: %w", verdict.Show(t.Name), err)
		return nil
	case t.Offset > 1<<63-1-n:
		c.overflow(verdict.Show(t.Name), fmt.Sprintf("tensor %q: offset %d plus %d bytes", verdict.Show(t.Name), t.Offset, n))
		return nil
	}
	elements, _ := t.Elements()
	c.facts.tensor(t.Type, elements)
	c.spans = append(c.spans, span{t.Offset, t.Offset + n, t.At})
	return nil
}

// layout checks the tensors together: each at a multiple of the alignment, none on
// another, nothing between or behind them but padding.
func (c *check) layout(l gguf.Layout) {
	slices.SortFunc(c.spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.at, b.at))
	})
	padding := min(l.Alignment, maxPadding)
	var far span
	for _, s := range c.spans {
		if s.end > uint64(l.Size) {
			c.Report(asset.Failed, finding.Finding{Rule: ruleOutside, Key: c.tensorName(s), Locations: c.at(s.at),
				Message: fmt.Sprintf("The tensor %q ends %d bytes behind the end of the file.%s", c.tensorName(s), s.end-uint64(l.Size), cve.Sentence("gguf/tensor-outside")),
				Attrs:   map[string]any{"cve": cve.IDs("gguf/tensor-outside")}})
			c.Failf("tensor %q ends behind the end of the file: cut off, get it again", c.tensorName(s))
			return
		}
		if s.start%l.Alignment != 0 {
			c.Report(asset.Unverified, finding.Finding{Rule: ruleAlignment, Key: c.tensorName(s), Locations: c.at(s.at),
				Message: fmt.Sprintf("The tensor %q begins at %d, which is no multiple of the alignment %d.", c.tensorName(s), s.start, l.Alignment)})
		}
		if s.start < far.end && s.start != s.end {
			c.Report(asset.Unverified, finding.Finding{Rule: ruleOverlap, Key: c.tensorName(far) + "\x00" + c.tensorName(s), Locations: c.at(l.Data + int64(s.start)),
				Message: fmt.Sprintf("Tensors %q and %q share %d bytes.", c.tensorName(far), c.tensorName(s), min(far.end, s.end)-s.start)})
		}
		if s.start >= far.end+padding {
			c.hidden(l.Data+int64(far.end), int64(s.start-far.end), "between tensors")
		}
		if s.end >= far.end {
			far = s
		}
	}
	if uint64(l.Size) >= far.end+padding {
		c.hidden(l.Data+int64(far.end), l.Size-int64(far.end), "behind the last tensor")
	}
}

// hidden reports bytes of no tensor and shows them to all other scanners.
func (c *check) hidden(start, length int64, where string) {
	if c.lies {
		return // a tensor of unknown size leaves gaps that mean nothing
	}
	c.Report(asset.Unverified, finding.Finding{Rule: ruleHidden, Key: where, Locations: c.at(start),
		Message: fmt.Sprintf("%d bytes %s belong to no tensor.", length, where)})
	ref := c.file.Ref().Join(asset.Step{Kind: asset.Nested, N: int(start)})
	if err := c.sink.Derive(scan.Derived{Ref: ref, Body: io.NewSectionReader(c.file, start, length)}); err != nil {
		c.Fail(fmt.Errorf("bytes of no tensor at %d: %w", start, err))
	}
}

func (c *check) tensorName(s span) string { return c.nameAt(s.at) }

// nameAt reads a name again, for a message.
func (c *check) nameAt(at int64) string {
	name, err := gguf.NameAt(c.file, at, c.header)
	if err != nil {
		return fmt.Sprintf("at byte %d", at)
	}
	return verdict.Show(name)
}
