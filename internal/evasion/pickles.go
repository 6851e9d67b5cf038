package evasion

import (
	"slices"
	"strings"
)

// pickles are the classes of a single stream.
func pickles() []class {
	out := denylist()
	return append(out, opcodes(), submodules(), aliases(), indirection(), memo(), extensions(), build(), stacked(), padded(), broken(),
		textual(), extension(), nested(), wrappers(), python2(), persistent(), frames(), allowed(), reduceTricks())
}

// denylist has one class for each kind of harm, over callables that lists forget.
func denylist() []class {
	var out []class
	all := gadgets()
	var kinds []string
	for k := range all {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		out = append(out, class{
			name: "absent from denylists: " + kind,
			cases: func(add func(string, string, []byte)) {
				for i, x := range all[kind] {
					f := g(x.module, x.name)
					if i%2 == 1 || strings.Contains(x.name, ".") {
						f = sg(x.module, x.name)
					}
					add(x.module+"."+x.name, "", p4(call(f, x.args...)))
				}
			},
			twin: func() (string, []byte) {
				return "model.pkl", p4(t(call(sg("collections", "OrderedDict")), call(sg("datetime", "timedelta"), n(1)), s("os.system"), s(echo)))
			},
		})
	}
	return out
}

// opcodes calls os.system by every opcode that calls.
func opcodes() class {
	return class{
		name: "every opcode that calls",
		cases: func(add func(string, string, []byte)) {
			add("GLOBAL REDUCE", "", evil())
			add("STACK_GLOBAL REDUCE", "", p4(call(sg("os", "system"), s(echo))))
			add("INST", "", p0("("+s0(echo)+"ios\nsystem\n"))
			add("OBJ", "", p2("("+g("os", "system")+s(echo)+"o"))
			add("NEWOBJ", "", p4(g("subprocess", "Popen")+"("+s(echo)+"t\x81"))
			add("NEWOBJ_EX", "", p4(g("subprocess", "Popen")+"("+s(echo)+"t}("+s("shell")+"\x88u\x92"))
			add("TUPLE1 REDUCE", "", p4(g("os", "system")+s(echo)+"\x85R"))
			add("LIST TUPLE", "", p2(g("os", "system")+"(lp0\n"+"g0\n0("+s(echo)+"tR"))
			add("NEWFALSE under the callable", "", p4("\x89"+call(g("os", "system"), s(echo))))
			add("DICT value", "", p2("(dp0\n"+s("k")+system()+"s"))
			add("protocol 5", "", []byte("\x80\x05\x95"+le64(len(system())+1)+system()+"."))
			add("LONG_BINPUT everywhere", "", p2(g("os", "system")+"r\x00\x01\x00\x00"+"("+s(echo)+"tr\x01\x01\x00\x00R"))
			add("BINUNICODE8", "", p4(call(g("os", "system"), "\x8d"+le64(len(echo))+echo)))
			add("string of protocol 0", "", p0("cos\nsystem\n(S'"+echo+"'\ntR"))
			add("BINSTRING", "", p2(call(g("os", "system"), "T"+le32(len(echo))+echo)))
		},
		twin: func() (string, []byte) {
			return "model.pkl", p4(t(call(sg("collections", "OrderedDict")), g("datetime", "date")+b("\x07\xe8\x01\x01")+"\x85R", "](K\x01K\x02e", "}("+s("k")+"\x88u"))
		},
	}
}

// submodules reaches a denied module through its parts.
func submodules() class {
	return class{
		name: "submodule of a denied module",
		cases: func(add func(string, string, []byte)) {
			for _, x := range [][2]string{{"asyncio.subprocess", "create_subprocess_shell"}, {"asyncio.unix_events", "_UnixSelectorEventLoop"}, {"multiprocessing.popen_spawn_posix", "Popen"},
				{"ctypes.macholib.dyld", "dyld_find"}, {"importlib.util", "spec_from_file_location"}, {"http.server", "HTTPServer"}, {"urllib.request", "URLopener"}, {"xmlrpc.server", "SimpleXMLRPCServer"}, {"concurrent.futures.process", "ProcessPoolExecutor"}} {
				add(x[0]+"."+x[1], "", p4(call(sg(x[0], x[1]), s(echo))))
			}
		},
		twin: func() (string, []byte) {
			return "model.pkl", p4(call(sg("collections", "deque"), "](K\x01e", n(4)))
		},
	}
}

// aliases names os.system as an attribute of a module that merely imports os.
func aliases() class {
	return class{
		name: "dotted names and module aliases",
		cases: func(add func(string, string, []byte)) {
			for _, x := range [][2]string{
				{"shutil", "os.system"}, {"pathlib", "os.system"}, {"tempfile", "_os.system"}, {"random", "_os.system"}, {"logging", "os.system"}, {"glob", "os.system"},
				{"logging", "sys.modules"}, {"inspect", "builtins.eval"}, {"collections", "_sys.modules"}, {"os", "path.os.system"}, {"zipfile", "shutil.os.system"},
				{"platform", "os.popen"}, {"argparse", "_os.system"}, {"subprocess", "os.system"}, {"base64", "binascii.__loader__.load_module"}, {"builtins", "object.__subclasses__"},
				{"builtins", "str.__class__.__subclasses__"}, {"collections", "OrderedDict.__init__.__globals__"}, {"numpy", "os.system"}, {"torch", "os.system"}, {"torch.serialization", "os.system"},
			} {
				add(x[0]+" "+x[1], "", p4(call(sg(x[0], x[1]), s(echo))))
			}
			add("os.path", "", p4(call(sg("os.path", "os.system"), s(echo))))
			add("posixpath by GLOBAL", "", []byte("\x80\x04cposixpath\nos.system\n"+t(s(echo))+"R."))
		},
		twin: func() (string, []byte) {
			return "model.pkl", p4(call(sg("collections", "Counter"), "}("+s("os.system")+n(2)+"u"))
		},
	}
}

// indirection calls what another call returns.
func indirection() class {
	mod := func(name string) string { return call(sg("importlib", "import_module"), s(name)) }
	get := func(obj, name string) string { return call(sg("builtins", "getattr"), obj, s(name)) }
	return class{
		name: "getattr, partial, import_module",
		cases: func(add func(string, string, []byte)) {
			add("getattr of import_module", "", p4(call(get(mod("os"), "system"), s(echo))))
			add("getattr of __import__", "", p4(call(get(call(sg("builtins", "__import__"), s("os")), "system"), s(echo))))
			add("getattr of a class", "", p4(call(get(sg("pathlib", "Path"), "write_text"), s("x"))))
			add("attrgetter", "", p4(call(call(sg("operator", "attrgetter"), s("system")), mod("os"))))
			add("attrgetter with a dot", "", p4(call(call(call(sg("operator", "attrgetter"), s("os.system")), mod("shutil")), s(echo))))
			add("methodcaller", "", p4(call(call(sg("operator", "methodcaller"), s("system"), s(echo)), mod("os"))))
			add("partial", "", p4(call(call(sg("functools", "partial"), sg("os", "system"), s(echo)))))
			add("partial in data", "", p4(t(call(sg("functools", "partial"), sg("os", "system"), s(echo)))))
			add("map in list", "", p4(call(sg("builtins", "list"), call(sg("builtins", "map"), sg("os", "system"), "]"+s(echo)+"a"))))
			add("map in set", "", p4(call(sg("builtins", "set"), call(sg("builtins", "map"), sg("builtins", "eval"), "]"+s("1")+"a"))))
			add("functools.reduce", "", p4(call(sg("functools", "reduce"), sg("os", "execv"), "]("+s("/bin/echo")+t(s("merlon-test"))+"e")))
			add("itertools.starmap", "", p4(call(sg("builtins", "list"), call(sg("itertools", "starmap"), sg("os", "system"), "]"+t(s(echo))+"a"))))
			add("operator.call", "", p4(call(sg("operator", "call"), sg("os", "system"), s(echo))))
			add("getattr by itemgetter of sys.modules", "", p4(call(get(call(call(sg("operator", "itemgetter"), s("os")), sg("sys", "modules")), "system"), s(echo))))
			add("apply of Python 2", "", p2(call(g("__builtin__", "apply"), g("os", "system"), t(s(echo)))))
			add("object.__reduce_ex__", "", p4(call(sg("builtins", "object.__getattribute__"), mod("os"), s("system"))))
			add("Thread", "", p4(call(get(sg("threading", "Thread"), "run"), call(sg("threading", "Thread"), "N", sg("os", "system")))))
			add("atexit", "", p4(call(sg("atexit", "register"), sg("os", "system"), s(echo))))
			add("defaultdict of os.system", "", p4(call(sg("collections", "defaultdict"), sg("os", "system"))))
			add("weakref.finalize", "", p4(call(sg("weakref", "finalize"), sg("builtins", "set"), sg("os", "system"), s(echo))))
		},
		twin: func() (string, []byte) {
			return "model.pkl", p4(t(call(sg("collections", "defaultdict"), sg("builtins", "list")), s("getattr"), s("import_module")))
		},
	}
}

// memo moves the names of the callable through the memo and the stack.
func memo() class {
	return class{
		name: "memo and stack tricks",
		cases: func(add func(string, string, []byte)) {
			tail := t(s(echo)) + "R"
			add("names from the memo", "", p4(s("os")+"\x940"+s("system")+"\x940"+"h\x00h\x01\x93"+tail))
			add("POP before MEMOIZE", "", p4(s("math")+s("os")+"\x94"+"00"+"h\x00"+s("system")+"\x93"+tail))
			add("DUP before BINPUT", "", p4(s("os")+"2q\x0500h\x05"+s("system")+"\x93"+tail))
			add("PUT overwritten", "", p4(s("math")+"q\x000"+s("os")+"q\x000"+"h\x00"+s("system")+"\x93"+tail))
			add("MEMOIZE after PUT of the same index", "", p4(s("math")+"q\x000"+s("os")+"q\x070"+s("system")+"\x940"+"h\x07h\x02\x93"+tail))
			add("callable from the memo", "", p2(g("os", "system")+"q\x010"+s("decoy")+"0h\x01"+tail))
			add("callable in a tuple, taken by POP_MARK", "", p2("("+s("decoy")+"1"+g("os", "system")+tail))
			add("PUT of text protocol, BINGET", "", p2(g("os", "system")+"p65\n0h\x41"+tail))
			add("huge memo index", "", p2(g("os", "system")+"r\xff\xff\xff\x7f0j\xff\xff\xff\x7f"+tail))
			add("negative text index", "", p2(g("os", "system")+"p00000000012\n0g12\n"+tail))
			add("decoy strings between", "", p4(s("os")+s("json")+"0"+s("system")+s("dumps")+"0\x93"+tail))
			add("MARK under the names", "", p4("("+s("os")+s("system")+"\x93"+s(echo)+"\x85R"+"t"))
			add("names swapped through a tuple", "", p4(s("system")+"\x94"+s("os")+"\x94"+"00h\x01h\x00\x93"+tail))
		},
		twin: func() (string, []byte) {
			return "model.pkl", p4(s("collections") + "\x940" + s("OrderedDict") + "\x940" + "h\x00h\x01\x93)R")
		},
	}
}

// extensions uses the registry of copyreg.
func extensions() class {
	return class{
		name: "extension codes",
		cases: func(add func(string, string, []byte)) {
			for _, x := range []struct{ name, op string }{{"EXT1", "\x82\xf0"}, {"EXT2", "\x83\xf0\x00"}, {"EXT4", "\x84\xf0\x00\x00\x00"}} {
				add(x.name+" registered in the stream", "", p4(call(sg("copyreg", "add_extension"), s("os"), s("system"), n(0xf0))+"0"+call(x.op, s(echo))))
			}
			add("copy_reg of Python 2", "", p2(call(g("copy_reg", "add_extension"), s("os"), s("system"), n(0xf0))+"0"+call("\x82\xf0", s(echo))))
			add("add_extension left unused", "", p4(call(sg("copyreg", "add_extension"), s("os"), s("system"), n(0xf0))))
			add("copyreg.pickle", "", p4(call(sg("copyreg", "pickle"), sg("builtins", "int"), sg("os", "system"))))
		},
		twin: func() (string, []byte) {
			return "model.pkl", p4(call(sg("copyreg", "_reconstructor"), sg("sklearn.preprocessing._data", "StandardScaler"), sg("builtins", "object"), "N"))
		},
	}
}

// build sets attributes and state.
func build() class {
	return class{
		name: "BUILD after REDUCE",
		cases: func(add func(string, string, []byte)) {
			add("state of the module", "", p4(call(sg("importlib", "import_module"), s("os"))+"}("+s("system")+sg("builtins", "eval")+"ub"))
			add("__setstate__ replaced", "", p4(call(sg("types", "SimpleNamespace"))+"}("+s("__setstate__")+sg("os", "system")+"ub"+s(echo)+"b"))
			add("after os.system", "", p4(system()+"}b"))
			add("class attribute by slot state", "", p4(sg("collections", "OrderedDict")+"N}("+s("__init__")+sg("os", "system")+"u\x86b"))
			add("callable taken from state", "", p4(call(sg("functools", "partial"), sg("builtins", "print"))+t(sg("os", "system"), t(s(echo)), "}", "N")+"b"))
			add("BUILD with a tuple that holds os.system", "", p4(call(sg("builtins", "set"))+t(sg("os", "system"), "}")+"b"+call(sg("os", "popen"), s(echo))))
		},
		twin: func() (string, []byte) {
			return "model.pkl", p4(call(sg("collections", "OrderedDict")) + "}(" + s("note") + s("harmless") + "ub")
		},
	}
}

// stacked hides the payload behind a harmless stream.
func stacked() class {
	return class{
		name: "stacked streams",
		cases: func(add func(string, string, []byte)) {
			add("two", "", slices.Concat(good(), evil()))
			add("ten", "", slices.Concat(slices.Repeat(good(), 10), evil()))
			add("harmless one behind", "", slices.Concat(good(), evil(), good()))
			add("protocol 0 behind protocol 4", "", slices.Concat(p4("N"), p0("cos\nsystem\n(S'"+echo+"'\ntR")))
			add("framed", "", slices.Concat(p4f("N"), p4f(system())))
			add("after a large literal", "", slices.Concat(p4(b(strings.Repeat("x", 70000))), evil()))
		},
		twin: func() (string, []byte) { return "model.pkl", slices.Concat(good(), good(), p4f("N")) },
	}
}

// padded puts bytes that are no opcodes between streams.
func padded() class {
	return class{
		name: "padding between streams",
		cases: func(add func(string, string, []byte)) {
			for _, x := range []struct{ name, pad string }{{"NUL", "\x00"}, {"NULs", strings.Repeat("\x00", 512)}, {"page of NULs", strings.Repeat("\x00", 4096)}, {"line breaks", "\n\n\n"}, {"spaces", "   "}, {"garbage", "\xff\xfe\xfd\xfc"}, {"text", "end of model\n"}, {"a megabyte of NULs", strings.Repeat("\x00", 1<<20)}} {
				add(x.name, "", slices.Concat(good(), []byte(x.pad), evil()))
			}
		},
		twin: func() (string, []byte) { return "model.pkl", slices.Concat(good(), make([]byte, 512), good()) },
	}
}
