package matrix

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// pkl is a row's pickle.
func pkl(b string) Files { return one("model.pkl", b) }

const dangerous = "pickle-dangerous-call"

// pickles are calls of what must not be called, by every opcode that calls.
func pickles(t *table) {
	t.of("Pickles", "pickle")
	sys, dec := stackGlobal("os", "system"), stackGlobal("decimal", "Decimal")
	p0 := func(module, name, arg string) string { return "c" + module + "\n" + name + "\n(S'" + arg + "'\ntR" }
	for _, v := range []string{"0", "1", "2", "3", "4", "5"} {
		head := ""
		if v > "1" {
			head = "\x80" + string(v[0]-'0')
		}
		t.add("dangerous function called, protocol "+v+" (GLOBAL, REDUCE)", malicious, dangerous,
			pkl(head+p0("os", "system", echo)+"."), pkl(head+p0("decimal", "Decimal", "1")+"."))
	}
	t.add("dangerous function called by STACK_GLOBAL", malicious, dangerous, pkl(pickle4(call(sys, text(echo)))), pkl(pickle4(call(dec, text("1")))))
	t.add("dangerous function called by INST", malicious, dangerous, pkl("(S'"+echo+"'\nios\nsystem\n."), pkl("(S'1'\nidecimal\nDecimal\n."))
	t.add("dangerous function called by OBJ", malicious, dangerous, pkl(pickle2("("+global("os", "system")+text(echo)+"o")), pkl(pickle2("("+global("decimal", "Decimal")+text("1")+"o")))
	t.add("dangerous class made by NEWOBJ", malicious, dangerous, pkl(pickle4(global("subprocess", "Popen")+tuple(text("echo"))+"\x81")), pkl(pickle4(global("sklearn.pipeline", "Pipeline")+")\x81")))
	t.add("dangerous class made by NEWOBJ_EX", malicious, dangerous, pkl(pickle4(global("subprocess", "Popen")+tuple(text("echo"))+"}("+text("shell")+"\x88u\x92")),
		pkl(pickle4(global("scipy.stats._binomtest", "BinomTestResult")+")}\x92")))
	state := func(attr, value string) string {
		return pickle2(global("sklearn.pipeline", "Pipeline") + ")\x81}(" + text(attr) + value + "ub")
	}
	t.add("hook planted by BUILD", unverified, "pickle-unverified", pkl(state("__setstate__", global("builtins", "len"))), pkl(state("steps", "]")))
	t.add("class changed by BUILD after REDUCE", malicious, "pickle-tampering pickle-unverified",
		pkl(pickle4(stackGlobal("collections", "OrderedDict")+tuple("N", "}("+text("__init__")+stackGlobal("builtins", "print")+"u")+"b")),
		pkl(pickle4(call(stackGlobal("types", "SimpleNamespace"))+"}("+text("a")+"K\x01ub"))).known("GHSA-mhc9-48gj-9gp3")
	t.add("registry of a module changed by SETITEM", malicious, "pickle-tampering pickle-unverified",
		pkl(pickle4(stackGlobal("mod", "registry")+text("k")+text("v")+"s")), pkl(pickle4("}"+text("k")+text("v")+"s")))
	t.add("dangerous function imported, not called", malicious, "pickle-dangerous-import", pkl(pickle4("]("+sys+"e")), pkl(pickle4("]("+text("os")+text("system")+"e")))
	t.add("function that nobody lists as dangerous", unverified, "pickle-unverified", pkl(pickle4(call(stackGlobal("some.package", "Thing")))), pkl(pickle4(call(stackGlobal("collections", "OrderedDict")))))
	for _, c := range [][2]string{{"process", "numpy.f2py.diagnose run_command"}, {"code", "torch._dynamo.guards GuardBuilder.get"}, {"import", "pkgutil resolve_name"},
		{"file", "logging FileHandler"}, {"network", "smtplib SMTP"}, {"unpickle", "numpy load"}} {
		what := map[string]string{"process": "starts programs", "code": "runs code", "import": "imports modules", "file": "opens files", "network": "reaches the network", "unpickle": "unpickles"}[c[0]]
		module, name, _ := strings.Cut(c[1], " ")
		r := t.add("callable that denylists miss: "+what+" ("+module+"."+name+")", malicious, dangerous,
			pkl(pickle4(call(stackGlobal(module, name), text(echo)))), pkl(pickle4(tuple(text(module), text(name), text(echo)))))
		if c[0] == "process" {
			r.known("CVE-2025-1716, CVE-2026-22608, CVE-2026-56304, CVE-2026-56315")
		}
	}
	t.add("submodule of a denied module", malicious, dangerous, pkl(pickle4(call(stackGlobal("multiprocessing.util", "spawnv_passfds"), text("/bin/echo")))),
		pkl(pickle4(call(stackGlobal("pathlib", "PurePosixPath"), text("/bin/echo"))))).known("CVE-2025-10157")
	t.add("dotted name that walks to another module", malicious, dangerous, pkl(pickle4(call(stackGlobal("random", "_os.system"), text(echo)))), pkl(pickle4(call(stackGlobal("random", "Random"))))).
		known("GHSA-5j3x-jp52-966f")
	t.add("method of an allowed class by a dotted name", unverified, "pickle-unverified", pkl(pickle4(stackGlobal("collections", "OrderedDict.fromkeys"))), pkl(pickle4(stackGlobal("collections", "OrderedDict"))))
	getattr := func(of, name string) string { return call(stackGlobal("builtins", "getattr"), of, text(name)) }
	t.add("function reached by getattr of an imported module", malicious, dangerous+" pickle-dangerous-import pickle-unverified",
		pkl(pickle4(call(getattr(call(stackGlobal("importlib", "import_module"), text("os")), "system"), text(echo)))), pkl(pickle4(getattr(stackGlobal("builtins", "str"), "lower"))))
	t.add("partial of a dangerous function", malicious, "pickle-dangerous-import pickle-unverified", pkl(pickle4(call(stackGlobal("functools", "partial"), sys, text(echo)))),
		pkl(pickle4(call(stackGlobal("functools", "partial"), stackGlobal("builtins", "int")))))
	t.add("name that the pickle computes", malicious, "pickle-computed-name pickle-dangerous-import pickle-unverified", pkl(pickle4(getattr(text(""), "format")+text("x")+"\x93")), pkl(pickle4(text("collections")+text("OrderedDict")+"\x93")))
	t.add("name that the pickle decodes", malicious, dangerous+" pickle-unverified", pkl(pickle4(text("os")+call(stackGlobal("_codecs", "decode"), "C\x06system", text("utf-8"))+"\x93"+tuple(text(echo))+"R")),
		pkl(pickle4(text("decimal")+text("Decimal")+"\x93"+tuple(text("1"))+"R")))
	t.add("hostile arguments of a serializer's function", unverified, "pickle-unverified", pkl(pickle2(call(global("_codecs", "encode"), text("abc"), text("my_codec")))),
		pkl(pickle2(call(global("_codecs", "encode"), text("abc"), text("latin1")))))
}

// pickleTricks hide what a pickle does from those who read it in another way.
func pickleTricks(t *table) {
	t.of("Pickles", "pickle")
	names := func(module, name, arg, how string) Files {
		return pkl(pickle4(strings.NewReplacer("M", text(module), "N", text(name)).Replace(how) + tuple(text(arg)) + "R"))
	}
	for _, how := range [][2]string{{"names taken from the memo", "M\x940N\x940h\x00h\x01\x93"}, {"memo poisoned: POP before MEMOIZE", "MX\x01\x00\x00\x00x0\x940h\x00N\x93"},
		{"memo poisoned: DUP before BINPUT", "M2q\x0500h\x05N\x93"}, {"memo overwritten", "X\x04\x00\x00\x00mathq\x000Mq\x000h\x00N\x93"},
		{"decoy strings before STACK_GLOBAL", "MX\x04\x00\x00\x00json0NX\x05\x00\x00\x00dumps0\x93"}} {
		t.add(how[0], malicious, dangerous, names("os", "system", echo, how[1]), names("decimal", "Decimal", "1", how[1]))
	}
	register := call(stackGlobal("copyreg", "add_extension"), text("os"), text("system"), "K\x07") + "0\x82\x07" + tuple(text(echo)) + "R"
	t.add("extension code in place of a name (EXT1)", unverified, "pickle-extension-code", pkl(pickle2("\x82\x01")), pkl(pickle2("K\x01")))
	t.add("extension code that the pickle registers itself", malicious, dangerous, pkl(pickle4(register)), pkl(pickle4(decimal)))
	t.add("object that the loader has to provide (PERSID)", unverified, "pickle-persistent-id", pkl(pickle2(text("x")+"Q")), pkl(pickle2(text("x"))))
	t.add("second pickle behind the first", malicious, dangerous, pkl(pickle2("N")+evil), pkl(pickle2("N")))
	t.add("second pickle behind a gap of NUL bytes", malicious, dangerous+" pickle-hidden-stream", pkl(pickle2("N")+strings.Repeat("\x00", 5000)+evil), pkl(pickle2("N")+strings.Repeat("\x00", 5000)))
	t.add("pickle in the data behind the end", malicious, dangerous+" pickle-hidden-stream", pkl(pickle2("N")+"\x00\x01raw\xfe\xff"+evil+"\x00"), pkl(pickle2("N")+"\x00\x01raw\xfe\xff\x00"))
	t.add("stream broken after the call", malicious, dangerous+" pickle-broken", pkl(evil[:len(evil)-1]+"\xff\xff"), pkl(harmless)).known("nullifAI, 2025")
	t.add("no STOP after the call", malicious, dangerous+" pickle-broken", pkl(evil[:len(evil)-1]), pkl(harmless))
	t.add("cut off", failed, "pickle-broken", pkl(harmless[:20]), pkl(harmless))
	t.add("frame that Python's two readers see differently", malicious, "pickle-ambiguous pickle-unverified "+dangerous, pkl("\x80\x04\x95"+le64(3)+system+"."), pkl("\x80\x04\x95"+le64(uint64(len(decimal)+1))+decimal+"."))
	for _, how := range []struct {
		name string
		pack func(string) string
	}{
		{"bytes", func(s string) string { return "B" + le32(len(s)) + s }},
		{"a string in base64", func(s string) string { return text(base64.StdEncoding.EncodeToString([]byte(s))) }},
		{"a string in hex", func(s string) string { return text(hex.EncodeToString([]byte(s))) }},
		{"gzipped bytes", func(s string) string { s = gz(s); return "B" + le32(len(s)) + s }},
	} {
		t.add("pickle nested in "+how.name, malicious, dangerous+" pickle-nested", pkl(pickle4(how.pack(evil))), pkl(pickle4(how.pack(harmless)))).twin(ok, "pickle-nested")
	}
	t.add("bytes that torch unpickles", malicious, dangerous+" pickle-nested pickle-unverified", pkl(pickle4(call(stackGlobal("torch.storage", "_load_from_bytes"), "B"+le32(len(evil))+evil))),
		pkl(pickle4(call(stackGlobal("torch.storage", "_load_from_bytes"), "B"+le32(len(harmless))+harmless)))).twin(ok, "pickle-nested")
	marks := func(n int) Files { return pkl(pickle2(strings.Repeat("(", n) + "N")) }
	t.add("resource bomb: more marks than any object needs", failed, "pickle-resource-bomb", marks(400_000), marks(1000))
	doubled := func(n int) Files { return pkl(pickle2("}K\x01" + strings.Repeat("2\x86", n) + "K\x02s")) }
	t.add("resource bomb: key of 130 bytes that takes for ever to hash (shared tuples)", failed, "pickle-resource-bomb", doubled(60), doubled(6))
	shared := func(n int) Files {
		b := "](K\x01q\x00"
		for i := range n {
			b += "h" + string(rune(i)) + "h" + string(rune(i)) + "\x86q" + string(rune(i+1))
		}
		return pkl(pickle2("cbuiltins\nfrozenset\n" + b + "e\x85R"))
	}
	t.add("resource bomb: tuples shared through the memo", failed, "pickle-resource-bomb", shared(60), shared(6))
	t.add("resource bomb: memo index for which Python makes room", failed, "pickle-resource-bomb", pkl(pickle2("K\x01r\xff\xff\xff\x7f")), pkl(pickle2("K\x01r\xff\x00\x00\x00")))
	t.add("resource bomb: name of 5,000 letters", failed, "pickle-resource-bomb pickle-unverified", pkl(pickle2(global(strings.Repeat("m", 5000), "x"))), pkl(pickle2(text(strings.Repeat("m", 5000)))))
	t.add("resource bomb: allocation by an argument", unverified, "pickle-unverified", pkl(pickle4(call(stackGlobal("builtins", "bytearray"), "\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x10"))),
		pkl(pickle4(call(stackGlobal("builtins", "bytearray"), "C\x02ab"))))
	for _, name := range []string{"weights.txt", "pytorch_model.bin", "weights"} {
		t.add("plain pickle named "+name, malicious, dangerous, one(name, evil), one(name, harmless)).known("CVE-2025-1889, CVE-2025-10155")
	}
	t.add("protocol 0 in a text file", malicious, dangerous, one("notes.md", "cos\nsystem\n(S'"+echo+"'\ntR."), one("notes.md", "cos\n\nThe cosine of os, system\n.")).twin(noModel, "")
	t.add("item of a tensor set while it is built", unverified, "pickle-unverified", pkl(pickle4(call(stackGlobal("torch._utils", "_rebuild_tensor_v2"), "N")+"K\x01K\x02s")),
		pkl(pickle4("}K\x01K\x02s"))).known("CVE-2026-24747")
}
