package hfrepo

import (
	"slices"

	"github.com/merlon-security/merlon/engine/strictjson"
)

// wanted tells the keys that are looked at; the rest of a configuration is checked
// and passed over.
func wanted(name string) bool {
	switch name {
	case "auto_map", "custom_pipelines", "trust_remote_code", "model_type", "architectures", "transformers_version", "_name_or_path",
		"torch_dtype", "dtype", "quantization_config", "_attn_implementation", "attn_implementation", "_experts_implementation", "tokenizer_class",
		"processor_class", "image_processor_type", "feature_extractor_type", "peft_type", "base_model_name_or_path", "revision", "auto_mapping",
		"megatron_core", "megatron_config", "task_type", "_class_name", "_diffusers_version":
		return true
	}
	return code(name)
}

// code tells the keys that name code, or ask for it, at any depth of a configuration.
func code(name string) bool {
	switch name {
	case "auto_map", "custom_pipelines", "custom_generate", "custom_code", "trust_remote_code", "_attn_implementation", "attn_implementation",
		"_experts_implementation", "activation_function", "activation_fn", "sbert_ce_default_activation_function", "types", "model_file":
		return true
	}
	return false
}

// namesCode tells a configuration for which code is loaded, whatever else stands in it.
func namesCode(top, inner strictjson.Value) bool {
	for _, m := range append(slices.Clone(top.Members), inner.Members...) {
		switch m.Key {
		case "auto_map", "custom_pipelines":
			return true
		case "activation_function", "activation_fn", "types", "model_file":
			for _, v := range append(valuesOf(m.Value), m.Value) {
				if dotted().MatchString(v.String()) {
					return true
				}
			}
		}
	}
	return false
}

// maxNesting is how deep parts of a configuration lie in each other.
const maxNesting = 32

// read returns the wanted keys of the document, and those about code in the objects
// below; for a pipeline or list of modules everything.
func read(doc []byte, k kind) (top, inner strictjson.Value, dups []strictjson.Duplicate, err error) {
	p := strictjson.New(doc, strictjson.Options{Python: true})
	if k == pipeline || k == modules {
		top, err = p.Value(maxNodes)
		if err == nil {
			err = p.End()
		}
		return top, inner, p.Duplicates, err
	}
	top.Kind, inner.Kind = strictjson.Object, strictjson.Object
	r := &reader{Parser: p, top: &top, inner: &inner}
	err = r.object(0)
	r.keep(wanted)
	if err == nil {
		err = p.End()
	}
	return top, inner, r.dups, err
}

type reader struct {
	*strictjson.Parser
	top, inner *strictjson.Value
	dups       []strictjson.Duplicate
}

// keep takes the duplicates that were met since, of certain keys.
func (r *reader) keep(of func(string) bool) {
	for _, d := range r.Duplicates {
		if of(d.Key) {
			r.dups = append(r.dups, d)
		}
	}
	r.Duplicates = r.Duplicates[:0]
}

func (r *reader) object(depth int) error {
	into, of := r.top, wanted
	if depth > 0 {
		into, of = r.inner, code
	}
	return r.Object(func(key []byte, at int) error {
		if !of(string(key)) {
			err := r.below(depth + 1)
			r.keep(code)
			return err
		}
		m := strictjson.Member{Key: string(key), At: at}
		var err error
		m.Value, err = r.Value(maxNodes)
		into.Members = append(into.Members, m)
		r.keep(func(string) bool { return true })
		return err
	})
}

// below looks into a value that is not wanted itself.
func (r *reader) below(depth int) error {
	switch {
	case depth > maxNesting:
	case r.Kind() == strictjson.Object:
		return r.object(depth)
	case r.Kind() == strictjson.Array:
		return r.Array(func(int) error { return r.below(depth + 1) })
	}
	return r.Skip()
}
