package evasion

// gadget is a callable that does harm when a pickle calls it.
type gadget struct {
	module, name string
	args         []string
}

// gadgets lists callables that denylists tend to forget. The list was written from
// the documentation and sources of CPython, NumPy and PyTorch.
func gadgets() map[string][]gadget {
	cmd := []string{s(echo)}
	argv := []string{"](" + s("echo") + s("merlon-test") + "e"}
	code := []string{s("print('merlon-test')")}
	file := []string{s("/tmp/merlon-test")}
	url := []string{s("http://127.0.0.1:9/merlon-test")}
	return map[string][]gadget{
		"process": {
			{"os", "system", cmd}, {"posix", "system", cmd}, {"nt", "system", cmd}, {"os", "popen", cmd},
			{"os", "execv", []string{s("/bin/echo"), argv[0]}}, {"os", "spawnl", []string{n(0), s("/bin/echo"), s("merlon-test")}},
			{"os", "posix_spawn", []string{s("/bin/echo"), argv[0], "}"}},
			{"subprocess", "Popen", argv}, {"subprocess", "run", argv}, {"subprocess", "getoutput", cmd},
			{"pty", "spawn", cmd}, {"_posixsubprocess", "fork_exec", argv}, {"asyncio", "create_subprocess_shell", cmd},
			{"multiprocessing.util", "spawnv_passfds", []string{b("/bin/echo"), argv[0], t()}},
			{"distutils.spawn", "spawn", argv}, {"commands", "getoutput", cmd}, {"popen2", "popen2", cmd},
			{"pydoc", "pipepager", []string{s("merlon-test"), s(echo)}}, {"pydoc", "tempfilepager", []string{s("merlon-test"), s(echo)}},
			{"webbrowser", "open", url}, {"webbrowser", "GenericBrowser", argv},
			{"numpy.f2py.diagnose", "run_command", cmd}, {"torch.utils.collect_env", "run", cmd},
			{"setuptools._distutils.spawn", "spawn", argv}, {"ensurepip", "_run_pip", argv},
		},
		"code": {
			{"builtins", "eval", code}, {"builtins", "exec", code}, {"__builtin__", "execfile", file}, {"builtins", "compile", []string{code[0], s("m"), s("exec")}},
			{"timeit", "timeit", code}, {"timeit", "repeat", code}, {"cProfile", "run", code}, {"profile", "run", code}, {"cProfile", "runctx", []string{code[0], "}", "}"}},
			{"pdb", "run", code}, {"pdb", "runeval", code}, {"bdb", "Bdb.run", []string{"N", code[0]}}, {"trace", "Trace.run", []string{"N", code[0]}},
			{"code", "interact", code}, {"code", "InteractiveInterpreter.runsource", []string{"N", code[0]}},
			{"runpy", "run_path", file}, {"runpy", "run_module", []string{s("merlon_test")}}, {"runpy", "_run_code", []string{code[0], "}"}},
			{"doctest", "debug_script", code}, {"types", "FunctionType", []string{"N", "}"}}, {"types", "CodeType", []string{n(0)}},
			{"numpy.testing", "runstring", []string{code[0], "}"}}, {"numpy.testing._private.utils", "runstring", []string{code[0], "}"}},
			{"numpy.f2py.crackfortran", "myeval", code}, {"torch.jit.unsupported_tensor_ops", "execWrapper", []string{code[0], "}", "}"}},
			{"torch._dynamo.guards", "GuardBuilder.get", []string{"N", code[0]}}, {"pandas", "eval", code}, {"pandas.core.computation.eval", "eval", code},
			{"sympy", "sympify", code}, {"typing", "ForwardRef._evaluate", []string{"N"}}, {"logging.config", "dictConfig", []string{"}"}},
			{"lib2to3.pgen2.grammar", "Grammar.loads", []string{"N", b("\x80\x02N.")}},
		},
		"import": {
			{"builtins", "__import__", []string{s("merlon_test")}}, {"importlib", "import_module", []string{s("merlon_test")}}, {"importlib", "__import__", []string{s("merlon_test")}},
			{"imp", "load_source", []string{s("m"), s("/tmp/merlon-test.py")}}, {"importlib._bootstrap", "_gcd_import", []string{s("merlon_test")}},
			{"pkgutil", "resolve_name", []string{s("os:system")}}, {"pydoc", "locate", []string{s("os.system")}}, {"pydoc", "safeimport", []string{s("merlon_test")}},
			{"unittest.mock", "_importer", []string{s("os.system")}}, {"zipimport", "zipimporter", file}, {"importlib.machinery", "SourceFileLoader", []string{s("m"), file[0]}},
			{"idlelib.calltip", "get_entity", code}, {"rlcompleter", "Completer.attr_matches", []string{"N", code[0]}},
			{"ctypes", "CDLL", file}, {"ctypes", "PyDLL", file}, {"_ctypes", "dlopen", []string{file[0], n(2)}}, {"ctypes.util", "find_library", []string{s("c")}},
			{"numpy.ctypeslib", "load_library", []string{file[0], s("/")}}, {"torch.ops", "load_library", file}, {"torch.hub", "load", []string{s("merlon/test"), s("m")}},
			{"torch.utils.cpp_extension", "load", []string{s("m"), file[0]}},
		},
		"file": {
			{"builtins", "open", []string{file[0], s("w")}}, {"io", "open", []string{file[0], s("w")}}, {"_io", "FileIO", []string{file[0], s("w")}}, {"codecs", "open", []string{file[0], s("w")}},
			{"os", "remove", file}, {"os", "rename", []string{file[0], s("/tmp/merlon-test2")}}, {"os", "rmdir", file}, {"os", "symlink", []string{file[0], s("/tmp/merlon-test2")}}, {"os", "chmod", []string{file[0], n(0)}},
			{"shutil", "rmtree", file}, {"shutil", "move", []string{file[0], s("/tmp/merlon-test2")}}, {"shutil", "copyfile", []string{file[0], s("/tmp/merlon-test2")}}, {"shutil", "unpack_archive", file},
			{"pathlib", "Path.write_text", []string{"N", s("x")}}, {"distutils.file_util", "write_file", []string{file[0], "]"}}, {"logging", "FileHandler", file},
			{"tarfile", "open", file}, {"zipfile", "ZipFile", []string{file[0], s("w")}}, {"shelve", "open", file}, {"numpy", "fromfile", file}, {"linecache", "getlines", file},
		},
		"network": {
			{"socket", "create_connection", []string{t(s("127.0.0.1"), n(9))}}, {"urllib.request", "urlopen", url}, {"urllib.request", "urlretrieve", url}, {"urllib", "urlopen", url},
			{"http.client", "HTTPConnection", []string{s("127.0.0.1")}}, {"ftplib", "FTP", []string{s("127.0.0.1")}}, {"smtplib", "SMTP", []string{s("127.0.0.1")}},
			{"xmlrpc.client", "ServerProxy", url}, {"requests", "get", url}, {"torch.hub", "load_state_dict_from_url", url},
		},
		"unpickle": {
			{"pickle", "loads", []string{b("\x80\x02N.")}}, {"_pickle", "loads", []string{b("\x80\x02N.")}}, {"cPickle", "loads", []string{b("N.")}}, {"pickle", "_loads", []string{b("N.")}}, {"marshal", "loads", []string{b("N")}},
			{"dill", "loads", []string{b("N.")}}, {"cloudpickle", "loads", []string{b("N.")}}, {"joblib", "load", file}, {"torch", "load", file}, {"numpy", "load", []string{file[0]}},
			{"pandas", "read_pickle", file}, {"shelve", "DbfilenameShelf", file}, {"yaml", "unsafe_load", code}, {"jsonpickle", "decode", code},
		},
	}
}
