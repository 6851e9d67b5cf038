package matrix

import (
	"strings"
)

func coremlModel(kind int, m msg) string {
	feature := msg{}.Str(1, "x").Sub(3, msg{}.Sub(2, msg{}))
	return string(msg{}.Int(1, 4).Sub(2, msg{}.Sub(1, feature).Sub(10, feature)).Sub(kind, m))
}

// coremls are models for Apple's devices.
func coremls(t *table) {
	t.of("Devices", "coreml")
	file := func(kind int, m msg) Files { return one("m.mlmodel", coremlModel(kind, m)) }
	relu := msg{}.Str(1, "custom").Sub(130, msg{}.Sub(10, msg{}))
	custom := msg{}.Str(1, "evil").Sub(500, msg{}.Str(10, "EvilLayer"))
	network := func(layers ...msg) Files {
		n := msg{}
		for _, l := range layers {
			n = n.Sub(1, l)
		}
		return file(500, n)
	}
	program := func(op msg) Files {
		block := msg{}.Str(2, "y").Sub(3, op)
		function := msg{}.Str(2, "CoreML7").Sub(3, msg{}.Str(1, "CoreML7").Sub(2, block))
		return file(502, msg{}.Int(1, 1).Sub(2, msg{}.Str(1, "main").Sub(2, function)))
	}
	t.add("custom layer: a class of the application", unverified, "coreml-custom-code", network(relu, custom), network(relu))
	t.add("custom layer in a branch", unverified, "coreml-custom-code", network(msg{}.Sub(605, msg{}.Sub(1, msg{}.Sub(1, custom)))), network(msg{}.Sub(605, msg{}.Sub(1, msg{}.Sub(1, relu)))))
	t.add("operation that Core ML does not define", unverified, "coreml-unknown-operation", program(msg{}.Str(1, "evil")), program(msg{}.Str(1, "relu")))
	linked := func(name string) Files { return file(556, msg{}.Sub(1, msg{}.Sub(1, msg{}.Str(1, name)))) }
	t.add("another model loaded by a path that leads out", malicious, "coreml-linked-model", linked("../../other"), network(relu))
	t.add("another model loaded by name", unverified, "coreml-linked-model", linked("other"), network(relu))
	t.add("blob of a framework of Apple", unverified, "coreml-serialized-model", file(3000, msg{}.Str(1, "com.apple.x").Str(2, "blob")), network(relu))
	pack := func(weights string) Files {
		m := program(msg{}.Str(1, "const").Sub(5, msg{}.Str(1, "val").Sub(2, msg{}.Sub(5, msg{}.Str(1, weights).Int(2, 64)))))["m.mlmodel"]
		manifest := `{"fileFormatVersion":"1.0.0","itemInfoEntries":{"a":{"name":"m","path":"com.apple.CoreML/model.mlmodel"},"b":{"name":"weights","path":"com.apple.CoreML/weights"}},"rootModelIdentifier":"a"}`
		return Files{"m.mlpackage/Manifest.json": manifest, "m.mlpackage/Data/com.apple.CoreML/model.mlmodel": m,
			"m.mlpackage/Data/com.apple.CoreML/weights/weight.bin": t.real("coreml/testdata/program.mlpackage/Data/com.apple.CoreML/weights/weight.bin")}
	}
	good := pack("@model_path/weights/weight.bin")
	t.add("weights read from outside of the package", malicious, "coreml-external-path", pack("@model_path/../../../../../etc/passwd"), good)
	t.add("weights that are not there", failed, "coreml-missing-file", pack("@model_path/weights/other.bin"), good)
	extra := network(relu)
	extra["m.mlmodel"] += string(msg{}.Str(9999, "payload"))
	t.add("data that the format does not know", unverified, "coreml-hidden-data", extra, network(relu))
}

// executorches are programs for PyTorch's runtime on devices.
func executorches(t *table) {
	t.of("Devices", "executorch")
	linear := t.real("executorch/testdata/linear.pte")
	file := func(content string) Files { return one("m.pte", content) }
	t.add("program for a delegate", unverified, "executorch-delegate", file(t.real("executorch/testdata/delegate.pte")), file(linear))
	t.add("operator of another library", unverified, "executorch-custom-op", file(t.real("executorch/testdata/custom.pte")), file(linear))
	t.add("argument that is not there", failed, "executorch-broken-program", file(t.swap(linear, "\x04\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00", "\x04\x00\x00\x00\xff\xff\xff\x7f\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00")), file(linear))
	t.add("shape that the data do not fill", failed, "executorch-broken-program", file(t.swap(linear, "\x02\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00", "\x02\x00\x00\x00\x02\x00\x00\x00\x04\x00\x00\x00")), file(linear))
}

// openvinos are XML beside weights.
func openvinos(t *table) {
	t.of("Graphs", "openvino")
	net := func(before string, layers ...string) Files {
		return Files{"m.xml": before + `<net name="n" version="11"><layers>` + strings.Join(layers, "") + `</layers></net>`, "m.bin": strings.Repeat("\x00", 16)}
	}
	layer := func(kind, version string) string {
		return `<layer id="0" name="Evil" type="` + kind + `" version="` + version + `"/>`
	}
	relu := layer("ReLU", "opset1")
	weights := func(shape, offset string) Files {
		return net("", `<layer id="1" name="w" type="Const" version="opset1"><data element_type="f32" shape="`+shape+`" offset="`+offset+`" size="16"/></layer>`)
	}
	t.add("XML entity that reads a file (XXE)", malicious, "openvino-xml-entity", net(`<!DOCTYPE net [<!ENTITY x SYSTEM "file:///etc/passwd">]>`, relu), net(`<!-- <!DOCTYPE net [<!ENTITY x SYSTEM "f">]> -->`, relu))
	t.add("XML entities that expand (billion laughs)", malicious, "openvino-xml-entity", net(`<!DOCTYPE net [<!ENTITY a "a"><!ENTITY b "&a;&a;">]>`, relu), net("", relu))
	t.add("layer of an extension", unverified, "openvino-custom-layer", net("", layer("ReLU", "extension")), net("", relu))
	t.add("layer that OpenVINO does not define", unverified, "openvino-custom-layer", net("", layer("Evil", "opset1")), net("", relu))
	t.add("weights beyond the end of their file", failed, "openvino-weight-bounds", weights("2,2", "8"), weights("2,2", "0"))
	t.add("shape that overflows", failed, "openvino-weight-bounds", weights("4294967296,4294967296,4294967296", "0"), weights("2,2,1", "0"))
	alone := weights("2,2", "0")
	delete(alone, "m.bin")
	t.add("weights that are not there", failed, "openvino-weights-missing", alone, weights("2,2", "0"))
}

// paddles are programs of PaddlePaddle.
func paddles(t *table) {
	t.of("Graphs", "paddle-program")
	program := func(more msg, name string, attrs ...string) Files {
		op := msg{}.Str(3, name)
		for i := 0; i+1 < len(attrs); i += 2 {
			op = op.Sub(4, msg{}.Str(1, attrs[i]).Int(2, 2).Str(5, attrs[i+1]))
		}
		v := msg{}.Str(1, "w").Sub(2, msg{}.Int(1, 7).Sub(3, msg{}.Sub(1, msg{}.Int(1, 5).Int(2, 4)))).Int(3, 1)
		m := msg{}.Sub(1, msg{}.Int(1, 0).Int(2, -1).Sub(3, v).Sub(4, op)).Sub(4, msg{}.Int(1, 3000000))
		return one("m.pdmodel", append(m, more...))
	}
	relu := program(nil, "relu", "op_namescope", "py_func")
	t.add("calls Python (py_func)", malicious, "paddle-python-function", program(nil, "py_func"), relu)
	json := func(op string) Files {
		return one("m.json", `{"base_code":{"magic":"pir","trainable":true,"version":4},"program":{"regions":[{"#":"region_0","blocks":[{"#":"block_0","args":[],"ops":[{"#":"`+op+`","A":[]}]}]}]}}`)
	}
	t.add("calls Python (py_func) in the newer form", malicious, "paddle-python-function", json("1.py_func"), json("1.relu")).as("paddle-pir")
	t.add("reads a file", malicious, "paddle-file-operator", program(nil, "load", "file_path", "/etc/passwd"), program(nil, "relu", "file_path", "/etc/passwd"))
	t.add("operator that PaddlePaddle does not define", unverified, "paddle-custom-operator", program(nil, "evil"), relu)
	t.add("compiled engine", unverified, "paddle-engine", program(nil, "tensorrt_engine"), relu)
	t.add("talks to other processes", unverified, "paddle-network-operator", program(nil, "listen_and_serv", "endpoint", "0.0.0.0:1"), program(nil, "relu", "endpoint", "0.0.0.0:1"))
	t.add("data that the format does not know", unverified, "paddle-hidden-data", program(msg{}.Str(99, "payload"), "relu"), relu)
	parameters := func(dim int64, data int) Files {
		d := string(msg{}.Int(1, 5).Int(2, dim))
		return one("m.pdiparams", strings.Repeat("\x00", 16)+le32(len(d))+d+strings.Repeat("\x00", data))
	}
	t.add("fewer weights than declared", failed, "paddle-tensor-size", parameters(4, 15), parameters(4, 16)).as("paddle-parameters")
	t.add("shape that overflows", failed, "paddle-tensor-size", parameters(1<<60, 16), parameters(4, 16)).as("paddle-parameters")
}

// opaques are compiled for one kind of hardware: nobody can tell what they do.
func opaques(t *table) {
	t.of("Devices", "tensorrt")
	t.add("engine: machine code for a GPU, plugins", unverified, "tensorrt-engine", one("model.engine", "ftrt\x00\x00\x00\x00\xe8"+strings.Repeat("\x00\x17", 100)), one("search.engine", "text about engines")).twin(noModel, "")
	add := func(format, threat, name, content, twin string) {
		t.add(threat, unverified, "opaque-format", one(name, content), one(name, twin)).twin(noModel, "").as(format)
	}
	add("rknn", "code for an NPU, in a layout that is not published", "m.rknn", "RKNN\x00\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00", "RKNN in a text\n")
	add("cntk", "functions that import Python modules by name", "m.dnn", "B\x00C\x00N\x00\x00\x00B\x00V\x00e\x00r\x00", "BCN, BVersion\n")
	add("cntk", "functions that import Python modules by name, version 2", "m.model", "\x08\x01\x12\x20\x0a\x13primitive_functions\x12\x00", "primitive_functions\n")
	add("hailo-hef", "code for an accelerator, in a layout that is not published", "m.hef", "\x01HEF\x00\x00\x00\x01", "HEF in a text\n")
	add("ascend-om", "code for an accelerator", "m.om", "IMOD\x00\x01\x00\x00", "IMOD in a text\n")
	add("caffe", "layers that import Python modules by name", "m.caffemodel", "\x0a\x03net\xa2\x06\x02\x00\x00", "name: net\n")
	add("coreml-compiled", "compiled model, in a layout that is not published", "m.mlmodelc/coremldata.bin", "\x01\x00\x00\x00", "text\n")
}

// mxnets are graphs and arrays of MXNet.
func mxnets(t *table) {
	t.of("Graphs", "mxnet-symbol")
	net, arrays := t.real("mxnet/testdata/net-symbol.json"), t.real("mxnet/testdata/net-0001.params")
	graph := func(old, new string) Files { return one("net-symbol.json", t.swap(net, old, new)) }
	whole := one("net-symbol.json", net)
	t.add("calls an address that the file gives (_Native)", malicious, "mxnet-pointer", graph(`"op": "Activation"`, `"op": "_Native"`), graph(`"name": "relu"`, `"name": "_Native"`))
	t.add("calls an address in the body of a loop", malicious, "mxnet-pointer", graph(`"op": "elemwise_add"`, `"op": "_NDArray"`), whole)
	t.add("reads a file", malicious, "mxnet-file-operator", graph(`"op": "Activation"`, `"op": "_cvimread"`), whole)
	t.add("Python class of the process (Custom)", unverified, "mxnet-custom-operator", graph(`"op": "Activation"`, `"op": "Custom"`), graph(`"name": "relu"`, `"name": "Custom"`))
	t.add("operator that MXNet does not define", unverified, "mxnet-custom-operator", graph(`"op": "Activation"`, `"op": "evil"`), whole)
	t.add("input from a node that is not there", failed, "mxnet-index-out-of-range", graph("[[3, 0, 0]]", "[[99, 0, 0]]"), graph("[[3, 0, 0]]", "[[2, 0, 0]]"))
	t.add("circle of nodes", failed, "mxnet-index-out-of-range", graph("[[3, 0, 0]]", "[[4, 0, 0]]"), whole)
	t.add("operator given twice", unverified, "mxnet-duplicate-key", graph(`"op": "Activation"`, `"op": "Activation", "op": "relu"`), graph(`"op": "Activation"`, `"op": "relu"`))
	t.of("Tensors", "mxnet-params")
	list := func(content string) Files { return one("net-0001.params", content) }
	dims := "\x03\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00"
	t.add("shape that the data do not fill", failed, "mxnet-tensor-size", list(t.swap(arrays, dims, "\x03\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00")), list(arrays))
	t.add("shape that overflows", failed, "mxnet-tensor-size", list(t.swap(arrays, dims, strings.Repeat("\x00\x00\x00\x00\x00\x00\x00\x40", 2))), list(arrays))
	t.add("bytes behind the last name", unverified, "mxnet-hidden-data", list(arrays+"more"), list(arrays))
	t.add("pickle behind the last name", malicious, "mxnet-hidden-data "+dangerous, list(arrays+evil), list(arrays))
}
