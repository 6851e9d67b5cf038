package hfrepo

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

// autoMap checks "auto_map", which maps a class of transformers to one in a Python
// file: "modeling_x.MyModel", or "ORG/NAME--modeling_x.MyModel" in another
// repository. A tokenizer maps to a list of two, either of which may be null.
func (c *check) autoMap(top strictjson.Value) {
	for _, m := range top.Members { // every one, if there are two
		if m.Key == "auto_map" {
			c.classes(m.Value, "auto_map")
		}
	}
}

// classes reports every class that a value names.
func (c *check) classes(v strictjson.Value, what string) {
	switch v.Kind {
	case strictjson.String:
		c.class(v, what)
	case strictjson.Array:
		for _, x := range v.Items {
			c.classes(x, what)
		}
	case strictjson.Object:
		for _, m := range v.Members {
			c.classes(m.Value, what+"."+m.Key)
		}
	case strictjson.Null:
	default:
		c.Failf("%s is %s, not the name of a class", what, v.Kind)
	}
}

func (c *check) class(v strictjson.Value, what string) {
	name := verdict.Show(v.Text)
	c.code = append(c.code, name)
	repo, class, elsewhere := strings.Cut(v.Text, "--")
	if !elsewhere {
		class = v.Text
	}
	file, _, _ := strings.Cut(class, ".")
	if i := strings.LastIndexByte(class, '.'); i >= 0 {
		file = class[:i]
	}
	switch {
	case elsewhere:
		c.report(ruleForeign, asset.Unverified, v.Offset, v.Text, fmt.Sprintf("%s names the class %q of the repository %q.", what, verdict.Show(class), verdict.Show(repo)))
	case !local(file) || strings.Contains(v.Text, ".."):
		c.report(ruleForeign, asset.Unverified, v.Offset, v.Text, fmt.Sprintf("%s names the class %q, which lies outside of the repository.", what, name))
	default:
		c.report(ruleRemote, asset.Unverified, v.Offset, v.Text, fmt.Sprintf("%s names the class %q: %s.py is run by a loader with trust_remote_code=True.", what, name, verdict.Show(strings.ReplaceAll(file, ".", "/"))))
	}
}

// customPipelines checks "custom_pipelines": {"task": {"impl": "file.Class", "pt":
// [...]}}.
func (c *check) customPipelines(top strictjson.Value) {
	for _, m := range top.Members {
		if m.Key != "custom_pipelines" {
			continue
		}
		for _, task := range m.Value.Members {
			if impl := task.Value.Get("impl"); impl != nil && impl.Kind == strictjson.String {
				c.class(*impl, "custom_pipelines."+verdict.Show(task.Key))
			} else {
				c.Failf("custom_pipelines.%s names no implementation", verdict.Show(task.Key))
			}
		}
	}
	for _, m := range top.Members {
		if (m.Key == "custom_generate" || m.Key == "custom_code") && m.Value.Kind == strictjson.String {
			c.class(m.Value, m.Key)
		}
	}
}

// hubKernel matches an attention implementation that is fetched from a repository:
// "ORG/NAME", with a revision and a function.
var hubKernel = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[a-z_]+\|)?[\w.-]+/[\w.-]+(?:@[\w.-]+)?(?::\w+)?$`)
})

// kernel checks the implementations that are loaded by name; one with a slash is
// compiled code of a repository, which is fetched and run without
// trust_remote_code.
func (c *check) kernel(top strictjson.Value) {
	for _, m := range top.Members {
		switch m.Key {
		case "_attn_implementation", "attn_implementation", "_experts_implementation":
			for _, v := range append([]strictjson.Value{m.Value}, valuesOf(m.Value)...) {
				if v.Kind == strictjson.String && hubKernel().MatchString(v.Text) {
					c.code = append(c.code, verdict.Show(v.Text))
					c.report(ruleForeign, asset.Unverified, v.Offset, v.Text, fmt.Sprintf("%s takes compiled code from the repository %q.", m.Key, verdict.Show(v.Text)))
				}
			}
		}
	}
}

// imports checks names that libraries import as they stand: the activation functions
// of sentence-transformers, the types of its routers, and the file of mlx-lm.
func (c *check) imports(top strictjson.Value) {
	for _, m := range top.Members {
		switch m.Key {
		case "activation_function", "activation_fn", "sbert_ce_default_activation_function":
			c.imported(m.Key, m.Value, "torch.nn.")
		case "sentence_transformers":
			for _, in := range m.Value.Members {
				c.imported(m.Key+"."+in.Key, in.Value, "torch.nn.")
			}
		case "tokenizer_class":
			c.imported(m.Key, m.Value, "sentence_transformers.")
		case "types":
			for _, v := range valuesOf(m.Value) {
				c.imported(m.Key, v, "sentence_transformers.")
			}
		case "model_file":
			if strings.HasSuffix(strings.ToLower(m.Value.String()), ".py") {
				c.code = append(c.code, verdict.Show(m.Value.Text))
				c.report(ruleRemote, asset.Unverified, m.Value.Offset, m.Value.Text, fmt.Sprintf("model_file names %q, which mlx-lm runs.", verdict.Show(m.Value.Text)))
			}
		}
	}
}

// dotted matches the name of something in a module.
var dotted = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$`) })

func (c *check) imported(key string, v strictjson.Value, own string) {
	name := v.String()
	if !dotted().MatchString(name) || strings.HasPrefix(name, own) {
		return
	}
	c.code = append(c.code, verdict.Show(name))
	c.report(ruleImport, asset.Unverified, v.Offset, name, fmt.Sprintf("%s is %q, which is imported by its name.", key, verdict.Show(name)))
}

func valuesOf(v strictjson.Value) (list []strictjson.Value) {
	for _, m := range v.Members {
		list = append(list, m.Value)
	}
	return list
}

// libraries tells those that diffusers itself loads components from.
func libraries(name string) bool {
	switch name {
	case "diffusers", "transformers", "onnxruntime", "onnxruntime.training", "flax", "optimum", "optimum.onnxruntime", "stable_diffusion",
		"stable_diffusion_xl", "kandinsky", "deepfloyd_if", "latent_diffusion", "unidiffuser", "paint_by_example", "shap_e", "stable_cascade",
		"wuerstchen", "ledits_pp", "audioldm2", "bark", "peft", "k_diffusion":
		return true
	}
	return false
}

// components checks the model_index.json of diffusers: each component is a pair of
// library and class, and a library that diffusers does not know is a Python file of
// the repository.
func (c *check) components(top strictjson.Value) {
	for _, m := range top.Members {
		v := m.Value
		if v.Kind != strictjson.Array || len(v.Items) < 2 || v.Items[0].Kind != strictjson.String {
			continue
		}
		library, class := v.Items[0].Text, v.Items[1].String()
		root, _, _ := strings.Cut(library, ".")
		if libraries(library) || libraries(root) {
			continue
		}
		c.code = append(c.code, verdict.Show(library+"."+class))
		rule, what := ruleRemote, "of the repository"
		if strings.Contains(library, "..") || !local(library) {
			rule, what = ruleForeign, "outside of the repository"
		}
		c.report(rule, asset.Unverified, m.At, m.Key, fmt.Sprintf("The component %q is the class %q in %q %s.", verdict.Show(m.Key), verdict.Show(class), verdict.Show(library), what))
	}
}

// modules checks the modules.json of sentence-transformers, whose types are imported
// by their dotted names.
func (c *check) modules(top strictjson.Value) {
	for _, item := range top.Items {
		t := item.Get("type")
		if t == nil || t.Kind != strictjson.String {
			c.Failf("modules.json: a module without a type")
			continue
		}
		if strings.HasPrefix(t.Text, "sentence_transformers.") && strings.Count(t.Text, ".") <= 5 {
			continue
		}
		c.code = append(c.code, verdict.Show(t.Text))
		c.report(ruleImport, asset.Unverified, t.Offset, t.Text, fmt.Sprintf("A module of the model is the class %q, which is imported by its name.", verdict.Show(t.Text)))
		if p := item.Get("path"); p.String() != "" && !local(p.Text) {
			c.report(ruleForeign, asset.Unverified, p.Offset, p.Text, fmt.Sprintf("A module of the model lies at %q, outside of the repository.", verdict.Show(p.Text)))
		}
	}
}

// adapter checks the adapter_config.json of PEFT.
func (c *check) adapter(top strictjson.Value) {
	if m := top.Get("auto_mapping"); m != nil {
		lib := m.Get("parent_library")
		root, _, _ := strings.Cut(lib.String(), ".")
		if lib.String() != "" && root != "transformers" && root != "diffusers" && root != "peft" && root != "timm" && !strings.HasPrefix(lib.Text+".", "torch.nn.") && root != "sentence_transformers" {
			c.code = append(c.code, verdict.Show(lib.Text))
			c.report(ruleImport, asset.Unverified, lib.Offset, lib.Text, fmt.Sprintf("auto_mapping.parent_library is %q: PEFT imports the module of that name.", verdict.Show(lib.Text)))
		}
	}
	if m := top.Get("megatron_core"); m != nil && m.String() != "" && m.Text != "megatron.core" {
		c.code = append(c.code, verdict.Show(m.Text))
		c.report(ruleImport, asset.Unverified, m.Offset, m.Text, fmt.Sprintf("megatron_core is %q: PEFT imports the module of that name.", verdict.Show(m.Text)))
	}
	base := top.Get("base_model_name_or_path")
	if base.String() == "" {
		return
	}
	c.Fact("base_model", verdict.Show(base.Text), false)
	switch rev := top.Get("revision"); {
	case !repoName().MatchString(base.Text):
		c.report(ruleBase, asset.OK, base.Offset, base.Text, fmt.Sprintf("The base model is %q, which is no name of a repository.", verdict.Show(base.Text)))
	case rev.String() == "" || rev.Text == "main":
		c.report(ruleUnpinned, asset.OK, base.Offset, base.Text, fmt.Sprintf("The base model %q has no revision.", verdict.Show(base.Text)))
	}
}

// repoName matches ORG/NAME, and the names without an owner of the early models.
var repoName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?$`) })

// about records what a configuration says the model is.
func (c *check) about(top strictjson.Value) {
	for _, m := range top.Members {
		switch m.Key {
		case "architectures":
			for _, v := range m.Value.Items {
				if v.Kind == strictjson.String {
					c.Fact("architecture", verdict.Show(v.Text), false)
				}
			}
		case "_name_or_path":
			if s := m.Value.String(); s != "" {
				c.Fact("base_model", verdict.Show(s), false)
			}
		case "quantization_config":
			if q := m.Value.Get("quant_method"); q.String() != "" {
				c.Fact("quantisation", verdict.Show(q.Text), false)
			}
		}
	}
}
