package keras

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

// plain are the class names that Keras builds itself, from data.
var plain = map[string]bool{"__tensor__": true, "__numpy__": true, "__bytes__": true, "__ellipsis__": true, "__slice__": true,
	"__keras_tensor__": true, "__tuple__": true, "TensorShape": true}

// walk looks at every object of a configuration. Keys given twice are looked at
// twice: which of them counts is the reader's choice.
func (c *config) walk(v *strictjson.Value, path string) {
	switch v.Kind {
	case strictjson.Object:
		if class := v.Get("class_name"); class != nil && class.Kind == strictjson.String {
			if v.Get("config") != nil || class.Text == "__typespec__" {
				path = c.object(v, class.Text, path)
			}
		}
		c.flags(v, path)
		for i := range v.Members {
			m := &v.Members[i]
			c.walk(&m.Value, longer(path, "."+m.Key))
		}
	case strictjson.Array:
		for i := range v.Items {
			c.walk(&v.Items[i], longer(path, "["+strconv.Itoa(i)+"]"))
		}
	}
}

// longer adds to a path, as long as somebody would read it.
func longer(path, step string) string {
	if len(path)+len(step) > 200 {
		return path
	}
	return path + step
}

// flags are settings that make a loader run code; a false or true tells which.
func (c *config) flags(v *strictjson.Value, path string) {
	for _, m := range v.Members {
		unsafe := m.Key == "safe_mode" && m.Value.Kind == strictjson.Bool && m.Value.Text == "false" ||
			m.Key == "allow_pickle" && m.Value.Kind == strictjson.Bool && m.Value.Text == "true" ||
			m.Key == "weights_only" && m.Value.Kind == strictjson.Bool && m.Value.Text == "false"
		if unsafe {
			c.Report(asset.Unverified, finding.Finding{Rule: ruleUnsafe, Key: path + m.Key, Locations: c.at(m.At), Severity: finding.High, Confidence: finding.Likely,
				Message: fmt.Sprintf("%s sets %s to %s.", where(path), m.Key, m.Value.Text)})
		}
	}
}

// object judges one serialized object, and returns the path by which to name it.
func (c *config) object(v *strictjson.Value, class, path string) string {
	inner := v.Get("config")
	module, registered := v.Get("module").String(), v.Get("registered_name").String()
	if name := inner.Get("name").String(); name != "" {
		path = class + " " + strconv.Quote(verdict.Show(name))
	}
	c.classes[class]++
	switch {
	case plain[class]:
		return path
	case class == "__lambda__":
		c.lambda(inner, path, v.Offset)
		return path
	case class == "__typespec__":
		class = v.Get("spec_name").String()
		if strings.HasPrefix(module, "tensorflow.") && strings.HasSuffix(class, "Spec") {
			return path
		}
	case class == "function":
		c.reference(inner.String(), module, registered, "function", path, v.Offset)
		return path
	}
	c.reference(class, module, registered, "class", path, v.Offset)
	c.special(class, inner, path, v.Offset)
	return path
}

// reference judges the name of a class or function that the loader looks up.
func (c *config) reference(name, module, registered, kind, path string, off int) {
	full := verdict.Show(module + "." + name)
	known := names()
	bad := func(rule, trigger, format string, args ...any) {
		c.Report(asset.Malicious, finding.Finding{Rule: rule, Key: full, Locations: c.at(off),
			Message: fmt.Sprintf(format, args...) + cve.Sentence(trigger), Attrs: map[string]any{"object": full, "cve": cve.IDs(trigger)}})
	}
	switch {
	case module != "" && hostileModule(module) && !(module == "builtins" && kind == "function" && known["function"][name]):
		if module == "builtins" && kind == "function" && !builtinGadget[name] {
			break // how Keras up to 3.6 wrote down functions of the user
		}
		bad(ruleModule, "keras/module", "%s is the %s %q: loading imports and calls it.", where(path), kind, full)
		return
	case (module == "" || ofKeras(module)) && name == "enable_unsafe_deserialization":
		bad(ruleUnsafe, "keras/unsafe-flag", "%s is %q: loading calls it, and then runs any code in the model.", where(path), full)
		return
	case ofKeras(module) && kind == "function" && known["refused"][name], ofKeras(module) && known["refused"][name] && !known["class"][name]:
		bad(ruleGadget, "keras/gadget", "%s is the function %q: loading calls it with arguments from the configuration.", where(path), full)
		return
	case module == "" || module == "builtins" || ofKeras(module):
		// The loader takes a registered object first, then what Keras has by this name.
		own := registered == "" || registered == name || strings.HasPrefix(registered, "keras>") ||
			kind == "function" && !strings.Contains(registered, ">") // a plain function is registered as "function"
		if own && (known[kind][name] || known["class"][name]) {
			return
		}
	case tensorModule(module) && known["tf"][name]:
		return
	}
	if c.revived {
		return
	}
	shown := verdict.Show(name)
	if registered != "" && registered != name {
		shown = verdict.Show(registered)
	} else if module != "" {
		shown = full
	}
	c.report(asset.Unverified, ruleCustom, shown, off, "%s needs the %s %q, which is not part of Keras.", where(path), kind, shown)
}

func tensorModule(m string) bool { return m == "tensorflow" || strings.HasPrefix(m, "tensorflow.") }

// builtinGadget are the built-in functions of Python that nobody wants as a layer.
var builtinGadget = map[string]bool{"exec": true, "eval": true, "compile": true, "__import__": true, "open": true, "getattr": true,
	"setattr": true, "delattr": true, "globals": true, "locals": true, "vars": true, "breakpoint": true, "input": true, "exit": true, "quit": true,
	"help": true, "memoryview": true, "type": true}

// special judges layers that do more than compute.
func (c *config) special(class string, inner *strictjson.Value, path string, off int) {
	switch class {
	case "Lambda":
		for _, key := range []string{"function", "output_shape", "mask"} {
			c.lambdaField(inner, key, path)
		}
	case "TorchModuleWrapper":
		c.Report(asset.Malicious, finding.Finding{Rule: ruleTorch, Key: path, Locations: c.at(off),
			Message: where(path) + " unpickles a PyTorch module when it is loaded." + cve.Sentence("keras/torch-module"), Attrs: map[string]any{"cve": cve.IDs("keras/torch-module")}})
	case "FlaxLayer", "JaxLayer", "SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer":
		c.report(asset.Unverified, ruleCustom, path, off, "%s wraps code of another library.", where(path))
	case "TFSMLayer":
		c.reads(inner.Get("filepath"), "keras/tfsm-layer", path, true)
	case "StringLookup", "IntegerLookup", "TextVectorization", "IndexLookup":
		c.reads(inner.Get("vocabulary"), "keras/lookup-path", path, false)
	case "TFOpLambda", "SlicingOpLambda":
		c.tensorFunction(inner.Get("function").String(), path, off)
	case "ClassMethod":
		if of, method := inner.Get("cls_symbol").String(), inner.Get("method_name").String(); of != "tf.RaggedTensor" || strings.HasPrefix(method, "_") {
			c.report(asset.Unverified, ruleTensor, path, off, "%s calls the method %q of the class %q.", where(path), verdict.Show(method), verdict.Show(of))
		}
	case "InstanceMethod":
		if method := inner.Get("method_name").String(); strings.HasPrefix(method, "_") {
			c.report(asset.Unverified, ruleTensor, path, off, "%s calls the method %q of a value.", where(path), verdict.Show(method))
		}
	case "TensorFlowOpLayer":
		c.report(asset.Unverified, ruleTensor, path, off, "%s is a TensorFlow operation given as text: %q.", where(path), verdict.Show(inner.Get("node_def").String()))
	}
}

// reads judges a path that a layer reads from when it is built.
func (c *config) reads(v *strictjson.Value, trigger, path string, always bool) {
	if v == nil || v.Kind != strictjson.String || v.Text == "" {
		return
	}
	x := finding.Finding{Rule: ruleFile, Key: path, Locations: c.at(v.Offset), Attrs: map[string]any{"location": verdict.Show(v.Text), "cve": cve.IDs(trigger)},
		Message: fmt.Sprintf("%s reads %q when the model is loaded.%s", where(path), verdict.Show(v.Text), cve.Sentence(trigger))}
	if beside.Shape(v.Text).Leaves() {
		x.Severity = finding.Critical
		c.Report(asset.Malicious, x)
		return
	}
	if !always {
		x.Severity, x.Confidence = finding.Medium, finding.Likely
	}
	c.Report(asset.Unverified, x)
}

// tensorFunction judges the TensorFlow function that a layer is made of.
func (c *config) tensorFunction(name, path string, off int) {
	name = strings.TrimPrefix(name, "tf.")
	first, last, _ := strings.Cut(name, ".")
	if last == "" {
		first = ""
	}
	effect := first == "io" || first == "raw_ops" || first == "saved_model" || first == "train" || first == "data" || first == "compat" && strings.Contains(name, "raw_ops")
	switch {
	case names()["tf"][name]:
	case effect, name == "py_function", name == "numpy_function", name == "load_library", name == "load_op_library":
		c.report(asset.Malicious, ruleTensor, name, off, "%s calls tf.%s.", where(path), verdict.Show(name))
	default:
		c.report(asset.Unverified, ruleTensor, name, off, "%s calls tf.%s.", where(path), verdict.Show(name))
	}
}

// where begins a sentence about an object.
func where(path string) string {
	if path == "" {
		return "The model"
	}
	return verdict.Show(strings.TrimPrefix(path, "."))
}
