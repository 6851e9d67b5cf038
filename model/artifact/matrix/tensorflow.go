package matrix

import (
	"maps"
	"strings"

	"github.com/merlon-security/merlon/model/artifact/internal/flattest"
)

func tfNode(name, op string, inputs ...string) msg {
	n := msg{}.Str(1, name).Str(2, op)
	for _, in := range inputs {
		n = n.Str(3, in)
	}
	return n
}

func tfAttr(n msg, key string, value msg) msg { return n.Sub(5, msg{}.Str(1, key).Sub(2, value)) }

func tfText(name, value string) msg {
	return tfAttr(tfNode(name, "Const"), "value", msg{}.Sub(8, msg{}.Int(1, 7).Sub(2, msg{}).Str(8, value)))
}

// tfFloats is a constant with a shape and some bytes.
func tfFloats(dim int64, stored int) msg {
	return tfAttr(tfNode("c", "Const"), "value", msg{}.Sub(8, msg{}.Int(1, 1).Sub(2, msg{}.Sub(2, msg{}.Int(1, dim))).Str(4, strings.Repeat("\x00", stored))))
}

func tfGraph(nodes ...msg) msg {
	g := msg{}
	for _, n := range nodes {
		g = g.Sub(1, n)
	}
	return g.Sub(4, msg{}.Int(1, 1987))
}

func tfSaved(g msg, more ...msg) Files {
	meta := msg{}.Sub(1, msg{}.Str(4, "serve").Str(5, "2.21.0")).Sub(2, g)
	for _, m := range more {
		meta = append(meta, m...)
	}
	return one("m/saved_model.pb", msg{}.Int(1, 1).Sub(2, meta))
}

// tensorflowGraphs read, write and call.
func tensorflowGraphs(t *table) {
	t.of("Graphs", "tensorflow-savedmodel")
	x := tfNode("x", "Placeholder")
	plain := tfSaved(tfGraph(x, tfNode("PyFunc", "Relu", "x")))
	t.add("reads a file (ReadFile)", malicious, "tf-file-operation", tfSaved(tfGraph(tfText("p", "/etc/passwd"), tfNode("r", "ReadFile", "p"))), tfSaved(tfGraph(tfText("ReadFile", "/etc/passwd"), tfNode("r", "Identity", "p"))))
	body := func(op string) Files {
		return tfSaved(tfGraph(tfNode("f", "PartitionedCall")).Sub(2, msg{}.Sub(1, msg{}.Sub(1, msg{}.Str(1, "f")).Sub(3, tfText("p", "/tmp/merlon-test")).Sub(3, tfNode("w", op, "p:output:0", "x")))))
	}
	t.add("writes a file (WriteFile) in a function", malicious, "tf-file-operation", body("WriteFile"), body("IdentityN"))
	t.add("writes a file (a model of TensorFlow)", malicious, "tf-file-operation", one("saved_model.pb", t.real("tensorflow/testdata/files/saved_model.pb")), one("saved_model.pb", t.real("tensorflow/testdata/keras/saved_model.pb")))
	t.add("calls Python (PyFunc)", malicious, "tf-python-function", tfSaved(tfGraph(tfNode("p", "EagerPyFunc", "x"))), plain)
	print := func(to string) Files {
		return tfSaved(tfGraph(tfAttr(tfNode("d", "PrintV2", "x"), "output_stream", msg{}.Str(2, to))))
	}
	t.add("prints to a file", malicious, "tf-system-operation", print("file:///tmp/merlon-test"), print("stderr"))
	debug := func(urls msg) Files {
		return tfSaved(tfGraph(tfAttr(tfNode("d", "DebugIdentity", "x"), "debug_urls", msg{}.Sub(1, urls))))
	}
	t.add("sends tensors to a server", malicious, "tf-system-operation", debug(msg{}.Str(2, "grpc://example.org:1")), debug(msg{}))
	t.add("operation that TensorFlow does not define", unverified, "tf-custom-operation", tfSaved(tfGraph(tfNode("e", "Evil", "x"))), tfSaved(tfGraph(tfNode("Evil", "Relu", "x"))))
	t.add("reads data files", unverified, "tf-file-reader", tfSaved(tfGraph(tfText("p", "data.tfrecord"), tfNode("d", "TFRecordDatasetV2", "p"))), tfSaved(tfGraph(tfText("p", "data.tfrecord"))))
	restore := func(p string) Files { return tfSaved(tfGraph(tfText("p", p), tfNode("r", "RestoreV2", "p"))) }
	t.add("variables restored from outside", malicious, "tf-checkpoint-path", restore("/etc/x"), restore("model"))
	asset := func(p string) Files {
		f := tfSaved(tfGraph(x), msg{}.Sub(6, msg{}.Str(2, p)))
		f["m/assets/vocab.txt"] = "a\n"
		return f
	}
	t.add("asset outside of the folder", malicious, "tf-asset-path", asset("../../etc/passwd"), asset("vocab.txt"))
	t.add("asset that is not there", failed, "tf-asset-missing", asset("words.txt"), asset("vocab.txt"))
	t.add("constant with less data than declared", failed, "tf-constant-size", tfSaved(tfGraph(tfFloats(1000, 16))), tfSaved(tfGraph(tfFloats(4, 16))))
	t.add("constant that expands", unverified, "tf-expansion", tfSaved(tfGraph(tfFloats(1<<40, 0))), tfSaved(tfGraph(tfFloats(4, 0))))
	t.add("data that the format does not know", unverified, "tf-hidden-data", tfSaved(tfGraph(x).Str(77, "payload")), tfSaved(tfGraph(x)))
	textForm := func(op string) Files {
		return one("saved_model.pbtxt", "saved_model_schema_version: 1\nmeta_graphs { meta_info_def { tags: \"serve\" tensorflow_version: \"2.21.0\" } graph_def { node { name: \"n\" op: \""+op+"\" } versions { producer: 1987 } } }\n")
	}
	t.add("text form that reads a file", malicious, "tf-file-operation", textForm("ReadFile"), textForm("NoOp"))
	lambda := func(class string) Files {
		return tfSaved(tfGraph(x), msg{}.Sub(7, msg{}.Sub(1, msg{}.Sub(4, msg{}.Str(1, "_tf_keras_layer").Str(3, `{"name":"l","class_name":"`+class+`","config":{"name":"l","function":["4wEAAAA=",null,null],"function_type":"lambda"}}`)))))
	}
	t.add("Keras Lambda in a SavedModel", unverified, "keras-lambda", lambda("Lambda"), lambda("Dense"))
	checkpoint := Files{"c/model.index": t.real("tensorflow/testdata/checkpoint/model.index"), "c/model.data-00000-of-00001": t.real("tensorflow/testdata/checkpoint/model.data-00000-of-00001")}
	t.add("data of a checkpoint not there", failed, "tf-data-missing", Files{"c/model.index": checkpoint["c/model.index"]}, checkpoint).as("tensorflow-checkpoint")
	short := maps.Clone(checkpoint)
	short["c/model.data-00000-of-00001"] = short["c/model.data-00000-of-00001"][:100]
	t.add("data of a checkpoint cut off", failed, "tf-constant-size", short, checkpoint).as("tensorflow-checkpoint")
	meta := func(op string) Files {
		return one("x.meta", msg{}.Sub(1, msg{}.Str(4, "train").Str(5, "1.15")).Sub(2, tfGraph(tfNode("p", op))))
	}
	t.add("calls Python (PyFunc)", malicious, "tf-python-function", meta("PyFunc"), meta("NoOp")).as("tensorflow-metagraph")
	t.add("writes a file (WriteFile)", malicious, "tf-file-operation", one("frozen.pb", tfGraph(tfNode("p", "WriteFile"))), one("frozen.pb", tfGraph(tfNode("p", "NoOp")))).as("tensorflow-graph")
}

type flat = flattest.Table

// tfliteModel is a model of one operator on two tensors, with changes.
func tfliteModel(code, op flat, change func(model, tensor, buffer flat)) Files {
	tensor := flat{0: []int32{2, 2}, 1: uint8(0), 2: uint32(1), 3: "w"}
	other := flat{0: []int32{2, 2}, 1: uint8(0), 2: uint32(0), 3: "y"}
	buffer := flat{0: make([]byte, 16)}
	for i, v := range (flat{0: uint32(0), 1: []int32{0}, 2: []int32{1}}) {
		if _, set := op[i]; !set {
			op[i] = v
		}
	}
	graph := flat{0: []flat{tensor, other}, 1: []int32{0}, 2: []int32{1}, 3: []flat{op}, 4: "main"}
	model := flat{0: uint32(3), 1: []flat{code}, 3: "test", 4: []flat{{}, buffer}}
	if change != nil {
		change(model, tensor, buffer)
	}
	model[2] = []flat{graph}
	return one("m.tflite", flattest.File("TFL3", model))
}

// flexOptions is a FlexBuffer of an operation's name and its NodeDef.
func flexOptions(name string) []byte {
	var b []byte
	at := []int{}
	for _, s := range []string{name, string(msg{}.Str(1, "n").Str(2, name))} {
		b = append(b, byte(len(s)))
		at = append(at, len(b))
		b = append(append(b, s...), 0)
	}
	b = append(b, 2)
	start := len(b)
	for i, x := range at {
		b = append(b, byte(start+i-x))
	}
	b = append(b, 5<<2, 25<<2)
	return append(b, byte(len(b)-start), 10<<2, 1)
}

// tflites are models for phones.
func tflites(t *table) {
	t.of("Devices", "tflite")
	custom := func(name string) flat { return flat{0: uint8(32), 1: name, 3: int32(32)} }
	relu := func() flat { return flat{0: uint8(19), 3: int32(19)} }
	plain := tfliteModel(relu(), flat{}, nil)
	t.add("custom operator", unverified, "tflite-custom-operator", tfliteModel(custom("Evil"), flat{}, nil), tfliteModel(custom("TFLite_Detection_PostProcess"), flat{}, nil))
	t.add("Flex operation that writes files", malicious, "tflite-flex-operation", tfliteModel(custom("FlexWriteFile"), flat{5: flexOptions("WriteFile")}, nil), tfliteModel(custom("FlexErf"), flat{5: flexOptions("Erf")}, nil))
	t.add("program for a delegate", unverified, "tflite-delegate", tfliteModel(flat{0: uint8(51), 3: int32(51)}, flat{}, nil), plain)
	t.add("tensor that is not there", failed, "tflite-index-out-of-range", tfliteModel(relu(), flat{1: []int32{7}}, nil), tfliteModel(relu(), flat{1: []int32{1}}, nil))
	shape := func(dims ...int32) Files {
		return tfliteModel(relu(), flat{}, func(_, x, _ flat) { x[0] = dims })
	}
	t.add("shape that the data do not fill", failed, "tflite-tensor-size", shape(200, 200), shape(1, 4))
	t.add("shape that overflows", failed, "tflite-tensor-size", shape(1<<30, 1<<30, 1<<30), shape(1, 2, 2))
	calls := func(graph int32) Files {
		return tfliteModel(flat{0: uint8(119), 3: int32(119)}, flat{3: uint8(93), 4: flat{0: graph, 1: graph}}, nil)
	}
	t.add("subgraph that calls itself", unverified, "tflite-recursive-subgraph", calls(0), plain)
	t.add("part that the format does not know", ok, "tflite-unknown-field", tfliteModel(relu(), flat{}, func(m, _, _ flat) { m[9] = uint32(1) }), tfliteModel(relu(), flat{}, func(m, _, _ flat) { m[7] = []flat{} }))
}
