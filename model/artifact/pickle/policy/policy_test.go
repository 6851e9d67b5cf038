package policy

import (
	"strings"
	"testing"
)

// The tables must parse, name only known uses, effects and shapes, and not contradict each other.
func TestTables(t *testing.T) {
	tab := tables()
	for _, err := range tab.errs {
		if err != nil {
			t.Error(err)
		}
	}
	if len(tab.allow) < 1000 || len(tab.deny) < 500 || len(tab.stars) < 200 || len(tab.py2) < 100 {
		t.Errorf("%d allowed, %d and %d denied, %d Python 2 names: a table is missing", len(tab.allow), len(tab.deny), len(tab.stars), len(tab.py2))
	}
	for _, a := range tab.allow {
		if shapes(a.shape) == nil {
			t.Errorf("%s.%s: unknown shape %q", a.Module, a.Name, a.shape)
		}
		if states(a.state) == nil {
			t.Errorf("%s.%s: unknown state shape %q", a.Module, a.Name, a.state)
		}
		if a.Uses == 0 && len(a.tags) == 0 {
			t.Errorf("%s.%s: no uses", a.Module, a.Name)
		}
	}
}

func TestLook(t *testing.T) {
	for _, tc := range []struct {
		module, name string
		want         string // "allow", "" or the effect
	}{
		{"collections", "OrderedDict", "allow"},
		{"copy_reg", "_reconstructor", "allow"},
		{"__builtin__", "set", "allow"},
		{"numpy", "ndarray", "allow"},
		{"numpy.core.multiarray", "_reconstruct", "allow"},
		{"numpy._core.multiarray", "_reconstruct", "allow"},
		{"some.package", "Thing", ""},
		{"collections", "OrderedDict.fromkeys", ""},

		{"os", "system", "process"},
		{"posix", "system", "process"},
		{"nt", "anything", "process"},
		{"os", "anything.at.all", "process"},
		{"subprocess", "Popen", "process"},
		{"scipy._lib.decorator", "FunctionMaker.create", "code"},
		{"pstats", "Stats", "file-read"},
		{"torch.utils._config_module", "ConfigModule.load_config", "unpickle"},
		{"torch._functorch.config", "load_config", "unpickle"},
		{"torch.utils.serialization", "config.load_config", "unpickle"},
		{"builtins", "eval", "code"},
		{"__builtin__", "eval", "code"},
		{"builtins", "getattr.__self__.eval", "introspect"},
		{"cPickle", "loads", "unpickle"},
		{"urllib2", "urlopen", "network"},
		{"commands", "getoutput", "process"},
		{"multiprocessing.util", "spawnv_passfds", "process"},
		{"torch.hub", "load", "code"},
		{"numpy.f2py", "compile", "process"},
		{"numpy.f2py.crackfortran", "x", "process"},
		{"numpy", "f2py.os.system", "process"},

		{"random", "_os.system", "process"},
		{"random", "_os", "process"},
		{"logging", "os.system", "process"},
		{"logging", "sys.modules", "introspect"},
		{"a.b", "c.os.system", "process"},
		{"a.b", "__builtins__.eval", "introspect"},
		{"six.moves.builtins", "eval", "code"},
		{"a.subprocess", "Popen", "process"},
		{"collections", "OrderedDict.__init__.__globals__", "introspect"},
		{"functools", "partial.__class__", "introspect"},
		{"pathlib", "PosixPath.write_text", "file-write"},
		{"pathlib", "Path().read_text", "file-write"},
		{"string", "Formatter", "introspect"},
	} {
		d := Look(tc.module, tc.name)
		got := ""
		switch {
		case d.Deny != nil:
			got = string(d.Deny.Effect)
		case d.Allow != nil:
			got = "allow"
		}
		if got != tc.want {
			t.Errorf("%s.%s is %q, want %q", tc.module, tc.name, got, tc.want)
		}
	}
}

// A name that may stand but not be called keeps its danger for the call.
func TestOnCall(t *testing.T) {
	d := Look("numpy", "memmap")
	if d.Allow == nil || d.Deny != nil || d.OnCall == nil {
		t.Errorf("numpy.memmap: %+v", d)
	}
}

// Whole families are denied: a new function in one of these modules needs no new line.
func TestFamilies(t *testing.T) {
	for _, module := range strings.Fields(`os posix nt subprocess _posixsubprocess pty runpy code.interact importlib imp pkgutil ctypes _ctypes socket _socket
		ssl asyncio multiprocessing threading _thread pickle _pickle cPickle marshal shelve dill cloudpickle shutil tempfile sys gc dis webbrowser
		http.client http.server urllib.request ftplib smtplib telnetlib xmlrpc sqlite3 bdb pdb timeit cProfile doctest unittest ensurepip venv
		idlelib turtle tkinter antigravity _osx_support _aix_support lib2to3 distutils setuptools pip IPython yaml fsspec torch.jit torch.package torch.fx
		numpy.distutils numpy.testing numpy.ctypeslib cffi numba paramiko fabric invoke docker jinja2 sh`) {
		module, name, ok := strings.Cut(module, ".interact")
		_ = name
		if ok {
			continue
		}
		if d := Look(module, "a_function_of_tomorrow"); d.Deny == nil {
			t.Errorf("%s is not denied as a whole", module)
		}
	}
}

// Classes that people pickle every day are not called malicious for living beside dangerous functions.
func TestEverydayClasses(t *testing.T) {
	for _, name := range strings.Fields(`transformers.training_args:TrainingArguments transformers.trainer_utils:IntervalStrategy xml.etree.ElementTree:Element
		http.cookiejar:Cookie requests.structures:CaseInsensitiveDict matplotlib.figure:Figure PIL.Image:Image keras.preprocessing.text:Tokenizer
		langchain.schema.document:Document bs4:BeautifulSoup pytorch_lightning.callbacks.model_checkpoint:ModelCheckpoint argparse:Namespace
		omegaconf.dictconfig:DictConfig uuid:UUID inspect:Signature traceback:FrameSummary test:Model user:User parser:Parser sqlalchemy.orm.state:InstanceState
		torch.distributed.tensor:DTensor accelerate.state:PartialState pandas.core.indexes.range:RangeIndex`) {
		module, attr, _ := strings.Cut(name, ":")
		if d := Look(module, attr); d.Deny != nil {
			t.Errorf("%s is denied: %+v", name, *d.Deny)
		}
	}
}

func TestTemplate(t *testing.T) {
	real := "\ndef _parse_args(self, a, b,  loc=0, scale=1):\n    return (a, b, ), loc, scale\n\n" +
		"def _parse_args_rvs(self, a, b,  loc=0, scale=1, size=None):\n    return self._argcheck_rvs(a, b,  loc, scale, size=size)\n\n" +
		"def _parse_args_stats(self, a, b,  loc=0, scale=1, moments='mv'):\n    return (a, b, ), loc, scale, moments\n"
	if !template().MatchString(real) {
		t.Error("the template of scipy is refused")
	}
	for _, bad := range []string{"import os", real + "import os\n", strings.Replace(real, "loc=0", "loc=eval('1')", 1), strings.Replace(real, "(a, b, ),", "(a, b, ), os.system('x'),", 1)} {
		if template().MatchString(bad) {
			t.Errorf("accepted: %q", bad)
		}
	}
}
