package tensorflow

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/tfcheckpoint"
	"github.com/merlon-security/merlon/engine/tfgraph"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

const checkpointFormat = "tensorflow-checkpoint"

// wantsCheckpoint reports whether a file is the index of a checkpoint: it ends like a
// table, and begins or is named like an index. One that was cut off has lost its end.
func wantsCheckpoint(fi scan.FileInfo) bool {
	begins, named := tfcheckpoint.Recognise(fi.Head), path.Ext(beside.Name(fi.Ref)) == ".index"
	return begins && named || (begins || named) && tfcheckpoint.Ends(fi.Tail())
}

// isCheckpoint tells among the files that are wanted.
func isCheckpoint(f scan.File) bool {
	if byName(f.Ref()) != "" {
		return false
	}
	return tfcheckpoint.Recognise(f.Head()) || path.Ext(beside.Name(f.Ref())) == ".index" && tfgraph.Recognise(f.Head()) == ""
}

const (
	maxEntries = 1_000_000 // tensors of a checkpoint
	maxShards  = 100_000   // data files of a checkpoint
	maxGap     = 4096      // bytes between tensors that alignment may leave
)

// part is what a tensor takes of a data file.
type part struct {
	shard    int32
	off, end int64
}

// checkpoint holds an index against its data files.
type checkpoint struct {
	*verdict.File
	ref    asset.Ref
	prefix string
	header *tfcheckpoint.Header
	sizes  []int64 // of the data files; -1: not known
	parts  []part
	full   error
}

func scanCheckpoint(ctx context.Context, f scan.File, s *scan.Sink) error {
	return verdict.Scan(ctx, f, s, checkpointFormat, func(v *verdict.File) error {
		c := &checkpoint{File: v, ref: f.Ref()}
		name := path.Base(beside.Name(f.Ref()))
		prefix, named := strings.CutSuffix(name, ".index")
		c.prefix = prefix
		_, err := tfcheckpoint.Read(ctx, f, f.Size(), tfcheckpoint.Visitor{Header: c.shards, Entry: c.entry, Odd: c.odd})
		if err != nil {
			return fmt.Errorf("TensorFlow checkpoint: %w", err)
		}
		c.gaps()
		if !named {
			c.Failf("TensorFlow checkpoint: its data files are looked for by its name, which must end in .index")
		}
		return c.full
	})
}

func (c *checkpoint) report(v asset.Verdict, rule, key, format string, args ...any) {
	c.Report(v, finding.Finding{Rule: rule, Key: key, Message: fmt.Sprintf(format, args...), Locations: []finding.Location{{Ref: c.ref}}})
}

func (c *checkpoint) odd(what string, n int64) {
	c.report(asset.Unverified, ruleHidden, what, "The index of the checkpoint has %s, %d bytes.", what, n)
}

// shards looks for the data files.
func (c *checkpoint) shards(h *tfcheckpoint.Header) error {
	if c.header = h; h.Shards > maxShards {
		return fmt.Errorf("%d data files, at most %d are looked for", h.Shards, maxShards)
	}
	c.sizes = make([]int64, h.Shards)
	absent, first := 0, ""
	for i := range c.sizes {
		name := fmt.Sprintf("%s.data-%05d-of-%05d", c.prefix, i, h.Shards)
		p := beside.Look(c.ref, name)
		c.sizes[i] = -1
		switch {
		case p.Kind == beside.Inside:
			c.sizes[i] = p.Size
		case p.Kind.Leaves():
			c.report(asset.Malicious, rulePath, "data "+name, "The data file %q is %s.", verdict.Show(name), p.Kind)
		case p.Kind == beside.NotLooked: // in an archive; its members are scanned on their own
		default:
			if absent++; absent == 1 {
				first = name
			}
		}
	}
	if absent > 0 {
		c.report(asset.Failed, ruleShard, "data "+first, "%d of %d data files of the checkpoint are not there, the first is %q.", absent, h.Shards, verdict.Show(first))
		c.Failf("TensorFlow checkpoint: %d of its data files are missing: fetch the model's whole folder and scan again", absent)
	}
	return nil
}

// entry holds one tensor against its data file.
func (c *checkpoint) entry(e *tfcheckpoint.Entry) error {
	name := "tensor " + strconv.Quote(verdict.Show(e.Name))
	need, err := tfgraph.Bytes(e.DType, e.Shape)
	switch {
	case err != nil:
		c.broken(name, err)
		return nil
	case !tfgraph.KnownType(e.DType):
		c.broken(name, fmt.Errorf("unknown element type %d", e.DType))
		return nil
	case e.Slices > 0 && e.Size == 0:
		return nil // its parts have the data
	case e.Offset < 0 || e.Size < 0 || e.Shard < 0 || e.Shard >= int64(len(c.sizes)):
		c.broken(name, fmt.Errorf("%d bytes at offset %d of data file %d of %d", e.Size, e.Offset, e.Shard, len(c.sizes)))
		return nil
	case tfgraph.FixedSize(e.DType) && e.Size != need:
		c.broken(name, fmt.Errorf("%d bytes declared by type and shape, %d stored", need, e.Size))
	}
	if size := c.sizes[e.Shard]; size >= 0 && (e.Offset > size || e.Size > size-e.Offset) {
		c.broken(name, fmt.Errorf("%d bytes at offset %d of data file %d, which has %d", e.Size, e.Offset, e.Shard, size))
	}
	if len(c.parts) == maxEntries {
		c.full = fmt.Errorf("TensorFlow checkpoint: more than %d tensors, the rest was not compared with each other", maxEntries)
		return nil
	}
	if e.Size > 0 && e.Offset+e.Size > 0 {
		c.parts = append(c.parts, part{int32(e.Shard), e.Offset, e.Offset + e.Size})
	}
	return nil
}

func (c *checkpoint) broken(name string, err error) {
	c.report(asset.Failed, ruleSize, name, "%s: %v.", name, err)
	c.Failf("TensorFlow checkpoint: %s: %w", name, err)
}

// gaps finds tensors that share bytes, and bytes of data files that belong to none.
func (c *checkpoint) gaps() {
	if c.full != nil {
		return
	}
	slices.SortFunc(c.parts, func(a, b part) int { return cmp.Or(cmp.Compare(a.shard, b.shard), cmp.Compare(a.off, b.off)) })
	i := 0
	for shard, size := range c.sizes {
		at := int64(0)
		for ; i < len(c.parts) && int(c.parts[i].shard) == shard; i++ {
			p := c.parts[i]
			if p.off < at {
				c.report(asset.Unverified, ruleHidden, "overlap", "Two tensors of the checkpoint share bytes at offset %d of data file %d.", p.off, shard)
			}
			c.gap(shard, at, p.off)
			at = max(at, p.end)
		}
		if size >= 0 {
			c.gap(shard, at, size)
		}
	}
}

func (c *checkpoint) gap(shard int, from, to int64) {
	if to-from > maxGap {
		c.report(asset.Unverified, ruleHidden, "gap", "%d bytes at offset %d of data file %d of the checkpoint belong to no tensor.", to-from, from, shard)
	}
}

func describeCheckpoint(ctx context.Context, f scan.File) (*asset.Description, error) {
	d := &asset.Description{Format: checkpointFormat}
	parameters := int64(0)
	prefix := strings.TrimSuffix(path.Base(beside.Name(f.Ref())), ".index")
	shards := int64(0)
	h, err := tfcheckpoint.Read(ctx, f, f.Size(), tfcheckpoint.Visitor{
		Header: func(h *tfcheckpoint.Header) error { shards = h.Shards; return nil },
		Entry: func(e *tfcheckpoint.Entry) error {
			if e.Slice {
				return nil // the tensor has an entry of its own
			}
			if n, err := tfgraph.Elements(e.Shape); err == nil && n > 0 && e.DType != 7 {
				parameters += n
			}
			if len(d.Tensors) == asset.MaxTensors {
				d.Omitted++
				return nil
			}
			t := asset.Tensor{Name: e.Name, DType: tfgraph.TypeName(e.DType), Shape: e.Shape, Bytes: e.Size}
			if e.Slices == 0 {
				t.File = fmt.Sprintf("%s.data-%05d-of-%05d", verdict.Show(prefix), e.Shard, shards)
			} else if n, err := tfgraph.Bytes(e.DType, e.Shape); err == nil {
				t.Bytes = n
			}
			d.Tensors = append(d.Tensors, t)
			return nil
		},
	})
	if err != nil {
		return nil, fmt.Errorf("TensorFlow checkpoint: %w", err)
	}
	d.Version = strconv.FormatInt(h.Producer, 10)
	fact := func(kind string, v any) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: v, Proved: true, At: f.Ref()})
	}
	fact("parameters", parameters)
	fact("metadata", asset.Pair{Name: "data files", Value: strconv.FormatInt(h.Shards, 10)})
	if h.BigEndian {
		fact("metadata", asset.Pair{Name: "byte order", Value: "big-endian"})
	}
	return d, nil
}
