package weights

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/merlon-security/merlon/engine/gguf"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/model/artifact/onnx"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/scan"
)

// tensor is where the bytes of one array of weights lie.
type tensor struct {
	name, dtype string
	off, n      int64
}

const (
	maxHeader  = 100 << 20 // bytes of a safetensors header, as its reference has it
	maxTensors = 1_000_000
)

// format recognises what can be looked into.
func format(head []byte) string {
	switch {
	case len(head) >= 4 && string(head[:4]) == "GGUF":
		return "gguf"
	case len(head) >= 10 && head[8] == '{' && binary.LittleEndian.Uint64(head) <= maxHeader:
		return "safetensors"
	case len(head) >= 10 && string(head[:6]) == "\x93NUMPY":
		return "npy"
	case len(head) >= 30 && string(head[:4]) == "PK\x03\x04":
		return "torch-zip"
	case onnx.Recognise(head):
		return "onnx"
	}
	return ""
}

func tensors(ctx context.Context, f scan.File) (contents, error) {
	switch format(f.Head()) {
	case "gguf":
		return ggufTensors(ctx, f)
	case "npy":
		return numpyTensors(f)
	case "torch-zip":
		return torchTensors(ctx, f)
	case "onnx":
		return onnxTensors(ctx, f)
	}
	list, err := safetensors(f)
	return contents{known: true, named: true, tensors: list}, err
}

// safetensors reads the header; the scanner of the format checks it strictly.
func safetensors(f scan.File) ([]tensor, error) {
	n := int64(binary.LittleEndian.Uint64(f.Head()))
	if n > f.Size()-8 {
		return nil, fmt.Errorf("header of %d bytes in a file of %d", n, f.Size())
	}
	doc := make([]byte, n)
	if k, err := f.ReadAt(doc, 8); int64(k) < n {
		return nil, err
	}
	var list []tensor
	p := strictjson.New(doc, strictjson.Options{})
	err := p.Object(func(key []byte, _ int) error {
		if string(key) == "__metadata__" {
			return nil
		}
		t := tensor{name: string(key)}
		var at []int64
		err := p.Object(func(key []byte, _ int) error {
			switch string(key) {
			case "dtype":
				s, err := p.Text()
				t.dtype = s
				return err
			case "data_offsets":
				return p.Array(func(int) error {
					s, err := p.Number()
					if err != nil {
						return err
					}
					v, err := strconv.ParseInt(s, 10, 64)
					at = append(at, v)
					return err
				})
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(at) != 2 || at[0] < 0 || at[1] < at[0] || at[1] > f.Size()-8-n {
			return fmt.Errorf("tensor %q lies outside of the file", t.name)
		}
		t.off, t.n = 8+n+at[0], at[1]-at[0]
		if len(list) >= maxTensors {
			return fmt.Errorf("more than %d tensors", maxTensors)
		}
		list = append(list, t)
		return nil
	})
	return list, err
}

func ggufTensors(ctx context.Context, c safeio.Content) (contents, error) {
	var list []tensor
	var used []span
	var h gguf.Header
	layout, err := gguf.Read(ctx, c, gguf.Handler{
		Header: func(x gguf.Header) error { h = x; return nil },
		Tensor: func(t *gguf.Tensor) error {
			if len(list) >= maxTensors {
				return fmt.Errorf("more than %d tensors", maxTensors)
			}
			items := int64(1)
			for _, d := range t.Dims {
				if d > 1<<40 || d > 0 && items > (1<<60)/int64(d) {
					return errors.New("a tensor's size overflows")
				}
				items *= int64(d)
			}
			x := tensor{name: t.Name, off: int64(t.Offset)}
			if n, err := t.Bytes(); err == nil && t.Offset < 1<<62 && n < 1<<62 {
				used = append(used, span{int64(t.Offset), int64(t.Offset + n)})
			}
			switch t.Type { // ggml.h, enum ggml_type
			case 0:
				x.dtype, x.n = "F32", 4*items
			case 1:
				x.dtype, x.n = "F16", 2*items
			case 24:
				x.dtype, x.n = "I8", items
			case 25:
				x.dtype, x.n = "I16", 2*items
			case 26:
				x.dtype, x.n = "I32", 4*items
			case 27:
				x.dtype, x.n = "I64", 8*items
			case 28:
				x.dtype, x.n = "F64", 8*items
			case 30:
				x.dtype, x.n = "BF16", 2*items
			default:
				return nil // quantised: its bytes are dense by design
			}
			list = append(list, x)
			return nil
		},
	})
	if err != nil {
		return contents{}, err
	}
	if h.BigEndian {
		return contents{}, errors.New("big-endian weights are not looked into")
	}
	for i := range list {
		list[i].off += layout.Data
		if list[i].off < 0 || list[i].n > c.Size()-list[i].off {
			return contents{}, fmt.Errorf("tensor %q lies outside of the file", list[i].name)
		}
	}
	out := contents{known: true, named: true, tensors: list}
	for _, s := range gaps(used, layout.Size, maxPadding) {
		out.padding = append(out.padding, span{s.from + layout.Data, s.to + layout.Data})
	}
	return out, nil
}
