package keras

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/engine/hdf5"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// description is one under construction.
type description struct {
	*asset.Description
	ref        asset.Ref
	classes    map[string]int
	parameters uint64
}

// Describe tells what a Keras archive, a configuration or an HDF5 file is. Of a
// compressed archive it decodes the configuration and weights of at most 64 MiB.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	d := &description{Description: &asset.Description{}, ref: f.Ref(), classes: map[string]int{}}
	var err error
	switch {
	case empty(f.Ref().Name(), f.Size()):
		err = errEmpty
	case isArchive(f.Ref().Name(), f.Head()):
		d.Format = "keras"
		err = d.archive(ctx, f)
	case signature(f.Head(), f.Size(), f) >= 0:
		d.Format = "hdf5"
		err = d.hdf5(ctx, f, f.Size())
	default:
		d.Format = "keras-config"
		var doc []byte
		if doc, err = scan.Bytes(f, maxConfig); err == nil {
			err = d.config(doc)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("Keras model: %w", err)
	}
	if d.parameters > 0 {
		d.fact("parameters", d.parameters, true)
	}
	layers := make([]string, 0, len(d.classes))
	for name := range d.classes {
		layers = append(layers, name)
	}
	slices.Sort(layers)
	for _, name := range layers {
		d.fact("operator", asset.Pair{Name: verdict.Show(name), Value: strconv.Itoa(d.classes[name])}, true)
	}
	return d.Description, nil
}

func (d *description) fact(kind string, v any, proved bool) {
	d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: v, Proved: proved, At: d.ref})
}

func (d *description) archive(ctx context.Context, f scan.File) error {
	z, err := archive.ReadZip(ctx, f, f.Size(), archive.Limits{Members: maxMembers})
	if err != nil {
		return err
	}
	r, n, err := member(z, "config.json", maxConfig)
	if err != nil {
		return err
	}
	doc, err := io.ReadAll(io.NewSectionReader(r, 0, min(n, maxConfig)))
	if err == nil {
		err = d.config(doc)
	}
	if err != nil {
		return err
	}
	if r, n, err = member(z, "metadata.json", 1<<20); err == nil {
		doc, err = io.ReadAll(io.NewSectionReader(r, 0, min(n, 1<<20)))
		if err == nil {
			v, _, _ := strictjson.Parse(doc, strictjson.Options{Python: true}, 1000)
			d.version(v.Get("keras_version").String())
		}
	}
	if r, n, err = member(z, "model.weights.h5", 64<<20); err == nil {
		return d.hdf5(ctx, r, n)
	}
	return nil
}

func (d *description) version(v string) {
	if v != "" {
		d.fact("library", "keras "+verdict.Show(v), false)
	}
}

func (d *description) config(doc []byte) error {
	v, _, err := strictjson.Parse(doc, strictjson.Options{Python: true, Depth: maxDepth}, maxValues)
	if err != nil {
		return err
	}
	if name := v.Get("config").Get("name").String(); name != "" {
		d.fact("architecture", verdict.Show(v.Get("class_name").String()+" "+name), false)
	}
	d.version(v.Get("keras_version").String())
	if b := v.Get("backend").String(); b != "" {
		d.fact("metadata", asset.Pair{Name: "backend", Value: verdict.Show(b)}, false)
	}
	d.layers(&v)
	return nil
}

// layers counts the classes in lists called layers, at any depth.
func (d *description) layers(v *strictjson.Value) {
	for _, m := range v.Members {
		if m.Key == "layers" && m.Value.Kind == strictjson.Array {
			for i := range m.Value.Items {
				if class := m.Value.Items[i].Get("class_name").String(); class != "" && len(d.classes) < 10_000 {
					d.classes[class]++
				}
			}
		}
		d.layers(&m.Value)
	}
	for i := range v.Items {
		d.layers(&v.Items[i])
	}
}

func (d *description) hdf5(ctx context.Context, r io.ReaderAt, size int64) error {
	var broken error
	err := hdf5.Walk(ctx, r, size, hdf5.Visitor{
		Want: wanted,
		Attribute: func(a *hdf5.Attribute) {
			if len(a.Texts) != 1 {
				return
			}
			switch a.Name {
			case "model_config":
				broken = d.config([]byte(a.Texts[0]))
			case "keras_version":
				if a.Object == "/" {
					d.version(a.Texts[0])
				}
			}
		},
		Dataset: func(s *hdf5.Dataset) {
			t := asset.Tensor{Name: s.Name, DType: "unknown", Shape: []int64{}, Bytes: int64(min(s.Bytes(), 1<<62))}
			if s.Type != nil {
				t.DType = s.Type.Name
			}
			n := uint64(1)
			for _, x := range s.Shape {
				t.Shape = append(t.Shape, int64(min(x, 1<<62)))
				n = min(n*min(x, 1<<31), 1<<31) // an impossible shape is reported elsewhere
			}
			if len(s.External) > 0 {
				t.File = verdict.Show(s.External[0].File)
			}
			if strings.HasPrefix(t.DType, "float") || t.DType == "bfloat16" {
				d.parameters += n
			}
			if len(d.Tensors) == asset.MaxTensors {
				d.Omitted++
				return
			}
			d.Tensors = append(d.Tensors, t)
		},
	})
	if err == nil {
		err = broken
	}
	return err
}

var _ scan.Describer = scanner{}
