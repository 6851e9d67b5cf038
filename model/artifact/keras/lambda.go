package keras

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/marshal"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

// dangerous are names that a function on tensors has no use for: who uses them runs
// programs or code, or reaches files, the network or the interpreter's insides.
var dangerous = map[string]bool{
	"exec": true, "eval": true, "__import__": true, "import_module": true, "importlib": true, "runpy": true, "run_path": true, "run_module": true,
	"os": true, "posix": true, "nt": true, "system": true, "popen": true, "Popen": true, "subprocess": true, "check_output": true, "check_call": true,
	"getoutput": true, "spawn": true, "spawnl": true, "spawnv": true, "execv": true, "execve": true, "execl": true, "execvp": true, "fork": true, "pty": true,
	"socket": true, "create_connection": true, "urllib": true, "urlopen": true, "urlretrieve": true, "requests": true, "http": true, "ftplib": true, "smtplib": true,
	"ctypes": true, "cffi": true, "CDLL": true, "windll": true, "dlopen": true, "load_library": true, "load_op_library": true,
	"pickle": true, "dill": true, "marshal": true, "shelve": true, "FunctionType": true, "CodeType": true, "types": true,
	"open": true, "shutil": true, "rmtree": true, "unlink": true, "pathlib": true, "tempfile": true, "write_text": true, "write_bytes": true,
	"builtins": true, "__builtins__": true, "__globals__": true, "__subclasses__": true, "__mro__": true, "__bases__": true, "__code__": true,
	"__getattribute__": true, "__loader__": true, "__spec__": true, "__reduce__": true, "globals": true, "breakpoint": true, "sys": true, "modules": true,
	"multiprocessing": true, "threading": true, "asyncio": true, "webbrowser": true, "signal": true, "py_function": true, "numpy_function": true,
	"gfile": true, "read_file": true, "write_file": true, "get_file": true, "load_model": true, "base64": true, "b64decode": true, "zlib": true,
}

// lambdaField judges one of the functions of a Lambda layer: as Keras 3 writes it, an
// object that is walked anyway, or as older ones did, a list of code, defaults and
// closure, or a name.
func (c *config) lambdaField(inner *strictjson.Value, key, path string) {
	v := inner.Get(key)
	if v.Get("class_name").String() == "__tuple__" { // as in SavedModels
		v = v.Get("items")
	}
	isLambda := inner.Get(key+"_type").String() == "lambda"
	switch {
	case v == nil:
	case v.Kind == strictjson.Array && (isLambda || key == "function"):
		code := ""
		if len(v.Items) > 0 {
			code = v.Items[0].String()
		}
		c.code(code, path, v.Offset)
	case v.Kind == strictjson.String && isLambda:
		c.code(v.Text, path, v.Offset)
	case v.Kind == strictjson.String && key == "function":
		module := inner.Get("module").String()
		c.reference(v.Text, module, "", "function", path, v.Offset)
	}
}

// lambda judges the function that Keras 3 writes as class __lambda__.
func (c *config) lambda(inner *strictjson.Value, path string, off int) {
	switch {
	case inner == nil:
	case inner.Kind == strictjson.Object:
		if code := inner.Get("code"); code != nil {
			c.code(code.String(), path, off)
			return
		}
		if v := inner.Get("value"); v != nil && v.Kind == strictjson.Array && len(v.Items) > 0 {
			c.code(v.Items[0].String(), path, off)
			return
		}
	case inner.Kind == strictjson.Array && len(inner.Items) > 0:
		c.code(inner.Items[0].String(), path, off)
		return
	}
	c.code("", path, off)
}

// maxCode is how long a marshalled function may be.
const maxCode = 4 << 20

// code judges a marshalled function in base64.
func (c *config) code(text, path string, off int) {
	triggers := []string{"keras/lambda", "keras/lambda-no-scope"}
	if c.legacyFile {
		triggers = []string{"keras/lambda", "keras/lambda-h5"}
	}
	x := finding.Finding{Rule: ruleLambda, Key: "lambda " + path, Locations: c.at(off), Attrs: map[string]any{"cve": cve.IDs(triggers...)}}
	raw, err := decode(text)
	var code *marshal.Code
	if err == nil && len(raw) > maxCode {
		err = fmt.Errorf("%d bytes of code, at most %d are read", len(raw), maxCode)
	}
	if err == nil {
		code, err = marshal.Read(raw)
	}
	if err != nil {
		x.Message = fmt.Sprintf("%s runs marshalled Python code that cannot be read (%v).%s", where(path), err, cve.Sentence(triggers...))
		c.Report(asset.Unverified, x)
		return
	}
	var used, bad []string
	for _, part := range code.All() {
		used = append(used, part.Names...)
	}
	slices.Sort(used)
	used = slices.Compact(used)
	for _, name := range used {
		for _, part := range strings.Split(name, ".") {
			if dangerous[part] {
				bad = append(bad, verdict.Show(name))
				break
			}
		}
	}
	shown := used[:min(len(used), 50)]
	for i := range shown {
		shown[i] = verdict.Show(shown[i])
	}
	x.Attrs["names"] = shown
	if len(bad) > 0 {
		x.Rule = ruleDanger
		x.Message = fmt.Sprintf("%s runs marshalled Python code that uses %s.%s", where(path), strings.Join(bad[:min(len(bad), 8)], ", "), cve.Sentence(triggers...))
		c.Report(asset.Malicious, x)
		return
	}
	x.Message = fmt.Sprintf("%s runs marshalled Python code (%d bytes) that uses %s.", where(path), code.Bytes, orNone(strings.Join(shown[:min(len(shown), 8)], ", ")))
	c.Report(asset.Unverified, x)
}

func orNone(s string) string {
	if s == "" {
		return "no names"
	}
	return s
}

// decode reads base64 as Python's codecs do: line breaks and other characters are
// passed over.
func decode(text string) ([]byte, error) {
	keep := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '+', r == '/':
			return r
		}
		return -1
	}, text)
	return base64.RawStdEncoding.DecodeString(keep)
}
