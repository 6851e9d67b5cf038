package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/safeio"
)

// maxHeader is the longest header the reference reader accepts, in bytes.
const maxHeader = 100_000_000

// maxDims is how many dimensions a tensor may have. No framework has more than 64.
const maxDims = 64

// maxMetadata is how many pairs of free metadata are kept.
const maxMetadata = 256

// errHeaderTooLarge is returned by readHeader for a header over maxHeader.
var errHeaderTooLarge = errors.New("header longer than the 100,000,000 bytes that the format allows")

// errTooMany is returned by [header.parse] for more tensors than are read.
var errTooMany = fmt.Errorf("more than %d tensors, the most that are read of one file", asset.MaxTensors)

// header is a header in memory, not yet parsed.
type header struct {
	json []byte
	data int64 // where the bytes of the tensors begin
	size int64 // how many there are
}

// entry is one tensor as the header describes it. Its slices are reused for the
// next one.
type entry struct {
	name       []byte
	at         int // offset of the name in the header
	dtype      []byte
	shape      []uint64
	start, end uint64 // relative to header.data
	unknown    string // a key that no reader looks at
}

// readHeader reads the length and the JSON text. Nothing is allocated for a
// header that the file is too short for.
func readHeader(c safeio.Content) (header, error) {
	var length [8]byte
	if c.Size() < 8 {
		return header{}, fmt.Errorf("%d bytes are too few for a safetensors file", c.Size())
	}
	if _, err := c.ReadAt(length[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return header{}, fmt.Errorf("header length: %w", err)
	}
	n := binary.LittleEndian.Uint64(length[:])
	switch {
	case n > maxHeader:
		return header{}, fmt.Errorf("%w: %d", errHeaderTooLarge, n)
	case n > uint64(c.Size()-8):
		return header{}, fmt.Errorf("the header has %d bytes and the file only %d after the length: truncated, get it again", n, c.Size()-8)
	case n < 2:
		return header{}, fmt.Errorf("a header of %d bytes is no JSON object", n)
	}
	h := header{json: make([]byte, n), data: 8 + int64(n), size: c.Size() - 8 - int64(n)}
	if _, err := io.ReadFull(io.NewSectionReader(c, 8, int64(n)), h.json); err != nil {
		return header{}, fmt.Errorf("header: %w", err)
	}
	if h.json[0] != '{' {
		return header{}, fmt.Errorf("the header begins with %q instead of '{'", h.json[0])
	}
	return h, nil
}

// tooMany reports whether more tensors than are read can be told without reading
// them. Inside of a string the quotes would be escaped.
func (h header) tooMany() bool {
	return bytes.Count(h.json, []byte(`"data_offsets"`)) > asset.MaxTensors+1 // one may be the name of a tensor
}

// expect returns for how many tensors to reserve memory, so that it does not grow step
// by step. A bracket in free metadata counts, too, which does no harm.
func (h header) expect() int { return min(bytes.Count(h.json, []byte("{")), asset.MaxTensors) }

// parse calls each for every tensor in the order of the header.
func (h header) parse(each func(*entry) error) (meta []asset.Pair, dups []strictjson.Duplicate, err error) {
	if h.tooMany() {
		return nil, nil, errTooMany // before anything is kept of them
	}
	p := strictjson.New(h.json, strictjson.Options{Keys: asset.MaxTensors + 1000, Expect: h.expect() + 8})
	count := 0
	var e entry
	err = p.Object(func(key []byte, at int) error {
		if string(key) == "__metadata__" {
			m, err := h.metadata(p)
			meta = append(meta, m...)
			return err
		}
		if count++; count > asset.MaxTensors {
			return errTooMany
		}
		e = entry{name: key, at: at, shape: e.shape[:0]}
		if err := e.parse(p); err != nil {
			return fmt.Errorf("tensor %q: %w", verdict.Show(string(key)), err)
		}
		return each(&e)
	})
	if err == nil {
		err = p.End()
	}
	return meta, p.Duplicates, err
}

// metadata reads "__metadata__", which maps strings to strings and nothing else.
func (h header) metadata(p *strictjson.Parser) (meta []asset.Pair, err error) {
	if p.Kind() == strictjson.Null {
		return nil, p.Skip()
	}
	err = p.Object(func(key []byte, _ int) error {
		name := verdict.Show(string(key))
		if k := p.Kind(); k != strictjson.String {
			return fmt.Errorf("__metadata__ key %q is %s, not a string", name, k)
		}
		start := p.Offset()
		if err := p.Skip(); err != nil {
			return err
		}
		if len(meta) < maxMetadata {
			meta = append(meta, asset.Pair{Name: name, Value: shortText(h.json[start:])})
		}
		return nil
	})
	return meta, err
}

// shortText decodes the string that raw begins with, or says that it is long.
func shortText(raw []byte) string {
	const most = 4096
	text, err := strictjson.New(raw[:min(len(raw), most)], strictjson.Options{}).Text()
	if err != nil {
		return fmt.Sprintf("(longer than %d bytes)", most)
	}
	return verdict.Show(text)
}

func (e *entry) parse(p *strictjson.Parser) error {
	offsets := -1
	haveShape := false
	err := p.Object(func(key []byte, _ int) (err error) {
		switch string(key) {
		case "dtype":
			e.dtype, err = p.Bytes()
		case "shape":
			haveShape = true
			e.shape = e.shape[:0]
			err = p.Array(func(i int) error {
				if i == maxDims {
					return fmt.Errorf("more than %d dimensions", maxDims)
				}
				n, err := p.Uint()
				e.shape = append(e.shape, n)
				return err
			})
		case "data_offsets":
			offsets = 0
			err = p.Array(func(i int) error {
				n, err := p.Uint()
				switch i {
				case 0:
					e.start = n
				case 1:
					e.end = n
				}
				offsets++
				return err
			})
		default:
			e.unknown = verdict.Show(string(key))
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case len(e.dtype) == 0:
		return errors.New("no dtype")
	case !haveShape:
		return errors.New("no shape")
	case offsets != 2:
		return errors.New("data_offsets are not two numbers")
	}
	return nil
}

// errOverflow is returned by [entry.bytes] if the size does not fit 64 bits.
var errOverflow = errors.New("shape times dtype exceeds 64 bits")

// errDType is returned by [entry.bytes] for a dtype of unknown width.
var errDType = errors.New("unknown dtype")

// errPacked is returned by [entry.bytes] if packed elements end inside a byte.
var errPacked = errors.New("packed elements do not fill whole bytes")

// elements returns the product of the shape, and whether it fits 64 bits at every
// step, as the reference reader multiplies.
func (e *entry) elements() (uint64, bool) {
	n := uint64(1)
	for _, d := range e.shape {
		hi, lo := bits.Mul64(n, d)
		if hi != 0 {
			return 0, false
		}
		n = lo
	}
	return n, true
}

// bytes returns how many bytes shape and dtype ask for.
func (e *entry) bytes() (uint64, error) {
	w := width(e.dtype)
	if w == 0 {
		return 0, fmt.Errorf("%w %q", errDType, verdict.Show(string(e.dtype)))
	}
	n, ok := e.elements()
	if !ok {
		return 0, errOverflow
	}
	hi, total := bits.Mul64(n, w)
	if hi != 0 {
		return 0, errOverflow
	}
	if total%8 != 0 {
		return 0, errPacked
	}
	return total / 8, nil
}
