package evasion

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// broken streams end in an error after the harm is done.
func broken() class {
	return class{
		name: "broken after the call",
		cases: func(add func(string, string, []byte)) {
			body := "\x80\x04" + system()
			add("no STOP", "", []byte(body))
			add("unknown opcode", "", []byte(body+"\xff."))
			add("stack underflow", "", []byte(body+"00R."))
			add("missing memo", "", []byte(body+"h\x63."))
			add("cut inside of a string", "", []byte(body+"X\xff\xff\x00\x00abc"))
			add("unsupported protocol behind", "", []byte(body+"\x80\x63."))
			add("negative length", "", []byte(body+"\x8b\xff\xff\xff\xff."))
			add("length of exabytes", "", []byte(body+"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f."))
			add("missing global behind", "", []byte(body+"0cno_such_module_merlon\nx\n."))
			add("errors before and behind", "", []byte("\x80\x040"+system()+"0000."))
			add("bad PUT argument", "", []byte(body+"pxyz\n."))
			add("unhashable key behind", "", []byte(body+"}]]s."))
		},
		twin: func() (string, []byte) { return "model.pkl", p4("](" + s("not broken") + "e") },
	}
}

// textual streams of protocol 0 look like text.
func textual() class {
	p := p0("cos\nsystem\n(S'" + echo + "'\ntR")
	return class{
		name: "protocol 0 as text",
		cases: func(add func(string, string, []byte)) {
			for _, f := range []string{"notes.txt", "README.md", "config.json", "vocab.csv", "LICENSE", "weights.log", "labels.yaml"} {
				add(f, f, p)
			}
			add("dict first", "labels.txt", p0("(dp0\nV"+"label\n"+"cos\nsystem\n(V"+echo+"\ntRs"))
			add("INST", "labels2.txt", p0("(V"+echo+"\nios\nsystem\n"))
			add("list first", "labels3.txt", p0("(lp0\ncposix\nsystem\n(V"+echo+"\ntRa"))
		},
		twin: func() (string, []byte) { return "notes.txt", p0("(dp0\nVname\np1\nVvalue\np2\ns") },
	}
}

// extension gives the file a name that says nothing of pickle.
func extension() class {
	return class{
		name: "odd extensions",
		cases: func(add func(string, string, []byte)) {
			for _, f := range []string{"model.bin", "model.pt", "model.pth", "model.ckpt", "model.dat", "model.safetensors", "model.onnx", "model.gguf", "model.npy", "model.h5", "model", "model.jpg", "model.zip", "model.config", "model.PKL ", ".hidden", "model.tar.gz", "model.p7"} {
				add(f, f, evil())
			}
		},
		twin: func() (string, []byte) { return "model.dat", good() },
	}
}

// nested streams lie in the literals of another.
func nested() class {
	in := string(evil())
	return class{
		name: "nested in bytes and text",
		cases: func(add func(string, string, []byte)) {
			add("pickle.loads", "", p4(call(sg("pickle", "loads"), b(in))))
			add("_load_from_bytes", "", p4(call(sg("torch.storage", "_load_from_bytes"), b(in))))
			add("loads of base64", "", p4(call(sg("pickle", "loads"), call(sg("base64", "b64decode"), s(base64.StdEncoding.EncodeToString([]byte(in)))))))
			add("loads of hex", "", p4(call(sg("_pickle", "loads"), call(sg("binascii", "unhexlify"), s(hex.EncodeToString([]byte(in)))))))
			add("loads of codecs.decode", "", p4(call(sg("pickle", "loads"), call(sg("codecs", "decode"), s(hex.EncodeToString([]byte(in))), s("hex")))))
			add("loads of _codecs.encode", "", p4(call(sg("pickle", "loads"), call(sg("_codecs", "encode"), s(in), s("latin1")))))
			add("two levels", "", p4(call(sg("pickle", "loads"), b(string(p4(call(sg("pickle", "loads"), b(in))))))))
			add("bytes in a dict", "", p4("}("+s("blob")+b(in)+"u"))
			add("base64 in a dict", "", p4("}("+s("blob")+s(base64.StdEncoding.EncodeToString([]byte(in)))+"u"))
			add("hex in a dict", "", p4("}("+s("blob")+s(hex.EncodeToString([]byte(in)))+"u"))
			add("bytearray", "", []byte("\x80\x05\x96"+le64(len(in))+in+"."))
		},
		twin: func() (string, []byte) {
			return "model.pkl", p4("}(" + s("blob") + b(string(good())) + s("text") + s(base64.StdEncoding.EncodeToString(good())) + "u")
		},
	}
}

// wrappers abuse functions that serializers really use.
func wrappers() class {
	return class{
		name: "serializer functions with hostile arguments",
		cases: func(add func(string, string, []byte)) {
			add("_reconstructor of Popen", "", p4(call(sg("copyreg", "_reconstructor"), sg("subprocess", "Popen"), sg("builtins", "object"), "N")+"0"+system()))
			add("__newobj__ of Popen", "", p4(call(sg("copyreg", "__newobj__"), sg("subprocess", "Popen"), s(echo))))
			add("numpy _reconstruct of Popen", "", p4(call(sg("numpy.core.multiarray", "_reconstruct"), sg("subprocess", "Popen"), t(n(0)), b("b"))))
			add("numpy _frombuffer beside os.system", "", p4(t(call(sg("numpy.core.numeric", "_frombuffer"), b("\x00\x00"), s("i2")), system())))
			add("rebuild_tensor with os.system for hooks", "", p4(call(sg("torch._utils", "_rebuild_tensor_v2"), "N", n(0), t(), t(), "\x89", call(sg("os", "system"), s(echo)))))
			add("_rebuild_from_type of os.system", "", p4(call(sg("torch._tensor", "_rebuild_from_type_v2"), sg("os", "system"), sg("builtins", "str"), t(s(echo)), "}")))
			add("_rebuild_device_tensor_from_numpy", "", p4(call(sg("torch._utils", "_rebuild_wrapper_subclass"), sg("os", "system"), s(echo), "N", "N")))
			add("re._compile beside eval", "", p4(t(call(sg("re", "_compile"), s("a+"), n(0)), call(sg("builtins", "eval"), s("1+1")))))
			add("pandas _unpickle_block with eval", "", p4(call(sg("pandas._libs.internals", "_unpickle_block"), call(sg("builtins", "eval"), s("1")), n(0), n(1))))
			add("sklearn __pyx_unpickle with os.system", "", p4(call(sg("sklearn.tree._tree", "Tree"), call(sg("os", "system"), s(echo)))))
			add("scipy sparse with state of os.system", "", p4(sg("scipy.sparse._csr", "csr_matrix")+")\x81}("+s("data")+system()+"ub"))
		},
		twin: func() (string, []byte) {
			return "model.pkl", p4(t(call(sg("_codecs", "encode"), s("abc"), s("latin1")), call(sg("copyreg", "_reconstructor"), sg("sklearn.preprocessing._data", "StandardScaler"), sg("builtins", "object"), "N")))
		},
	}
}

// python2 uses names that Python 3 maps.
func python2() class {
	return class{
		name: "Python 2 names",
		cases: func(add func(string, string, []byte)) {
			for _, x := range [][2]string{{"__builtin__", "eval"}, {"__builtin__", "__import__"}, {"__builtin__", "getattr"}, {"commands", "getstatusoutput"}, {"cPickle", "loads"}, {"urllib2", "urlopen"}, {"exceptions", "os.system"}, {"SocketServer", "TCPServer"}, {"xmlrpclib", "ServerProxy"}} {
				args := []string{s(echo)}
				if x[1] == "getattr" {
					args = []string{call(g("__builtin__", "__import__"), s("os")), s("system")}
				}
				add(x[0]+"."+x[1], "", p2(call(g(x[0], x[1]), args...)))
			}
		},
		twin: func() (string, []byte) {
			return "model.pkl", p2(t(call(g("__builtin__", "set"), "](K\x01e"), call(g("copy_reg", "_reconstructor"), g("sklearn.preprocessing._data", "StandardScaler"), g("__builtin__", "object"), "N")))
		},
	}
}

// persistent ids may be anything.
func persistent() class {
	return class{
		name: "inside of persistent ids and keys",
		cases: func(add func(string, string, []byte)) {
			add("BINPERSID of os.system's result", "", p2(system()+"Q"))
			add("class of a storage", "", p2(t(s("storage"), system(), s("0"), s("cpu"), n(1))+"Q"))
			add("dict key", "", p4("}"+system()+"Ns"))
			add("frozenset item", "", p4("("+system()+"\x91"))
			add("behind PERSID", "", p0("P1\n0"+"cos\nsystem\n(S'"+echo+"'\ntR"))
		},
		twin: func() (string, []byte) { return "model.pkl", p4("}(" + s("storage") + t(s("0"), s("cpu"), n(1)) + "u") },
	}
}

// frames disagree with the opcodes in them.
func frames() class {
	body := system() + "."
	return class{
		name: "frames that lie",
		cases: func(add func(string, string, []byte)) {
			add("too short", "", []byte("\x80\x04\x95"+le64(3)+body))
			add("too long", "", []byte("\x80\x04\x95"+le64(1<<40)+body))
			add("empty frames", "", []byte("\x80\x04\x95"+le64(0)+"\x95"+le64(0)+body))
			add("frame in a frame", "", []byte("\x80\x04\x95"+le64(len(body)+9)+"\x95"+le64(len(body))+body))
			add("PROTO in the middle", "", []byte("\x80\x02N0\x80\x04"+body))
			add("PROTO 0", "", []byte("\x80\x00"+body))
			add("no PROTO with new opcodes", "", []byte(call(sg("os", "system"), s(echo))+"."))
			add("READONLY_BUFFER and NEXT_BUFFER", "", []byte("\x80\x05\x97\x980"+body))
		},
		twin: func() (string, []byte) { return "model.pkl", p4f("](" + strings.Repeat(s("framed"), 20) + "e") },
	}
}

// allowed hides the payload among much that is harmless.
func allowed() class {
	bulk := strings.Repeat(call(sg("collections", "OrderedDict"))+"0", 5000)
	return class{
		name: "a call among thousands",
		cases: func(add func(string, string, []byte)) {
			add("at the end", "", p4(bulk+system()))
			add("in the middle", "", p4(bulk+system()+"0"+bulk+"N"))
			add("under 10,000 marks", "", p4(strings.Repeat("(", 10000)+system()))
			add("after a megabyte of strings", "", p4("]("+strings.Repeat(s(strings.Repeat("w", 250)), 4000)+system()+"e"))
			add("after 100,000 memo entries", "", p4(strings.Repeat("N\x940", 100000)+system()))
			add("after deep recursion of tuples", "", p4("N"+strings.Repeat("\x85", 20000)+"0"+system()))
		},
		twin: func() (string, []byte) { return "model.pkl", p4(bulk + "N") },
	}
}

// reduceTricks calls with arguments that a scanner must follow.
func reduceTricks() class {
	return class{
		name: "computed names and arguments",
		cases: func(add func(string, string, []byte)) {
			add("name from str.join", "", p4(call(sg("builtins", "getattr"), call(sg("builtins", "__import__"), s("os")), call(sg("builtins", "str.join"), s(""), "]("+s("sys")+s("tem")+"e"))))
			add("module name decoded", "", p4(call(sg("builtins", "__import__"), call(sg("_codecs", "decode"), b("os"), s("utf-8")))))
			add("name reversed", "", p4(call(sg("builtins", "getattr"), call(sg("importlib", "import_module"), s("os")), call(sg("builtins", "str.replace"), s("sysXtem"), s("X"), s("")))))
			add("STACK_GLOBAL with a computed name", "", p4(s("os")+call(sg("_codecs", "decode"), b("system"), s("utf-8"))+"\x93"+t(s(echo))+"R"))
			add("argument from another call", "", p4(call(sg("os", "system"), call(sg("_codecs", "encode"), s(echo), s("utf-8")))))
			add("UNICODE with escapes", "", p0("cos\nsystem\n(V"+`\u0065cho merlon-test`+"\ntR"))
			add("GLOBAL with escapes in neighbours", "", p2(s(`c\nos`)+"0"+system()))
			add("eval of a lambda", "", p4(call(call(sg("builtins", "eval"), s("lambda: None")))))
		},
		twin: func() (string, []byte) {
			return "model.pkl", p4(t(call(sg("_codecs", "encode"), s("os"), s("latin1")), s("system")))
		},
	}
}
