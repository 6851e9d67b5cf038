package gguf

import (
	"context"
	"fmt"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/gguf"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// facts gathers what a file says about itself.
type facts struct {
	at         asset.Ref
	list       []asset.Fact
	parameters uint64
	types      map[string]uint64
	metadata   int
}

func newFacts(at asset.Ref) *facts { return &facts{at: at, types: map[string]uint64{}} }

func (f *facts) add(kind string, value any, proved bool) {
	f.list = append(f.list, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.at})
}

// pair keeps what describes the model. Everything here is asserted: nothing in the
// bytes makes it true.
func (f *facts) pair(p *gguf.Pair) {
	s, isText := p.Value.(string)
	s = verdict.Show(s)
	switch key := p.Key; {
	case key == "general.architecture":
		f.add("architecture", s, false)
	case key == "general.license" && isText:
		f.add("licence", s, false)
	case strings.HasPrefix(key, "general.base_model.") && isText && (strings.HasSuffix(key, ".name") || strings.HasSuffix(key, ".repo_url")):
		f.add("base_model", s, false)
	case key == "tokenizer.ggml.model":
		f.add("tokenizer", s, false)
	case strings.HasPrefix(key, "split."):
		f.add("split", asset.Pair{Name: verdict.Show(key), Value: fmt.Sprint(p.Value)}, false)
	}
}

func (f *facts) tensor(t gguf.Type, elements uint64) {
	f.parameters += elements
	f.types[t.String()] += elements
}

// maxMetadata is how many pairs a description carries.
const maxMetadata = 1000

// all adds every pair as metadata.
func (f *facts) all(p *gguf.Pair) {
	if f.metadata++; f.metadata > maxMetadata {
		return
	}
	value := fmt.Sprint(p.Value)
	switch {
	case p.Type == gguf.Array:
		value = fmt.Sprintf("%d of %s", p.Count, p.Elem)
	case p.Value == nil:
		value = fmt.Sprintf("(%d bytes)", p.Length)
	}
	f.add("metadata", asset.Pair{Name: verdict.Show(p.Key), Value: verdict.Show(value)}, false)
}

// Describe implements [scan.Describer].
func (scanner) Describe(ctx context.Context, file scan.File) (*asset.Description, error) {
	f := newFacts(file.Ref())
	d := &asset.Description{Format: "gguf"}
	l, err := gguf.Read(ctx, file, gguf.Handler{
		Pair: func(p *gguf.Pair) error {
			f.pair(p)
			f.all(p)
			return nil
		},
		Tensor: func(t *gguf.Tensor) error {
			n, err := t.Bytes()
			if err != nil {
				return fmt.Errorf("tensor %q: %w", verdict.Show(t.Name), err)
			}
			elements, _ := t.Elements()
			f.tensor(t.Type, elements)
			shape := make([]int64, len(t.Dims))
			for i, dim := range t.Dims {
				shape[len(shape)-1-i] = int64(min(dim, 1<<63-1))
			}
			d.Tensors = append(d.Tensors, asset.Tensor{Name: t.Name, DType: t.Type.String(), Shape: shape, Bytes: int64(n)})
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	d.Version = fmt.Sprint(l.Version)
	if l.BigEndian {
		d.Version += " (big-endian)"
	}
	f.add("parameters", f.parameters, true)
	if best := f.dominant(); best != "" {
		f.add("quantisation", best, true)
	}
	d.Facts = f.list
	return d, nil
}

// dominant names the type that most parameters have.
func (f *facts) dominant() string {
	best := ""
	for name, n := range f.types {
		if best == "" || n > f.types[best] || n == f.types[best] && name < best {
			best = name
		}
	}
	return best
}
