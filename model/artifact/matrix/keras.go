package matrix

import (
	"encoding/base64"
	"strings"
)

func kerasLayer(module, class, config string) string {
	return `{"module":"` + module + `","class_name":"` + class + `","config":` + config + `,"registered_name":null}`
}

func kerasModel(layers ...string) Files {
	return one("model.keras", zipOf("metadata.json", `{"keras_version":"3.8.0"}`, "config.json",
		`{"module":"keras","class_name":"Sequential","config":{"name":"s","layers":[`+strings.Join(layers, ",")+`]},"registered_name":null,"build_config":{"input_shape":[null,4]}}`))
}

func kerasFn(module, name string) string {
	return `{"class_name":"function","module":"` + module + `","config":"` + name + `","registered_name":"` + name + `"}`
}

// code is a marshalled function that some Python wrote.
func (t *table) code(name string) string {
	return base64.StdEncoding.EncodeToString([]byte(t.real("../../engine/marshal/testdata/" + name + ".bin")))
}

// kerasConfigs make a loader import, call or read what the configuration names.
func kerasConfigs(t *table) {
	t.of("Keras", "keras")
	one := func(class, config string) Files { return kerasModel(kerasLayer("keras.layers", class, config)) }
	function := func(module, name string) Files {
		return one("Activation", `{"name":"l","activation":`+kerasFn(module, name)+`}`)
	}
	plain := one("Dense", `{"name":"os.system","units":1}`)
	relu := function("builtins", "leaky_relu")
	t.add("module injection", malicious, "keras-module-injection", kerasModel(kerasLayer("os", "system", `{"command":"`+echo+`"}`)), plain).known("CVE-2025-1550")
	t.add("function of another module", malicious, "keras-module-injection", function("subprocess", "run"), relu).known("CVE-2025-1550")
	t.add("module injection deep inside", malicious, "keras-module-injection", one("TimeDistributed", `{"layer":`+kerasLayer("keras.layers", "Dense", `{"kernel_initializer":`+kerasLayer("pickle", "loads", `{}`)+`}`)+`}`),
		one("TimeDistributed", `{"layer":`+kerasLayer("keras.layers", "Dense", `{"kernel_initializer":`+kerasLayer("keras.initializers", "GlorotUniform", `{}`)+`}`)+`}`))
	t.add("get_file gadget", malicious, "keras-gadget", function("keras.utils", "get_file"), relu).known("CVE-2025-8747")
	t.add("unsafe flag switched on", malicious, "keras-unsafe-flag", kerasModel(kerasLayer("keras.config", "enable_unsafe_deserialization", `{}`)), plain).known("CVE-2025-9906")
	lambda := func(code string) Files {
		return one("Lambda", `{"name":"l","function":{"class_name":"__lambda__","config":{"code":"`+code+`","defaults":null,"closure":null}}}`)
	}
	t.add("Lambda that reaches the system", malicious, "keras-dangerous-lambda", lambda(t.code("312-2")), lambda(t.code("312-1"))).twin(unverified, "keras-lambda").known("CVE-2024-3660")
	t.add("Lambda", unverified, "keras-lambda", lambda(t.code("312-1")), relu).known("CVE-2024-3660")
	t.add("class that is not part of Keras", unverified, "keras-custom-object", kerasModel(`{"module":"mine.layers","class_name":"Scale","config":{},"registered_name":"mine>Scale"}`), plain)
	t.add("pickle in a layer (TorchModuleWrapper)", malicious, "keras-torch-module", one("TorchModuleWrapper", `{"module":"UEsDBA=="}`), one("Dense", `{"module":"UEsDBA=="}`)).known("CVE-2025-49655")
	t.add("vocabulary read from a file", malicious, "keras-external-file", one("StringLookup", `{"vocabulary":"/etc/passwd"}`), one("StringLookup", `{"vocabulary":["/etc/passwd","b"]}`)).known("CVE-2025-12058")
	t.add("SavedModel loaded from a path (TFSMLayer)", malicious, "keras-external-file", one("TFSMLayer", `{"filepath":"/tmp/x"}`), one("Dense", `{"filepath":"/tmp/x"}`)).known("CVE-2026-1462")
	t.add("TensorFlow function that writes files", malicious, "keras-tensorflow-function", one("TFOpLambda", `{"function":"io.write_file"}`), one("TFOpLambda", `{"function":"math.multiply"}`))
	t.add("key twice in the configuration", unverified, "keras-duplicate-key", one("Dense", `{"units":1,"units":2}`), one("Dense", `{"units":1,"unit":2}`))
	t.add("configuration cut off", failed, "", Files{"model.keras": zipOf("metadata.json", `{"keras_version":"3.8.0"}`, "config.json", `{"module":"keras","class_name":"Sequential","config":`)}, plain)
}

// kerasFiles are HDF5: the older form of a model, and of weights.
func kerasFiles(t *table) {
	t.of("Keras", "hdf5")
	h5 := func(name string) Files { return one("model.h5", t.real("keras/testdata/"+name)) }
	raw := func(name string) Files { return one("model.h5", t.real("../../engine/hdf5/testdata/"+name)) }
	t.add("Lambda that reaches the system", malicious, "keras-dangerous-lambda", h5("danger.h5"), h5("lambda.h5")).twin(unverified, "keras-lambda").known("CVE-2025-9905")
	t.add("Lambda", unverified, "keras-lambda", h5("lambda.h5"), h5("functional.h5")).known("CVE-2024-3660, CVE-2025-9905")
	t.add("class that is not part of Keras", unverified, "keras-custom-object", h5("custom.h5"), h5("recurrent.h5"))
	t.add("module injection", malicious, "keras-module-injection", one("model.h5", t.swap(t.real("keras/testdata/small.h5"), `"module": "keras", "class_name": "DTypePolicy"`, `"module": "os", "class_name": "system"        `)), h5("small.h5")).known("CVE-2025-1550")
	policy := `"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}`
	object := func(module, class string) Files {
		text := `"module": "` + module + `", "class_name": "` + class + `", "config": {}`
		return one("model.h5", t.swap(t.real("keras/testdata/small.h5"), policy, text+strings.Repeat(" ", max(0, len(policy)-len(text)))))
	}
	dense := object("keras.layers", "ReLU")
	t.add("get_file gadget", malicious, "keras-gadget", object("keras.utils", "get_file"), dense).known("CVE-2025-8747, CVE-2025-9905")
	t.add("unsafe flag switched on", malicious, "keras-unsafe-flag", object("keras", "enable_unsafe_deserialization"), dense).known("CVE-2025-9906, CVE-2025-9905")
	t.add("pickle in a layer (TorchModuleWrapper)", malicious, "keras-torch-module", object("keras.layers", "TorchModuleWrapper"), dense).known("CVE-2025-49655, CVE-2025-9905")
	t.add("weights in another file (external storage)", malicious, "hdf5-external-data", raw("external-storage.h5"), raw("simple.h5"))
	t.add("weights in another file (link)", malicious, "hdf5-external-data", raw("external-link.h5"), raw("latest.h5"))
	t.add("weights in another file (virtual dataset)", malicious, "hdf5-external-data", raw("virtual.h5"), raw("dense.h5"))
	// pandas keeps names and objects as pickles, and PyTables loads them.
	file := func(name string) Files { return one("model.h5", t.real("testdata/pandas/"+name)) }
	pandas, list := file("pandas.h5"), "(lp0\nS'echo merlon-test'\np1\na."
	t.add("pickle in an attribute (PyTables, pandas)", malicious, "pickle-dangerous-call", one("model.h5", t.swap(t.real("testdata/pandas/pandas.h5"), list, "cos\nsystem\n(S'echo merlon'\ntR.")), pandas)
	t.add("pickle in an array of objects (PyTables, pandas)", malicious, "pickle-dangerous-call", file("objects.h5"), pandas)
	t.add("part that cannot be followed", unverified, "hdf5-not-followed", one("model.h5", t.swap(t.real("keras/testdata/small.h5"), "\x10\x00\x00\x00\x00\x00"+strings.Repeat("\x00", 8)+"\xff\xff", "\x10\x00\x00\x00\x00\x00"+"\x01"+strings.Repeat("\x00", 7)+"\xff\xff")), h5("small.h5"))
	t.add("dataset that declares terabytes", unverified, "hdf5-huge-dataset", raw("huge.h5"), raw("wide.h5"))
}
