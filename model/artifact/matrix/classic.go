package matrix

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// boosters are trees, read natively.
func boosters(t *table) {
	t.of("Trees and tables", "xgboost-json")
	tree := t.real("xgboost/testdata/tree.json")
	change := func(old, new string) Files { return one("m.json", t.swap(tree, old, new)) }
	t.add("child outside of the tree", failed, "xgboost-broken-tree", change(`"left_children":[1,`, `"left_children":[900,`), one("m.json", tree))
	t.add("tree with a circle", failed, "xgboost-broken-tree", change(`"left_children":[1,`, `"left_children":[0,`), one("m.json", tree))
	t.add("pickle around the model", malicious, dangerous, one("m.pkl", pickle4("]("+global("xgboost.sklearn", "XGBClassifier")+")\x81"+system+"e")), one("m.pkl", t.real("testdata/real/current-boosting-xgboost.p4.pkl"))).as("pickle")
	t.of("Trees and tables", "lightgbm")
	booster := t.real("lightgbm/testdata/category.txt")
	t.add("leaf outside of the tree", failed, "lightgbm-broken-tree", one("model.txt", t.swap(booster, "left_child=1 -1 -3", "left_child=1 -1 -9")), one("model.txt", booster))
	t.add("more leaves than memory", failed, "lightgbm-broken-tree", one("model.txt", t.swap(booster, "num_leaves=4", "num_leaves=2147483646")), one("model.txt", booster))
	t.of("Trees and tables", "catboost")
	cat := t.real("catboost/testdata/category.cbm")
	t.add("core that is longer than the file", failed, "catboost-broken-tree", one("m.cbm", cat[:4]+"\xff\xff\xff\x7f"+cat[8:]), one("m.cbm", cat))
	t.add("part that is not read", unverified, "catboost-opaque-part", one("m.cbm", t.swap(cat, "static_provider_v1", "another_unknown_v1")), one("m.cbm", cat))
}

const (
	ociManifest = "application/vnd.oci.image.manifest.v1+json"
	kitModel    = "application/vnd.kitops.modelkit.model.v1.tar+gzip"
	kitCode     = "application/vnd.kitops.modelkit.code.v1.tar+gzip"
)

// image is an OCI layout with one layer; more is further text of its descriptor.
func image(layer, more, weights string) Files {
	f := Files{"oci-layout": `{"imageLayoutVersion":"1.0.0"}`}
	blob := func(mediaType, content, more string) string {
		sum := sha256.Sum256([]byte(content))
		digest := hex.EncodeToString(sum[:])
		f["blobs/sha256/"+digest] = content
		return fmt.Sprintf(`{"mediaType":%q,"digest":"sha256:%s","size":%d%s}`, mediaType, digest, len(content), more)
	}
	config := blob("application/vnd.kitops.modelkit.config.v1+json", `{"package":{"name":"m","license":"mit"},"model":{"path":"./model.gguf"}}`, "")
	manifest := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":%s,"layers":[%s]}`, ociManifest, config, blob(layer, "weights", more))
	f["index.json"] = `{"schemaVersion":2,"manifests":[` + blob(ociManifest, manifest, "") + `]}`
	for name, content := range f {
		if content == "weights" {
			f[name] = weights
		}
	}
	return f
}

// bundles are archives that servers and frameworks unpack.
func bundles(t *table) {
	t.of("Bundles", "torchserve-mar")
	mar := func(model string, members ...string) Files {
		return one("m.mar", zipOf(append(members, "MAR-INF/MANIFEST.json", `{"runtime":"python","model":{`+model+`},"archiverVersion":"0.12.0"}`)...))
	}
	const builtin = `"modelName":"m","serializedFile":"m.pt","handler":"image_classifier"`
	weights := firstOf(t.evasion("torch zip", "twin"))
	t.add("handler that the server runs", unverified, "mar-handler", mar(`"handler":"h.py:run"`, "h.py", "x"), mar(builtin, "m.pt", weights))
	t.add("packages that the server installs", unverified, "mar-requirements", mar(builtin+`,"requirementsFile":"r.txt"`, "m.pt", weights, "r.txt", "git+https://merlon.example/x\n"), mar(builtin+`,"requirementsFile":"r.txt"`, "m.pt", weights, "r.txt", "# none\n"))
	t.add("weights outside of the archive", malicious, "mar-outside-file", mar(`"handler":"image_classifier","serializedFile":"/etc/x"`), mar(builtin, "m.pt", weights))
	yaml := func(v string) Files {
		return mar(builtin+`,"configFile":"c.yaml"`, "m.pt", weights, "c.yaml", "a: "+v+"\n")
	}
	t.add("configuration that makes Java objects", malicious, "mar-yaml-tag", yaml("!!javax.script.ScriptEngineManager [x]"), yaml(`"!!javax.script.ScriptEngineManager [x]"`))
	t.add("code that the manifest does not name", unverified, "mar-unlisted-code", mar(builtin, "m.pt", weights, "json.py", "x"), mar(builtin+`,"extraFiles":"json.py"`, "m.pt", weights, "json.py", "x"))

	t.of("Bundles", "nemo")
	nemo := func(config string) Files {
		return one("m.nemo", tarOf(member{name: "./model_config.yaml", body: config}, member{name: "./model_weights.ckpt", body: weights}, member{name: "./tokenizer.model", body: "x"}))
	}
	const encoder = "nemo.collections.asr.modules.ConformerEncoder"
	t.add("Hydra _target_ that starts programs", malicious, "nemo-dangerous-target", nemo("encoder: {_target_: os.system, command: "+echo+"}\n"), nemo("encoder: {_target_: "+encoder+"}\n")).known("CVE-2025-23304")
	t.add("Hydra _target_ in an anchor", malicious, "nemo-dangerous-target", nemo("x: &x {_target_: subprocess.Popen}\ny: *x\n"), nemo("description: 'calls _target_: os.system'\n"))
	t.add("Hydra _target_ that nobody knows", unverified, "nemo-unknown-target", nemo("a: {_target_: "+encoder+"2}\n"), nemo("a: {_target_: "+encoder+"}\n"))
	t.add("file outside of the archive", ok, "nemo-outside-file", nemo("tokenizer: {model_path: ../../etc/x}\n"), nemo("tokenizer: {model_path: \"nemo:tokenizer.model\"}\n"))
	t.add("YAML that makes Python objects", malicious, "nemo-yaml-tag", nemo("a: !!python/object/apply:os.system [\""+echo+"\"]\n"), nemo("a: \"!!python/object/apply:os.system\"\n"))
	t.add("pickle in the weights", malicious, dangerous, one("m.nemo", tarOf(member{name: "./model_config.yaml", body: "a: 1\n"}, member{name: "./model_weights.ckpt", body: firstOf(t.evasion("torch zip", " data.pkl"))})), nemo("a: 1\n"))

	t.of("Bundles", "kitops-modelkit")
	plain := image(kitModel, "", "weights")
	title := func(name string) Files {
		return image(kitModel, `,"annotations":{"org.opencontainers.image.title":"`+name+`"}`, "weights")
	}
	t.add("layer that is unpacked outside of the folder", malicious, "oci-traversal", title("../../x"), title("dir/model.gguf"))
	t.add("blob that does not have its digest", malicious, "oci-digest-mismatch", image(kitModel, "", "WEIGHTS"), plain)
	t.add("blob fetched from elsewhere", unverified, "oci-foreign-blob", image(kitModel, `,"urls":["https://merlon.example/x"]`, "weights"), plain)
	t.add("code in the bundle", unverified, "oci-bundle-code", image(kitCode, "", "weights"), plain)
}

// skopses are scikit-learn models without pickle, nearly.
func skopses(t *table) {
	t.of("Trees and tables", "skops")
	n := func(loader, module, class, rest string) string {
		return `{"__loader__":"` + loader + `","__module__":"` + module + `","__class__":"` + class + `"` + rest + `}`
	}
	file := func(schema string) Files { return one("m.skops", zipOf("schema.json", schema)) }
	str := func(s string) string {
		inner, err := json.Marshal(s)
		must(err)
		outer, err := json.Marshal(string(inner))
		must(err)
		return n("JsonNode", "builtins", "str", `,"content":`+string(outer)+`,"is_json":true`)
	}
	list := func(items ...string) Files {
		return file(n("ListNode", "builtins", "list", `,"content":[`+strings.Join(items, ",")+`]`))
	}
	t.add("dangerous function", malicious, "skops-dangerous-call", list(n("FunctionNode", "os", "system", "")), list(str("os.system")))
	operator := func(module, class string) string {
		return n("OperatorFuncNode", module, class, `,"attrs":`+n("TupleNode", "builtins", "tuple", `,"content":[`+str("a")+`]`))
	}
	t.add("type that lies (operator under another name)", malicious, "skops-spoofed-type", list(operator("sklearn.svm._classes", "methodcaller")), list(n("ObjectNode", "sklearn.svm._classes", "SVC", ""))).known("CVE-2025-54412")
	method := func(class, name string) Files {
		return list(n("MethodNode", "sklearn.svm._classes", class, `,"content":{"func":"`+name+`","obj":`+n("ObjectNode", "sklearn.svm._classes", "SVC", "")+`}`))
	}
	t.add("method of another type", malicious, "skops-spoofed-type", method("SVR", "predict"), method("SVC", "predict")).twin(unverified, "skops-unknown-type").known("CVE-2025-54413")
	t.add("attribute walk by an operator", malicious, "skops-dangerous-call", list(n("OperatorFuncNode", "operator", "attrgetter", `,"attrs":`+n("TupleNode", "builtins", "tuple", `,"content":[`+str("__class__.__mro__")+`]`))), list(n("FunctionNode", "numpy", "log1p", "")))
	t.add("type that nobody knows", unverified, "skops-unknown-type", list(n("ObjectNode", "merlon_test", "Model", "")), list(n("ObjectNode", "sklearn.svm._classes", "SVC", "")))
	t.add("pickle under the name .skops", malicious, "skops-not-a-zip "+dangerous, one("m.skops", evil), one("m.skops", t.real("skops/testdata/pipeline.skops"))).as("pickle").known("CVE-2025-54886")
}

// pmmls are models in XML.
func pmmls(t *table) {
	t.of("Trees and tables", "pmml")
	model := func(before, inner string) Files {
		return one("m.pmml", `<?xml version="1.0"?>`+before+`<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/><DataDictionary/><TransformationDictionary>`+inner+
			`</TransformationDictionary><TreeModel functionName="regression"/></PMML>`)
	}
	apply := func(f string) string {
		return `<DerivedField name="java.lang.Runtime"><Apply function="` + f + `"><FieldRef field="a"/></Apply></DerivedField>`
	}
	t.add("XML entity that reads a file (XXE)", malicious, "pmml-xml-entity", model(`<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]>`, `<Extension name="&x;"/>`), model(`<!-- <!DOCTYPE PMML [<!ENTITY x SYSTEM "f">]> -->`, `<Extension name="x"/>`))
	t.add("XML entities that expand (billion laughs)", malicious, "pmml-xml-entity", model(`<!DOCTYPE PMML [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>`, ""), model("", ""))
	t.add("XInclude of a file", malicious, "pmml-xml-entity pmml-extension", model("", `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>`), model("", `<Extension name="include" value="/etc/passwd"/>`))
	t.add("Java class as a function", malicious, "pmml-custom-function", model("", apply("java.lang.Runtime.exec")), model("", apply("log10")))
	t.add("function that the standard does not define", unverified, "pmml-custom-function", model("", apply("org.example.Mine")), model("", `<DefineFunction name="mine" optype="continuous"><ParameterField name="a"/><FieldRef field="a"/></DefineFunction>`+apply("mine")))
	t.add("script", unverified, "pmml-script", model("", `<script for="x">eG9y</script>`), model("", `<Extension name="script" value="x"/>`))
	t.add("extension with content", unverified, "pmml-extension", model("", `<Extension name="code">import os</Extension>`), model("", `<Extension name="user" value="ann"/>`))
	t.add("data from a table elsewhere", unverified, "pmml-table-locator", model("", `<MapValues><TableLocator x-dbname="d"/></MapValues>`), model("", `<MapValues><InlineTable/></MapValues>`))
}

// flaxes are MessagePack.
func flaxes(t *table) {
	t.of("Tensors", "msgpack")
	ext := func(kind byte, content string) string {
		return "\xc7" + string([]byte{byte(len(content)), kind}) + content
	}
	array := func(shape, dtype, data string) string {
		return ext(1, "\x93"+shape+string([]byte{0xa0 | byte(len(dtype))})+dtype+"\xc4"+string([]byte{byte(len(data))})+data)
	}
	good := array("\x91\x02", "int16", "abcd")
	file := func(w string) Files { return one("m.msgpack", "\x82\xa1a\xa6object\xa1w"+w) }
	t.add("raw bytes as pointers (array of objects)", malicious, "msgpack-object-array", file(array("\x91\x01", "object", "abcdefgh")), file(good))
	pickled := func(kind string) string {
		return "\x84\xc4\x02nd\xc3\xc4\x04type\xa3" + kind + "\xc4\x04kind\xc4\x01"
	}
	t.add("pickle inside (msgpack-numpy)", unverified, "msgpack-pickle", one("m.msgpack", "\x82\xa1a"+pickled("|O8")+"O\xc4\x04data\xc4\x04\x80\x04N.\xa1w"+good), one("m.msgpack", "\x82\xa1a"+pickled("<i4")+"i\xc4\x04data\xc4\x04abcd\xa1w"+good))
	t.add("type that Flax does not have", unverified, "msgpack-extension", file("\x82\xa1x"+good+"\xa1y"+ext(42, "x")), file("\x82\xa1x"+good+"\xa1y"+good))
	t.add("shape that overflows", failed, "", file(array("\x92\xcf\x40\x00\x00\x00\x00\x00\x00\x00\x04", "int16", "abcd")), file(array("\x92\x02\x01", "int16", "abcd")))
	t.add("nested without end", failed, "", file(strings.Repeat("\x91", 5000)+"\x01"), file("\x91\x91"+good))
}

// rdatas are files of R.
func rdatas(t *table) {
	t.of("Trees and tables", "rds")
	file := func(name string) Files { return one("m.rds", t.real("rdata/testdata/"+name)) }
	t.add("promise: code that runs when the value is used", malicious, "rdata-promise", file("promise.rds"), file("data.rds")).known("CVE-2024-27322")
	t.add("promise in a workspace", malicious, "rdata-promise", one("m.RData", t.real("rdata/testdata/promise.RData")), one("m.RData", t.real("rdata/testdata/workspace.RData"))).known("CVE-2024-27322").as("rdata")
	t.add("function", unverified, "rdata-code", file("closure.rds"), file("environment.rds"))
	t.add("calls and formulas", unverified, "rdata-language", file("call.rds"), file("centers.rds"))
	xdr := func(body string) Files {
		return one("m.rds", "X\n\x00\x00\x00\x02\x00\x04\x02\x02\x00\x02\x03\x00"+body)
	}
	name := func(flags, s string) string { return flags + "\x00\x00\x00" + string([]byte{byte(len(s))}) + s }
	symbol := func(s string) string { return name("\x00\x00\x00\x01\x00\x04\x00\x09", s) }
	const list, end, null, number = "\x00\x00\x00\x02", "\x00\x00\x00\xfe", "\x00\x00\x00\xfe", "\x00\x00\x00\x0d\x00\x00\x00\x01\x00\x00\x00\x07"
	altrep := func(class, state string) Files {
		return xdr("\x00\x00\x00\xee" + list + symbol(class) + list + symbol("base") + list + number + end + state + null)
	}
	t.add("file mapped while reading", malicious, "rdata-file-access", altrep("mmap_real", name("\x00\x00\x00\x10\x00\x00\x00\x01\x00\x04\x00\x09", "/etc/x")), altrep("wrap_integer", number))
	namespace := func(pkg string) Files {
		return xdr(name("\x00\x00\x00\xf9\x00\x00\x00\x00\x00\x00\x00\x01\x00\x04\x00\x09", pkg))
	}
	t.add("package loaded while reading", unverified, "rdata-package", namespace("merlonTest"), namespace("stats"))
	t.add("pointer into memory", unverified, "rdata-pointer", xdr("\x00\x00\x00\x16"+null+null), xdr(number))
}

// polyglots are two things at once.
func polyglots(t *table) {
	t.of("Programs", "executable")
	elf := "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x03\x00\x3e\x00\x01" + strings.Repeat("\x00", 100)
	gguf := zipOf("llama.gguf", "GGUF\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", ".args", "-m\nllama.gguf\n")
	t.add("program with the name of a model", malicious, "executable-as-model", one("model.pth", elf), one("server", elf)).twin(noModel, "")
	t.add("shell script with the name of a model", malicious, "executable-as-model", one("model.ckpt", "#!/bin/sh\n"+echo+"\n"), one("train.sh", "#!/bin/sh\n"+echo+"\n")).twin(noModel, "")
	members := t.unzip(firstOf(t.evasion("torch zip", "twin")))
	t.add("program inside a model", unverified, "executable-in-model", one("model.pt", zipOf(append(members, "model/lib.so", elf)...)), one("model.pt", zipOf(append(members, "model/lib.txt", "ELF")...))).as("torch-zip")
	t.add("model that is a program (llamafile)", unverified, "llamafile archive-hidden-data", one("m.llamafile", elf+gguf), one("m.gguf", "GGUF\x03\x00\x00\x00"+strings.Repeat("\x00", 16))).as("llamafile")
}
