package pickle

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
)

// A tiny assembler. All payloads are inert: they would print a word.
func glob(module, name string) string { return "c" + module + "\n" + name + "\n" }
func str(s string) string {
	if len(s) > 255 {
		return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
	}
	return "\x8c" + string([]byte{byte(len(s))}) + s
}
func raw(s string) string {
	return "B" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}
func sglob(module, name string) string { return str(module) + str(name) + "\x93" }
func tup(items ...string) string       { return "(" + strings.Join(items, "") + "t" }
func list(items ...string) string      { return "](" + strings.Join(items, "") + "e" }
func dict(items ...string) string      { return "}(" + strings.Join(items, "") + "u" }
func call(f string, args ...string) string {
	return f + tup(args...) + "R"
}
func p4(s string) string { return "\x80\x04" + s + "." }
func p2(s string) string { return "\x80\x02" + s + "." }
func zip(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

const echo = "echo merlon-test"

var (
	system   = glob("os", "system")
	evil     = call(system, str(echo))
	evilFile = p2(evil)
	getattr  = sglob("builtins", "getattr")
)

func judgeBytes(t *testing.T, data string, o Options) Report {
	t.Helper()
	rep, err := Judge(context.Background(), strings.NewReader(data), int64(len(data)), o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func messages(rep Report) string {
	var b strings.Builder
	for _, f := range rep.Findings {
		b.WriteString(f.Rule + ": " + f.Message + "\n")
	}
	return b.String()
}

func TestJudge(t *testing.T) {
	ndarray := func(dtype, data string) string {
		return call(glob("numpy.core.multiarray", "_reconstruct"), glob("numpy", "ndarray"), tup("K\x00"), "C\x01b") + tup("K\x01", tup("K\x01"), dtype, "\x89", data) + "b"
	}
	dtype := func(code, flags string) string {
		return call(glob("numpy", "dtype"), str(code), "\x89", "\x88") + tup("K\x03", str("|"), "N", "N", "N", "J\xff\xff\xff\xff", "J\xff\xff\xff\xff", flags) + "b"
	}
	for _, tc := range []struct {
		name string
		data string
		want asset.Verdict
		say  string // part of a message
	}{
		// Data.
		{"None", p2("N"), asset.OK, ""},
		{"list of strings", p4(list(str("os"), str("system"))), asset.OK, ""},
		{"OrderedDict", p2(call(glob("collections", "OrderedDict"))), asset.OK, ""},
		{"defaultdict", p2(call(glob("collections", "defaultdict"), glob("__builtin__", "list"))), asset.OK, ""},
		{"ndarray", p2(ndarray(dtype("f8", "K\x00"), raw("12345678"))), asset.OK, ""},
		{"object ndarray", p2(ndarray(dtype("O8", "K\x3f"), list("N"))), asset.OK, ""},
		{"bytes of protocol 2", p2(call(glob("_codecs", "encode"), str("abc"), str("latin1"))), asset.OK, ""},
		{"partial", p2(call(glob("functools", "partial"), glob("__builtin__", "int")) + tup(glob("__builtin__", "int"), ")", dict(str("base"), "K\x02"), "N") + "b"), asset.OK, ""},
		{"two pickles", p2("N") + p2("K\x01"), asset.OK, ""},
		{"nested harmless pickle", p4(raw(p2(call(glob("collections", "OrderedDict"))))), asset.OK, "a string"},

		// Calls by every opcode.
		{"REDUCE", evilFile, asset.Malicious, `calls os.system("echo merlon-test")`},
		{"protocol 0", "cos\nsystem\n(S'" + echo + "'\ntR.", asset.Malicious, `os.system("echo merlon-test")`},
		{"INST", "(S'" + echo + "'\nios\nsystem\n.", asset.Malicious, "INST"},
		{"OBJ", "(" + system + str(echo) + "o.", asset.Malicious, "os.system("},
		{"NEWOBJ", p2(system + tup(str(echo)) + "\x81"), asset.Malicious, "os.system("},
		{"NEWOBJ_EX", p4(sglob("subprocess", "Popen") + tup(str("echo")) + dict(str("shell"), "\x88") + "\x92"), asset.Malicious, `subprocess.Popen("echo", **{"shell": True})`},
		{"STACK_GLOBAL", p4(call(sglob("posix", "system"), str(echo))), asset.Malicious, `posix.system("echo`},
		{"import without call", p4(list(sglob("os", "system"))), asset.Malicious, "imports"},
		{"builtins.eval", p4(call(sglob("builtins", "eval"), str("1"))), asset.Malicious, `eval("1")`},
		{"Python 2 names", p2(call(glob("__builtin__", "eval"), str("1"))), asset.Malicious, "runs code"},
		{"Python 2 commands", p2(call(glob("commands", "getoutput"), str(echo))), asset.Malicious, "starts programs"},

		// Stack and memo tricks.
		{"memo", p4(str("os") + "\x940" + str("system") + "\x940h\x00h\x01\x93" + tup(str(echo)) + "R"), asset.Malicious, "os.system"},
		{"memo overwritten", p4(str("collections") + "q\x000" + str("os") + "q\x000" + "h\x00" + str("system") + "\x93" + tup(str(echo)) + "R"), asset.Malicious, "os.system"},
		{"POP before MEMOIZE", p4(str("os") + str("x") + "0\x940h\x00" + str("system") + "\x93" + tup(str(echo)) + "R"), asset.Malicious, "os.system"},
		{"DUP", p4(str("system") + "0" + str("os") + "2" + "q\x010" + "0" + "h\x01" + str("system") + "\x93" + tup(str(echo)) + "R"), asset.Malicious, "os.system"},
		{"POP_MARK", p4(str("os") + "(K\x01K\x021" + str("system") + "\x93" + tup(str(echo)) + "R"), asset.Malicious, "os.system"},
		{"tuple kept in the memo", p4(tup(str(echo)) + "\x940" + sglob("os", "system") + "h\x00R"), asset.Malicious, `os.system("echo`},

		// Names.
		{"dotted name", p4(call(sglob("random", "_os.system"), str(echo))), asset.Malicious, "random._os.system"},
		{"module inside a module", p4(call(sglob("logging", "os.system"), str(echo))), asset.Malicious, ""},
		{"unknown module, known tail", p4(call(sglob("some.package", "utils.os.system"), str(echo))), asset.Malicious, ""},
		{"six.moves", p4(call(sglob("six.moves.builtins", "eval"), str("1"))), asset.Malicious, ""},
		{"dunder walk", p4(call(sglob("collections", "OrderedDict.__init__.__globals__"), str("x"))), asset.Malicious, ""},
		{"subclasses", p4(call(sglob("builtins", "object.__subclasses__"))), asset.Malicious, ""},
		{"submodule of a denied module", p4(call(sglob("multiprocessing.util", "spawnv_passfds"))), asset.Malicious, ""},
		{"method of Path", p4(call(sglob("pathlib", "Path.write_text"), str("x"))), asset.Malicious, ""},
		{"unknown", p4(call(sglob("some.package", "Thing"))), asset.Unverified, "some.package.Thing (not on the allowlist"},
		{"allowed name with a dot", p4(sglob("collections", "OrderedDict.fromkeys")), asset.Unverified, ""},
		{"computed name", p4(call(getattr, str(""), str("format")) + str("x") + "\x93"), asset.Malicious, "calls compute"},
		{"computed name that folds", p4(str("os") + call(call(getattr, str(""), str("join")), list(str("sys"), str("tem"))) + "\x93" + tup(str(echo)) + "R"), asset.Malicious, "os.system"},

		// Indirection.
		{"getattr of an imported module", p4(call(call(getattr, call(sglob("importlib", "import_module"), str("os")), str("system")), str(echo))), asset.Malicious, "system"},
		{"__import__", p4(call(call(getattr, call(sglob("builtins", "__import__"), str("os")), str("system")), str(echo))), asset.Malicious, ""},
		{"attrgetter", p4(call(call(sglob("operator", "attrgetter"), str("os.system")), sglob("os", "path"))), asset.Malicious, ""},
		{"methodcaller", p4(call(call(sglob("operator", "methodcaller"), str("system"), str(echo)), call(sglob("builtins", "__import__"), str("os")))), asset.Malicious, ""},
		{"partial", p4(call(call(sglob("functools", "partial"), sglob("os", "system")), str(echo))), asset.Malicious, ""},
		{"partial of eval by state", p4(call(sglob("functools", "partial"), sglob("builtins", "int")) + tup(sglob("builtins", "eval"), ")", "}", "N") + "b"), asset.Malicious, ""},
		{"partial of an unlisted callable", p4(call(sglob("functools", "partial"), sglob("a.b", "c"))), asset.Unverified, ""},
		{"map", p4(call(sglob("builtins", "map"), sglob("os", "system"), list(str(echo)))), asset.Malicious, ""},
		{"reduce", p4(call(sglob("functools", "reduce"), getattr, list(sglob("builtins", "str"), str("x")))), asset.Malicious, ""},
		{"sys.modules", p4(call(call(getattr, call(sglob("operator", "getitem"), sglob("sys", "modules"), str("os")), str("system")), str(echo))), asset.Malicious, ""},
		{"itemgetter", p4(call(call(sglob("operator", "itemgetter"), str("eval")), sglob("builtins", "__dict__"))), asset.Malicious, ""},
		{"getattr of a class", p4(call(getattr, sglob("collections", "OrderedDict"), str("__init__"))), asset.Malicious, ""},
		{"zone as pandas 3 saves it", p4(call(call(getattr, sglob("zoneinfo", "ZoneInfo"), str("_unpickle")), str("Europe/Berlin"), "K\x01")), asset.OK, ""},
		{"zone outside of the database", p4(call(call(getattr, sglob("zoneinfo", "ZoneInfo"), str("_unpickle")), str("../../tmp/x"), "K\x01")), asset.Unverified, "../../tmp/x"},
		{"zone of a key that is made", p4(call(call(getattr, sglob("zoneinfo", "ZoneInfo"), str("_unpickle")), call(sglob("collections", "OrderedDict")), "K\x01")), asset.Unverified, ""},
		{"another method of a zone", p4(call(call(getattr, sglob("zoneinfo", "ZoneInfo"), str("from_file")), str("UTC"))), asset.Unverified, "from_file"},
		{"getattr of a harmless member", p2(call(glob("__builtin__", "getattr"), glob("__builtin__", "str"), str("lower"))), asset.OK, ""},
		{"call of an object", p4(call(call(sglob("collections", "OrderedDict")))), asset.Unverified, ""},
		{"argument hidden in a nested tuple", p4(tup(tup(sglob("os", "system")))), asset.Malicious, ""},

		// Changes of what was imported.
		{"BUILD of a class", p4(sglob("collections", "OrderedDict") + tup("N", dict(str("__init__"), sglob("builtins", "print"))) + "b"), asset.Malicious, "sets attributes"},
		{"SETITEM of a global", p4(sglob("mod", "registry") + str("k") + str("v") + "s"), asset.Malicious, "sets items"},
		{"BUILD with a special slot", p4(sglob("collections", "OrderedDict") + ")\x81" + tup("N", dict(str("__class__"), str("x"))) + "b"), asset.Unverified, ""},
		{"APPEND to an allowed object that is no list", p4(call(sglob("decimal", "Decimal"), str("1")) + "K\x01a"), asset.Unverified, ""},
		{"SETITEM of a tensor", p4(call(sglob("torch._utils", "_rebuild_tensor_v2"), "N") + "K\x01K\x02s"), asset.Unverified, ""},
		{"copyreg dispatch table", p4(call(sglob("copyreg", "pickle"), sglob("builtins", "int"), sglob("builtins", "int"))), asset.Malicious, ""},

		// Codes, ids, buffers.
		{"extension code", p2("\x82\x01"), asset.Unverified, "extension code 1"},
		{"registered extension code", p4(call(sglob("copyreg", "add_extension"), str("os"), str("system"), "K\x07") + "0\x82\x07" + tup(str(echo)) + "R"), asset.Malicious, "os.system("},
		{"persistent id", p2(str("x") + "Q"), asset.Unverified, "persistent_load"},
		{"callable persistent id", p2(str("x") + "Q" + tup(str("x")) + "R"), asset.Unverified, ""},

		// Streams.
		{"second stream", p2("N") + evilFile, asset.Malicious, ""},
		{"second stream behind NUL", p2("N") + strings.Repeat("\x00", 5000) + evilFile, asset.Malicious, "behind the end"},
		{"stream in raw data", p2("N") + "\x00\x01binary\xfe\xff" + evilFile + "\x00", asset.Malicious, "data behind"},
		{"protocol 0 in raw data", p2("N") + "\x00\x01binary\xfe\xffcos\nsystem\n(S'x'\ntR.\x00", asset.Malicious, ""},
		{"raw data", p2("N") + strings.Repeat("\x00\x01\x02\x80\x03\xfe", 1000), asset.OK, ""},
		{"broken after the call", p2(evil)[:len(evilFile)-1] + "\xff\xff", asset.Malicious, "os.system"},
		{"truncated", p2(call(glob("collections", "OrderedDict")))[:20], asset.Failed, "cannot be decoded"},
		{"no STOP", "\x80\x02K\x01", asset.Failed, ""},
		{"underflow", "\x80\x020.", asset.Failed, "stack underflow"},
		{"underflow, then a call", "\x80\x0200" + evil + ".", asset.Malicious, ""},

		// Pickles in strings.
		{"nested", p4(raw(evilFile)), asset.Malicious, "os.system"},
		{"nested twice", p4(raw(p4(raw(evilFile)))), asset.Malicious, "os.system"},
		{"nested in a str", p4(str("cos\nsystem\n(S'" + echo + "'\ntR.")), asset.Malicious, ""},
		{"base64", p4(str(base64.StdEncoding.EncodeToString([]byte(evilFile)))), asset.Malicious, ""},
		{"base64 of protocol 0", p4(str(base64.StdEncoding.EncodeToString([]byte("cos\nsystem\n(S'" + echo + "'\ntR.")))), asset.Malicious, ""},
		{"hex", p4(str(hex.EncodeToString([]byte(evilFile)))), asset.Malicious, ""},
		{"zlib", p4(raw(zip(evilFile))), asset.Malicious, ""},
		{"base64 of zlib", p4(str(base64.StdEncoding.EncodeToString([]byte(zip(evilFile))))), asset.Malicious, ""},
		{"nested and broken", p4(raw(evilFile[:len(evilFile)-1] + "\xff")), asset.Malicious, ""},
		{"pickle.loads of a harmless pickle", p4(call(sglob("pickle", "loads"), raw(p2("N")))), asset.Unverified, "unpickles"},
		{"pickle.loads of a call", p4(call(sglob("pickle", "loads"), raw(evilFile))), asset.Malicious, "os.system"},
		{"pickle.loads of something else", p4(call(sglob("pickle", "loads"), "N")), asset.Malicious, "pickle.loads"},
		{"torch bytes", p4(call(sglob("torch.storage", "_load_from_bytes"), raw(p2("N")))), asset.OK, ""},
		{"torch bytes with a call", p4(call(sglob("torch.storage", "_load_from_bytes"), raw(evilFile))), asset.Malicious, "os.system"},
		{"torch bytes that are no pickle", p4(call(sglob("torch.storage", "_load_from_bytes"), raw("\x00\x01\x02\x03"))), asset.Failed, ""},

		// Arguments of allowed names.
		{"object dtype with wrong flags", p2(ndarray(dtype("O8", "K\x00"), raw("12345678"))), asset.Unverified, "flags"},
		{"float dtype that counts references", p2(ndarray(dtype("f8", "K\x01"), raw("12345678"))), asset.Unverified, "pointers"},
		{"huge array", p2(call(glob("numpy.core.multiarray", "_reconstruct"), glob("numpy", "ndarray"), tup("J\x00\x00\x00\x7f"), "C\x01b")), asset.Unverified, "shape"},
		{"array class that is none", p2(call(glob("numpy.core.multiarray", "_reconstruct"), glob("collections", "OrderedDict"), tup("K\x00"), "C\x01b")), asset.Unverified, ""},
		{"unlisted codec", p2(call(glob("_codecs", "encode"), str("abc"), str("my_codec"))), asset.Unverified, "encoding"},
		{"bytearray bomb", p4(call(sglob("builtins", "bytearray"), "\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x10")), asset.Unverified, ""},
		{"_reconstructor of an unlisted class", p2(call(glob("copy_reg", "_reconstructor"), glob("a", "B"), glob("__builtin__", "object"), "N")), asset.Unverified, ""},
		{"memmap", p4(call(sglob("numpy", "memmap"), str("/etc/hostname"))), asset.Malicious, ""},
		{"executed template", p4(sglob("scipy.stats._continuous_distns", "norm_gen") + ")\x81" + dict(str("_parse_arg_template"), str("import os")) + "b"), asset.Unverified, "template"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rep := judgeBytes(t, tc.data, Options{})
			if rep.Verdict != tc.want {
				t.Errorf("verdict %q, want %q\n%s", rep.Verdict, tc.want, messages(rep))
			}
			if !strings.Contains(messages(rep), tc.say) {
				t.Errorf("no finding says %q:\n%s", tc.say, messages(rep))
			}
		})
	}
}

// The attributes of an object are judged by their names: however many there are, whatever comes before BUILD, and however a name is made.
func TestAttributesCannotHide(t *testing.T) {
	class := glob("sklearn.pipeline", "Pipeline") + ")\x81"
	hook := str("__setstate__") + glob("__builtin__", "len")
	var many strings.Builder
	for i := range 300 {
		many.WriteString(str("a"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+string(rune('a'+i/26))) + "N")
	}
	pad := strings.Repeat("]0", 1_500_000)
	npStr := call(glob("numpy.core.multiarray", "scalar"), call(glob("numpy", "dtype"), str("U12"), "\x89", "\x88"), raw("_\x00\x00\x00"))
	for name, tc := range map[string]struct {
		data string
		ok   bool
	}{
		"plain attribute":       {class + dict(str("a"), "N") + "b", true},
		"hook":                  {class + "}(" + hook + "ub", false},
		"hook behind 300 names": {class + "}(" + many.String() + hook + "ub", false},
		"hook long ago":         {class + "}(" + hook + "u" + pad + "b", false},
		"late padding, no hook": {class + "}(" + str("a") + "Nu" + pad + "b", true},
		"hook by the memo":      {class + "}q\x05(" + str("a") + "Nu" + pad + "h\x05(" + hook + "u0b", false},
		"computed name":         {class + "}(" + npStr + glob("__builtin__", "len") + "ub", false},
		"name from far away":    {str("__setstate__") + "q\x010" + class + "}(h\x01" + glob("__builtin__", "len") + "ub", false},
		"second BUILD":          {class + dict(str("a"), "N") + "b" + dict(str("b"), "N") + "b", false},
		"APPENDS after BUILD":   {call(glob("collections", "deque")) + dict(str("a"), "N") + "b(K\x01e", false},
	} {
		rep := judgeBytes(t, p2(tc.data), Options{})
		if (rep.Verdict == asset.OK) != tc.ok {
			t.Errorf("%s: %s, want ok = %t\n%s", name, rep.Verdict, tc.ok, messages(rep))
		}
	}
}
