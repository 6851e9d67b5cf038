package skops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/zipmodel"
	"github.com/merlon-security/merlon/scan"
)

// Describe implements [scan.Describer]: the estimator, the types in it, and its
// arrays by their place in the estimator.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	z, err := zipmodel.Open(ctx, f)
	if err != nil {
		return nil, err
	}
	schemas := z.Find("schema.json")
	if len(schemas) == 0 {
		return nil, nil // another zip
	}
	if len(schemas) != 1 {
		return nil, fmt.Errorf("%d members are called schema.json, a model of skops has one", len(schemas))
	}
	doc, err := z.Read(schemas[0], maxSchema)
	if err != nil {
		return nil, err
	}
	d := &asset.Description{Format: "skops"}
	fact := func(kind string, value any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.Ref()})
	}
	types := map[string]bool{}
	r := newReader(doc)
	root, err := r.read(func(n *node) {
		if len(types) < maxTypes && n.loader != "JsonNode" && n.loader != "CachedNode" {
			types[n.name()] = true
		}
		if n.file == "" || n.loader != "NdArrayNode" {
			return
		}
		if len(d.Tensors) >= asset.MaxTensors {
			d.Omitted++
			return
		}
		d.Tensors = append(d.Tensors, asset.Tensor{Name: n.path, File: n.file})
	}, func(*node, string) {})
	if err != nil {
		return nil, fmt.Errorf("schema.json: %w", err)
	}
	d.Version = r.protocol
	fact("library", "scikit-learn", false)
	fact("architecture", root.name(), true)
	if r.version != "" {
		fact("metadata", asset.Pair{Name: "skops_version", Value: r.version}, false)
	}
	for _, t := range slices.Sorted(maps.Keys(types)) {
		fact("type", t, true)
	}
	byName := map[string]int{}
	for i := range z.Members() {
		byName[z.Members()[i].Name] = i
	}
	var errs []error
	for i := range d.Tensors {
		t := &d.Tensors[i]
		at, ok := byName[t.File]
		if !ok {
			errs = append(errs, fmt.Errorf("array %s: its member %s is missing", t.Name, t.File))
			continue
		}
		if err := npy(z, at, t); err != nil && len(errs) < 20 {
			errs = append(errs, fmt.Errorf("array %s: %w", t.Name, err))
		}
	}
	return d, errors.Join(errs...)
}

var (
	npyDescr = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`'descr': '([^']{1,40})'`) })
	npyShape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`'shape': \(([0-9, ]*)\)`) })
)

// npy reads the header of an array (NEP 1, "Format Specification").
func npy(z *zipmodel.Zip, member int, t *asset.Tensor) error {
	st, err := z.Open(member)
	if err != nil {
		return err
	}
	defer st.Close()
	var head [10 + 1024]byte
	n := 0
	for n < len(head) {
		k, err := st.Read(head[n:])
		n += k
		if err != nil {
			break
		}
	}
	h := head[:n]
	if len(h) < 10 || string(h[:6]) != "\x93NUMPY" {
		return errors.New("no array of NumPy")
	}
	descr, shape := npyDescr().FindSubmatch(h), npyShape().FindSubmatch(h)
	if descr == nil || shape == nil {
		return errors.New("its header cannot be read")
	}
	t.DType = string(descr[1])
	t.Shape = []int64{}
	for _, s := range strings.Split(string(shape[1]), ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		v, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return err
		}
		t.Shape = append(t.Shape, v)
	}
	start := 10 + int64(h[8]) + int64(h[9])<<8
	if h[6] > 1 {
		start = 12 + int64(h[8]) + int64(h[9])<<8 + int64(h[10])<<16 + int64(h[11])<<24
	}
	t.Bytes = max(z.Members()[member].Size-start, 0)
	return nil
}

var _ scan.Describer = scanner{}
