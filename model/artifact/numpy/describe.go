package numpy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/pickled"
	"github.com/merlon-security/merlon/scan"
)

// Describe implements [scan.Describer]: each array with its shape and its type as
// NumPy's dtype.str spells it. An array in an .npy file has the name of the file.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	if bytes.HasPrefix(f.Head(), []byte(npyMagic)) {
		return single(f)
	}
	z, err := archive.ReadZip(ctx, f, f.Size(), archive.Limits{})
	if err != nil {
		return nil, err
	}
	d := &asset.Description{Format: "npz", Facts: library(f.Ref())}
	for i, m := range z.Members() {
		if m.Dir || !strings.HasSuffix(m.Name, ".npy") {
			return nil, nil // another format that holds arrays
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(d.Tensors) == asset.MaxTensors {
			d.Omitted++
			continue
		}
		h, err := memberHeader(z, i)
		if err != nil {
			return d, fmt.Errorf("%s: %w", m.Name, err)
		}
		d.Tensors = append(d.Tensors, h.tensor(strings.TrimSuffix(m.Name, ".npy")))
	}
	return count(d, f.Ref()), nil
}

func library(at asset.Ref) []asset.Fact {
	return []asset.Fact{{Kind: "library", Value: "numpy", Proved: true, At: at}}
}

// count adds the number of parameters.
func count(d *asset.Description, at asset.Ref) *asset.Description {
	if len(d.Tensors) > 0 {
		d.Facts = append(d.Facts, asset.Fact{Kind: "parameters", Value: pickled.Parameters(d.Tensors), Proved: true, At: at})
	}
	return d
}

// single describes an .npy file. numpy.save may be called several times on one open file.
func single(f scan.File) (*asset.Description, error) {
	d := &asset.Description{Facts: library(f.Ref())}
	name := strings.TrimSuffix(path.Base(f.Ref().Name()), ".npy")
	for off := int64(0); off < f.Size(); {
		h, err := readHeader(f, off, f.Size())
		if errors.Is(err, errHeader) && off > 0 {
			break // what follows is no array
		}
		if err != nil {
			return nil, err
		}
		if d.Format == "" {
			d.Format, d.Version = "npy", strconv.Itoa(h.major)
		} else {
			name = fmt.Sprintf("%s#%d", strings.SplitN(name, "#", 2)[0], len(d.Tensors)+1)
		}
		t := h.tensor(name)
		if len(d.Tensors) == asset.MaxTensors {
			d.Omitted++
		} else {
			d.Tensors = append(d.Tensors, t)
		}
		if h.dtype.object || t.Bytes > f.Size()-h.data {
			break
		}
		off = h.data + t.Bytes
	}
	return count(d, f.Ref()), nil
}

// memberHeader reads the header of an array in a zip, of at most maxHeader bytes.
func memberHeader(z *archive.Zip, i int) (*header, error) {
	r, err := z.Open(i)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	head := make([]byte, 12, 1024)
	if n, err := io.ReadFull(r, head); n < 10 {
		return nil, fmt.Errorf("too short: %w: %w", errHeader, err)
	}
	length := int64(12) + int64(head[8]) + int64(head[9])<<8
	if head[6] > 1 {
		length += int64(head[10])<<16 + int64(head[11])<<24
	}
	rest, err := io.ReadAll(io.LimitReader(r, min(length, maxHeader+12)-12))
	if err != nil {
		return nil, err
	}
	head = append(head, rest...)
	return readHeader(bytes.NewReader(head), 0, int64(len(head)))
}

func (h *header) tensor(name string) asset.Tensor {
	t := asset.Tensor{Name: name, DType: h.dtype.name, Shape: append([]int64{}, h.shape...)}
	if !h.dtype.object && h.dtype.size > 0 && h.count <= (1<<62)/h.dtype.size {
		t.Bytes = h.count * h.dtype.size
	}
	return t
}

var _ scan.Describer = scanner{}
