package openvino

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/xmlwalk"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// Describe lists the constants and the types of layers.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	d := &asset.Description{Format: "openvino"}
	fact := func(kind string, v any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: v, Proved: proved, At: f.Ref()})
	}
	base := path.Base(f.Ref().Name())
	bin := strings.TrimSuffix(base, path.Ext(base)) + ".bin"
	used := map[string]int{}
	var parameters int64
	name := ""
	err := xmlwalk.Walk(ctx, io.NewSectionReader(f, 0, f.Size()), xmlwalk.Visitor{Start: func(e *xmlwalk.Element) error {
		switch {
		case e.Parent == nil && e.Name != "net":
			return errNotModel
		case e.Parent == nil:
			d.Version = verdict.Show(e.Attr("version"))
			fact("architecture", verdict.Show(e.Attr("name")), false)
		case e.Name == "layer":
			name = e.Attr("name")
			if typ := verdict.Show(e.Attr("type")); len(used) < 10_000 || used[typ] > 0 {
				used[typ]++
			}
		case e.Name == "data" && e.Attr("offset") != "" && e.Attr("element_type") != "":
			dims, err := dimensions(e.Attr("shape"))
			if err != nil {
				return nil // reported by Scan
			}
			size, _ := strconv.ParseInt(e.Attr("size"), 10, 64)
			if n, known, err := bytesOf(e.Attr("element_type"), e.Attr("shape")); err == nil && known && widths[e.Attr("element_type")] > 0 {
				parameters += n * 8 / int64(widths[e.Attr("element_type")])
			}
			if len(d.Tensors) == asset.MaxTensors {
				d.Omitted++
				return nil
			}
			d.Tensors = append(d.Tensors, asset.Tensor{Name: verdict.Show(name), DType: verdict.Show(e.Attr("element_type")), Shape: dims, Bytes: size, File: bin})
		}
		return nil
	}})
	if err != nil && !errors.Is(err, errNotModel) {
		return nil, fmt.Errorf("OpenVINO model: %w", err)
	}
	fact("parameters", parameters, true)
	names := make([]string, 0, len(used))
	for n := range used {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fact("operator", asset.Pair{Name: n, Value: strconv.Itoa(used[n])}, true)
	}
	return d, nil
}

var _ scan.Describer = scanner{}
