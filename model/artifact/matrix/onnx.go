package matrix

import (
	"strconv"
	"strings"
)

// onnxModel is a model of one graph; more are further fields of the model.
func onnxModel(graph msg, more ...msg) Files {
	m := msg{}.Int(1, 10).Str(2, "test").Sub(7, graph)
	for _, domain := range []string{"", "com.microsoft", "com.example", "pyop", "l"} {
		m = m.Sub(8, msg{}.Str(1, domain).Int(2, 1))
	}
	for _, x := range more {
		m = append(m, x...)
	}
	return one("m.onnx", m)
}

func onnxNode(op, domain string, attrs ...msg) msg {
	n := msg{}.Str(1, "x").Str(2, "y").Str(3, "n").Str(4, op)
	for _, a := range attrs {
		n = n.Sub(5, a)
	}
	return n.Str(7, domain)
}

func onnxAttr(name, value string) msg { return msg{}.Str(1, name).Str(4, value).Int(20, 3) }

func onnxPair(k, v string) msg { return msg{}.Str(1, k).Str(2, v) }

func onnxGraph(n msg, tensors ...msg) msg {
	g := msg{}.Sub(1, n)
	for _, t := range tensors {
		g = g.Sub(5, t)
	}
	return g
}

func onnxBody(g msg) msg { return msg{}.Str(1, "body").Sub(6, g).Int(20, 5) }

func onnxFunction(domain, name string, nodes ...msg) msg {
	f := msg{}.Str(1, name)
	for _, n := range nodes {
		f = f.Sub(7, n)
	}
	return msg{}.Sub(25, f.Str(10, domain))
}

// onnxFloats is an initializer of n floats that stores some bytes.
func onnxFloats(n int64, stored int) msg {
	return msg{}.Int(1, n).Int(2, 1).Str(8, "w").Str(9, strings.Repeat("\x00", stored))
}

func onnxExternal(location, offset string) msg {
	return msg{}.Int(1, 4).Int(2, 1).Str(8, "w").Sub(13, onnxPair("location", location)).Sub(13, onnxPair("offset", offset)).
		Sub(13, onnxPair("length", "16")).Int(14, 1)
}

var onnxRelu = onnxNode("Relu", "")

// onnxModels read files, run code, or need what nobody knows.
func onnxModels(t *table) {
	t.of("Graphs", "onnx")
	beside := func(location, offset string) Files {
		f := onnxModel(onnxGraph(onnxRelu, onnxExternal(location, offset)))
		return Files{"m/m.onnx": f["m.onnx"], "m/w.bin": strings.Repeat("\x00", 32), "secret": strings.Repeat("\x00", 32)}
	}
	inside := beside("w.bin", "0")
	t.add("external data: absolute path", malicious, "onnx-external-path", beside("/etc/passwd", "0"), inside).known("CVE-2022-25882")
	t.add("external data: traversal", malicious, "onnx-external-path", beside("../secret", "0"), inside).known("CVE-2022-25882")
	t.add("external data: traversal behind a folder", malicious, "onnx-external-path", beside("a/../../secret", "0"), inside).known("CVE-2024-27318, CVE-2025-51480")
	link := beside("link", "0")
	link["m/link"] = Link("../secret")
	t.add("external data: symbolic link", malicious, "onnx-external-path", link, inside)
	t.add("external data: network", malicious, "onnx-external-path", beside("https://example.org/w", "0"), inside)
	t.add("external data not there", failed, "onnx-external-missing", beside("none.bin", "0"), inside)
	t.add("external data beyond the end of their file", failed, "onnx-external-bounds", beside("w.bin", "17"), beside("w.bin", "16"))
	branch := func(tensor msg) Files {
		return onnxModel(onnxGraph(onnxNode("If", "", onnxBody(onnxGraph(onnxRelu, tensor)))))
	}
	t.add("external data in a branch", malicious, "onnx-external-path", branch(onnxExternal("../x", "0")), branch(onnxFloats(4, 16)))
	t.add("Python operator (PyOp)", malicious, "onnx-python-operator", onnxModel(onnxGraph(onnxNode("PyOp", "pyop", onnxAttr("module", "os"), onnxAttr("class_name", "system")))),
		onnxModel(onnxGraph(onnxNode("PyOp", "l")), onnxFunction("l", "PyOp", onnxRelu)))
	t.add("operator of another domain", unverified, "onnx-custom-operator", onnxModel(onnxGraph(onnxNode("Evil", "com.example"))), onnxModel(onnxGraph(onnxNode("FusedMatMul", "com.microsoft"))))
	t.add("operator of another domain in a loop's body", unverified, "onnx-custom-operator", onnxModel(onnxGraph(onnxNode("Loop", "", onnxBody(onnxGraph(onnxNode("Evil", "com.example")))))),
		onnxModel(onnxGraph(onnxNode("Loop", "", onnxBody(onnxGraph(onnxRelu))))))
	blob := func(op string) Files {
		return onnxModel(onnxGraph(onnxNode(op, "com.microsoft", onnxAttr("ep_cache_context", "x"), msg{}.Str(1, "embed_mode").Int(3, 1))))
	}
	t.add("compiled blob for an accelerator", unverified, "onnx-opaque-operator", blob("EPContext"), blob("FusedMatMul"))
	t.add("standard operator replaced", unverified, "onnx-shadowed-operator", onnxModel(onnxGraph(onnxRelu), onnxFunction("", "Relu", onnxNode("Tanh", ""))),
		onnxModel(onnxGraph(onnxNode("F", "l")), onnxFunction("l", "F", onnxNode("Tanh", ""))))
}

// onnxBounds exhaust or deceive.
func onnxBounds(t *table) {
	t.of("Graphs", "onnx")
	plain := onnxModel(onnxGraph(onnxRelu))
	proto := t.real("onnx/testdata/linear.textproto")
	t.add("operator of another domain, in text form", unverified, "onnx-custom-operator", one("m.textproto", t.swap(proto, `op_type: "MatMul"`, `op_type: "Evil"`)), one("m.textproto", proto)).as("onnx-text")
	t.add("text form that is not read", unverified, "onnx-text-form", one("m.onnxtxt", "<ir_version: 10, opset_import: [\"\" : 21]>\ng (float[4] x) => (float[4] y) { y = Relu(x) }\n"), one("m.textproto", proto)).as("onnx-text")
	t.add("function that calls itself", unverified, "onnx-recursive-function", onnxModel(onnxGraph(onnxNode("F", "l")), onnxFunction("l", "F", onnxNode("F", "l"))),
		onnxModel(onnxGraph(onnxNode("F", "l")), onnxFunction("l", "F", onnxRelu)))
	doubling := func(n int) Files {
		list := []msg{onnxFunction("l", "f0", onnxRelu, onnxRelu)}
		for i := range n {
			next := onnxNode("f"+strconv.Itoa(i), "l")
			list = append(list, onnxFunction("l", "f"+strconv.Itoa(i+1), next, next))
		}
		return onnxModel(onnxGraph(onnxNode("f"+strconv.Itoa(n), "l")), list...)
	}
	t.add("functions that expand without bound", unverified, "onnx-expansion", doubling(40), doubling(4))
	sparse := func(dense int64) Files {
		return onnxModel(onnxGraph(onnxRelu).Sub(15, msg{}.Sub(1, onnxFloats(2, 8)).Sub(2, msg{}.Int(1, 2).Int(2, 7).Str(9, strings.Repeat("\x01", 16))).Int(3, dense)))
	}
	t.add("sparse tensor that becomes huge", unverified, "onnx-expansion", sparse(1<<40), sparse(1000))
	nested := func(n int) Files {
		g := onnxGraph(onnxRelu)
		for range n {
			g = onnxGraph(onnxNode("If", "", onnxBody(g)))
		}
		return onnxModel(g)
	}
	t.add("control flow nested deeply", unverified, "onnx-subgraph-depth", nested(17), nested(3))
	t.add("more data declared than stored", failed, "onnx-tensor-size", onnxModel(onnxGraph(onnxRelu, onnxFloats(1<<40, 16))), onnxModel(onnxGraph(onnxRelu, onnxFloats(4, 16))))
	t.add("shape that overflows", failed, "onnx-tensor-size", onnxModel(onnxGraph(onnxRelu, msg{}.Int(1, 1<<40).Int(1, 1<<40).Int(2, 1).Str(8, "w").Str(9, ""))), onnxModel(onnxGraph(onnxRelu, onnxFloats(0, 0))))
	t.add("data that the format does not know", unverified, "onnx-hidden-data", onnxModel(onnxGraph(onnxRelu), msg{}.Str(99, "payload")), plain)
	t.add("metadata with characters that are not seen", ok, "onnx-deceptive-text", onnxModel(onnxGraph(onnxRelu), msg{}.Sub(14, onnxPair("note", "a\u202eb"))), onnxModel(onnxGraph(onnxRelu), msg{}.Sub(14, onnxPair("note", "eval(os.system)"))))
}
