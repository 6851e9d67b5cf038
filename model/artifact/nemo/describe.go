package nemo

import (
	"context"
	"errors"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/scan"
)

// Describe implements [scan.Describer]: the class of the model, the classes that
// its configuration names, and the members. The tensors are those of the weights,
// which lie in a pickle of their own.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	m, err := open(ctx, f)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, errors.New("no NeMo model: the tar has no model_config.yaml")
	}
	d := &asset.Description{Format: "nemo"}
	fact := func(kind string, value any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.Ref()})
	}
	fact("library", "nemo", true)
	for i := range m.tar.Members() {
		if x := &m.tar.Members()[i]; !x.Dir && i < 1000 {
			fact("member", x.Name, true)
		}
	}
	errs := []error{m.whole()}
	res, err := m.read(m.configs[0])
	if err != nil {
		return d, errors.Join(append(errs, err)...)
	}
	for _, x := range res.Scalars {
		switch {
		case x.Path == "target":
			fact("architecture", x.Value, false)
		case x.Path == "nemo_version":
			fact("metadata", asset.Pair{Name: "nemo_version", Value: x.Value}, false)
		case x.Path == "tokenizer.type":
			fact("tokenizer", x.Value, false)
		case x.Key == "_target_":
			fact("target", x.Value, true)
		}
	}
	return d, errors.Join(errs...)
}

var _ scan.Describer = scanner{}
