// Package tfcheckpoint reads the index of TensorFlow checkpoints (*.index, format V2):
// a sorted string table from the name of each tensor to its type, shape and place in
// the data files. It follows tensorflow/core/util/tensor_bundle and
// core/protobuf/tensor_bundle.proto of TensorFlow 2.21, and keeps no entry.
package tfcheckpoint

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// Header is what the index says about all of the checkpoint.
type Header struct {
	Shards    int64 // data files
	BigEndian bool
	Producer  int64 // version of the format
	Entries   int64
}

// Entry is one tensor, or a slice of one.
type Entry struct {
	Name   string
	Slice  bool // a part of the tensor of that name
	Slices int  // of a tensor that is stored in parts: how many; it has no data itself
	DType  int32
	Shape  []int64
	Shard  int64
	Offset int64 // bytes in the data file
	Size   int64
	CRC    uint32 // of the data, masked
}

// Visitor takes what an index consists of. Every field is optional.
type Visitor struct {
	Header func(*Header) error
	Entry  func(*Entry) error
	// Odd is called for what readers pass over: fields that the messages do not have,
	// and bytes between the blocks.
	Odd func(what string, bytes int64)
}

// Recognise reports whether a file begins with the entry of the header, whose key is
// empty. The end tells more, see [Ends].
func Recognise(head []byte) bool {
	if len(head) < 4 || head[0] != 0 || head[1] != 0 || head[2] == 0 || head[2] >= 0x80 {
		return false
	}
	body := head[3:min(len(head), 3+int(head[2]))]
	if len(body) < int(head[2]) {
		return false
	}
	_, err := header(body, func(string, int64) {})
	return err == nil
}

// Ends reports whether the last bytes of a file are those of a table.
func Ends(tail []byte) bool {
	return len(tail) >= footerLen && binary.LittleEndian.Uint64(tail[len(tail)-8:]) == magic
}

// Read walks the index in the first size bytes of r.
func Read(ctx context.Context, r io.ReaderAt, size int64, v Visitor) (*Header, error) {
	if v.Odd == nil {
		v.Odd = func(string, int64) {}
	}
	if v.Entry == nil {
		v.Entry = func(*Entry) error { return nil }
	}
	d := &reader{ctx: ctx, v: v, t: table{r: r, size: size}, index: table{r: r, size: size}}
	err := d.read()
	if err == nil && d.h == nil {
		err = errors.New("there is no header in it")
	}
	if d.h == nil {
		return &Header{}, err
	}
	return d.h, err
}

type reader struct {
	ctx      context.Context
	v        Visitor
	t, index table
	h        *Header
	limit    []byte // what the index of blocks says of the last block
	blocks   int
	at       uint64 // where the next block begins
}

func (d *reader) read() error {
	meta, index, err := d.t.footer()
	if err != nil {
		return err
	}
	blocks, err := d.index.block(index)
	if err != nil {
		return fmt.Errorf("index of blocks: %w", err)
	}
	if err := each(d.ctx, blocks, d.block); err != nil {
		return err
	}
	b, err := d.t.block(meta)
	if err == nil {
		err = each(d.ctx, b, func(_, v []byte) error {
			d.v.Odd("a block of other data", int64(len(v)))
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("index of other blocks: %w", err)
	}
	d.place(meta)
	d.place(index)
	if end := uint64(d.t.size - footerLen); d.at != end {
		d.v.Odd("bytes before the footer", int64(end-min(d.at, end)))
	}
	return nil
}

// place notes that a block should begin where the last one ended.
func (d *reader) place(h handle) {
	if h.off != d.at {
		d.v.Odd("bytes between blocks", int64(h.off-min(h.off, d.at)))
	}
	d.at = h.off + h.size + trailer
}

// block reads the block that an entry of the index of blocks leads to.
func (d *reader) block(limit, value []byte) error {
	h, rest, err := takeHandle(value)
	if err != nil || len(rest) > 0 {
		return errors.New("index of blocks: an entry that is no place")
	}
	b, err := d.t.block(h)
	if err != nil {
		return err
	}
	if h.off < d.at {
		return fmt.Errorf("offset %d: a block begins in another one", h.off)
	}
	d.place(h)
	err = each(d.ctx, b, func(key, value []byte) error {
		if d.blocks > 0 && bytes.Compare(key, d.limit) <= 0 || bytes.Compare(key, limit) > 0 {
			return fmt.Errorf("entry %.80q is not in the block where it is looked for", key)
		}
		return d.entry(key, value)
	})
	d.blocks++
	d.limit = append(d.limit[:0], limit...)
	if err != nil {
		return fmt.Errorf("offset %d: block: %w", h.off, err)
	}
	return nil
}

func (d *reader) entry(key, value []byte) (err error) {
	if d.h == nil {
		if len(key) > 0 {
			return errors.New("the first entry is not the header")
		}
		if d.h, err = header(value, d.v.Odd); err == nil && d.v.Header != nil {
			err = d.v.Header(d.h)
		}
		return err
	}
	d.h.Entries++
	e, err := entry(value, d.v.Odd)
	if err != nil {
		return fmt.Errorf("entry %.80q: %w", key, err)
	}
	if e.Name = string(key); key[0] == 0 {
		if e.Slice = true; !e.sliceOf(key[1:]) {
			return fmt.Errorf("entry %.80q: the name of a slice cannot be read", key)
		}
	}
	return d.v.Entry(e)
}

// sliceOf takes the name of the tensor from the key of a slice of it: OrderedCode in
// tensorflow/core/lib/strings/ordered_code.cc.
func (e *Entry) sliceOf(b []byte) bool {
	var name []byte
	for i := 0; i+1 < len(b); i++ {
		switch {
		case b[i] == 0 && b[i+1] == 1:
			e.Name = string(name)
			return true
		case b[i] == 0 && b[i+1] == 0xff:
			name = append(name, 0)
			i++
		case b[i] == 0xff && b[i+1] == 0:
			name = append(name, 0xff)
			i++
		case b[i] == 0 || b[i] == 0xff:
			return false
		default:
			name = append(name, b[i])
		}
	}
	return false
}

// fields calls f for the fields of a message.
func fields(b []byte, f func(num protowire.Number, typ protowire.Type, v uint64, body []byte) bool, odd func(string, int64)) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		m := protowire.ConsumeFieldValue(num, typ, b[n:])
		if m < 0 {
			return protowire.ParseError(m)
		}
		var v uint64
		var body []byte
		switch typ {
		case protowire.VarintType:
			v, _ = protowire.ConsumeVarint(b[n:])
		case protowire.Fixed32Type:
			x, _ := protowire.ConsumeFixed32(b[n:])
			v = uint64(x)
		case protowire.BytesType:
			body, _ = protowire.ConsumeBytes(b[n:])
		}
		if !f(num, typ, v, body) {
			odd(fmt.Sprintf("field %d", num), int64(m))
		}
		b = b[n+m:]
	}
	return nil
}

func header(b []byte, odd func(string, int64)) (*Header, error) {
	h := &Header{}
	var inner error
	err := fields(b, func(num protowire.Number, typ protowire.Type, v uint64, body []byte) bool {
		switch {
		case num == 1 && typ == protowire.VarintType:
			h.Shards = int64(v)
		case num == 2 && typ == protowire.VarintType:
			h.BigEndian = v != 0
		case num == 3 && typ == protowire.BytesType:
			inner = fields(body, func(num protowire.Number, typ protowire.Type, v uint64, _ []byte) bool {
				if num == 1 && typ == protowire.VarintType {
					h.Producer = int64(v)
				}
				return num <= 3
			}, odd)
		default:
			return false
		}
		return true
	}, odd)
	switch {
	case err != nil:
		return h, fmt.Errorf("header: %w", err)
	case inner != nil:
		return h, fmt.Errorf("header: %w", inner)
	case h.Shards < 1 || h.Shards > 1<<20:
		return h, fmt.Errorf("header: %d data files", h.Shards)
	case h.Producer < 1 || h.Producer > 1<<16:
		return h, fmt.Errorf("header: version %d of the format", h.Producer)
	}
	return h, nil
}

// maxDims is the most dimensions that TensorFlow allows.
const maxDims = 254

func entry(b []byte, odd func(string, int64)) (*Entry, error) {
	e := &Entry{Shape: []int64{}}
	var inner error
	err := fields(b, func(num protowire.Number, typ protowire.Type, v uint64, body []byte) bool {
		switch {
		case num == 1 && typ == protowire.VarintType:
			e.DType = int32(v)
		case num == 2 && typ == protowire.BytesType:
			if inner == nil {
				inner = e.shape(body, odd)
			}
		case num == 3 && typ == protowire.VarintType:
			e.Shard = int64(v)
		case num == 4 && typ == protowire.VarintType:
			e.Offset = int64(v)
		case num == 5 && typ == protowire.VarintType:
			e.Size = int64(v)
		case num == 6 && typ == protowire.Fixed32Type:
			e.CRC = uint32(v)
		case num == 7 && typ == protowire.BytesType:
			e.Slices++
		default:
			return false
		}
		return true
	}, odd)
	return e, errors.Join(err, inner)
}

func (e *Entry) shape(b []byte, odd func(string, int64)) error {
	var inner error
	err := fields(b, func(num protowire.Number, typ protowire.Type, v uint64, body []byte) bool {
		if num == 3 && v != 0 {
			inner = errors.New("a tensor of unknown shape")
		}
		if inner != nil || num != 2 || typ != protowire.BytesType {
			return num == 2 || num == 3
		}
		size := int64(0)
		err := fields(body, func(num protowire.Number, typ protowire.Type, v uint64, _ []byte) bool {
			if num == 1 && typ == protowire.VarintType {
				size = int64(v)
			}
			return num <= 2
		}, odd)
		if inner = err; len(e.Shape) == maxDims {
			inner = fmt.Errorf("more than %d dimensions", maxDims)
			return true
		}
		e.Shape = append(e.Shape, size)
		return true
	}, odd)
	return errors.Join(err, inner)
}
