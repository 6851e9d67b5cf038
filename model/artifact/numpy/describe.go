package numpy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/scan"
)

// Describe implements [scan.Describer]: the arrays of a file, in the order in which
// they were saved. Those of an .npz have the names of its members.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	d := &asset.Description{Format: "npy"}
	d.Facts = append(d.Facts, asset.Fact{Kind: "library", Value: "numpy", Proved: true, At: f.Ref()})
	if !bytes.HasPrefix(f.Head(), []byte(npyMagic)) {
		d.Format = "npz"
		return d, members(ctx, f, d)
	}
	for off := int64(0); off < f.Size() && len(d.Tensors) < asset.MaxTensors; {
		h, err := readHeader(f, off, f.Size())
		if errors.Is(err, errHeader) && off > 0 {
			return d, nil // what follows is no array
		}
		if err != nil {
			return d, err
		}
		t := h.tensor("")
		d.Tensors = append(d.Tensors, t)
		if h.dtype.object || t.Bytes > f.Size()-h.data {
			return d, nil
		}
		off = h.data + t.Bytes
	}
	return d, nil
}

func members(ctx context.Context, f scan.File, d *asset.Description) error {
	z, err := archive.ReadZip(ctx, f, f.Size(), archive.Limits{})
	if err != nil {
		return err
	}
	for i, m := range z.Members() {
		name, ok := strings.CutSuffix(m.Name, ".npy")
		if !ok || m.Dir {
			continue
		}
		if len(d.Tensors) == asset.MaxTensors {
			return fmt.Errorf("more than %d arrays", asset.MaxTensors)
		}
		st, err := z.Open(i)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
		b, err := io.ReadAll(io.LimitReader(st, maxHeader+12))
		st.Close()
		h, bad := readHeader(bytes.NewReader(b), 0, int64(len(b)))
		switch {
		case bad != nil && err != nil:
			return fmt.Errorf("%s: %w", m.Name, err)
		case bad != nil:
			return fmt.Errorf("%s: %w", m.Name, bad)
		}
		d.Tensors = append(d.Tensors, h.tensor(name))
	}
	return nil
}

// tensor describes the array of a header.
func (h *header) tensor(name string) asset.Tensor {
	t := asset.Tensor{Name: name, DType: typeName(h.summary), Shape: h.shape}
	if h.dtype.size == 0 || h.count <= math.MaxInt64/2/h.dtype.size {
		t.Bytes = h.count * h.dtype.size
	}
	return t
}

// typeName is NumPy's name of a type: "float32" for "<f4". Structures and types
// without a name of their own stay as they are written.
func typeName(s string) string {
	if strings.TrimPrefix(s, "|") == "O" {
		return "object"
	}
	if len(s) > 2 && strings.ContainsRune("<>|=", rune(s[0])) {
		if n, err := strconv.Atoi(s[2:]); err == nil && n > 0 && n <= 64 {
			if kind := map[byte]string{'f': "float", 'i': "int", 'u': "uint", 'c': "complex"}[s[1]]; kind != "" {
				return kind + strconv.Itoa(8*n)
			}
			if s[1] == 'b' {
				return "bool"
			}
		}
	}
	return s
}

var _ scan.Describer = scanner{}
