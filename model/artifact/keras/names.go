package keras

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed names.txt
var nameList string

//go:embed stdlib.txt
var stdlibList string

// names are what a configuration may refer to without code of its own, by kind:
// "class", "function", "tf" (functions on tensors), "refused".
var names = sync.OnceValue(func() map[string]map[string]bool {
	m := map[string]map[string]bool{"class": {}, "function": {}, "tf": {}, "refused": {}}
	for line := range strings.Lines(nameList) {
		if kind, name, ok := strings.Cut(strings.TrimSpace(line), " "); ok && m[kind] != nil {
			m[kind][name] = true
		}
	}
	for _, name := range []string{"import_graph_def", "register_tensor_conversion_function", "random.get_global_generator", "random.set_global_generator"} {
		delete(m["tf"], name) // they change more than tensors
	}
	for _, name := range gadgets {
		m["refused"][name] = true
		delete(m["function"], name)
	}
	return m
})

// gadgets are functions of Keras, public or not, that touch files, the network, the
// loader's settings or other code, beyond those that Keras itself refuses.
var gadgets = []string{
	"get_file", "_extract_archive", "extract_archive", "_resolve_hash", "hash_file", "validate_file", "enable_unsafe_deserialization",
	"load_model", "load_model_from_hf", "load_weights", "load_weights_only", "save_model", "save_weights", "save_img", "load_img",
	"model_from_json", "model_from_config", "model_from_yaml", "clone_model", "deserialize_keras_object", "func_load", "func_dump",
	"raw_open", "File", "makedirs", "rmtree", "remove", "copy", "exec", "eval", "load_data", "get_word_index", "get_label_names",
	"image_dataset_from_directory", "text_dataset_from_directory", "audio_dataset_from_directory", "plot_model", "run_tests",
	"set_backend", "register_keras_serializable", "init_empty_logger", "configure",
}

// stdlib are the top-level modules of Python's standard library: nothing in them is
// ever part of a model.
var stdlib = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(stdlibList) {
		m[strings.TrimSpace(line)] = true
	}
	delete(m, "__main__")
	return m
})

// tools are packages that run programs, fetch or unpickle, whose names turn up in
// attacks rather than in models.
var tools = map[string]bool{"joblib": true, "dill": true, "cloudpickle": true, "requests": true, "httpx": true, "urllib3": true,
	"paramiko": true, "fabric": true, "sh": true, "plumbum": true, "pip": true, "setuptools": true, "pkg_resources": true, "nt": true,
	"posix": true, "torch": true, "pandas": true, "IPython": true, "jupyter": true, "django": true, "flask": true, "yaml": true,
	"numpy": true, "distutils": true, "pexpect": true, "psutil": true}

// hostileModule reports whether a module is one that no layer, loss or metric comes
// from, but that an attacker would name.
func hostileModule(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	return stdlib()[top] || tools[top] || strings.HasPrefix(top, "_") && top != "__main__"
}

// ofKeras reports whether a module belongs to Keras or to the Keras in TensorFlow.
func ofKeras(module string) bool {
	for _, p := range []string{"keras", "tf_keras", "tensorflow.keras", "tensorflow.python.keras", "keras_core"} {
		if module == p || strings.HasPrefix(module, p+".") {
			return true
		}
	}
	return false
}
