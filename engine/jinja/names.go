package jinja

import "strings"

// Names that renderers of chat templates give to templates, by what they are. Any
// other name is a flag of the caller (add_generation_prompt, enable_thinking, ...).

func sourceOf(name string) (value, bool) {
	switch name {
	case "messages", "conversation", "conversations", "history", "chat", "documents", "chat_history":
		return value{class: cMessages, path: name}, true
	case "message", "document":
		return value{class: cMessage, path: name}, true
	case "content", "prompt", "query", "question", "input", "instruction", "text", "user_input", "user_message", "user_prompt", "passage":
		return value{class: cContent, path: name}, true
	case "strftime_now", "raise_exception", "range", "dict", "namespace", "cycler", "joiner", "lipsum", "now", "tojson":
		return global(name), true
	}
	return value{}, false
}

// structural are the keys of a message or of a part of one that say what it is and
// not what it says.
func structural(key string) bool {
	switch key {
	case "role", "type", "tool_calls", "tool_call_id", "name", "from", "recipient", "channel", "id", "weight", "prefix", "citations", "function", "end_turn", "stop":
		return true
	}
	return false
}

// suspectGlobal tells names that lead to code in some environments, and that a chat
// template has no reason to call or to look into.
func suspectGlobal(name string) bool {
	switch name {
	case "lipsum", "self", "request", "config", "url_for", "get_flashed_messages", "session", "current_app",
		"os", "sys", "subprocess", "builtins", "importlib", "shutil", "socket", "pathlib", "platform",
		"eval", "exec", "open", "compile", "getattr", "setattr", "globals", "locals", "vars", "import_module":
		return true
	}
	return strings.HasPrefix(name, "__")
}

// knownFunction tells the functions that renderers of chat templates provide.
func knownFunction(name string) bool {
	switch name {
	case "range", "dict", "namespace", "cycler", "joiner", "raise_exception", "strftime_now", "now", "tojson", "caller", "loop", "super",
		"len", "str", "int", "list", "enumerate", "zip", "sorted", "min", "max", "sum", "abs", "bool", "float", "set", "tuple", "isinstance", "print", "reversed", "any", "all", "map", "filter":
		return true // the builtins are not there, but harmless where they are
	}
	return false
}

// Reach says where an attribute leads.
type Reach uint8

// Where attributes lead.
const (
	ReachNothing       Reach = iota
	ReachPrivate             // a private name
	ReachIntrospection       // what an object is: not yet out
	ReachCode                // to code: globals, subclasses, frames
)

// Attribute says where an attribute leads. The names are those of Python's data
// model and inspect module, and those that jinja2.sandbox calls unsafe.
func Attribute(name string) Reach {
	switch name {
	case "__class__", "__name__", "__doc__", "__module__", "__qualname__", "__len__", "__str__", "__repr__", "__iter__", "__contains__", "__eq__", "__hash__", "__annotations__", "__slots__":
		return ReachIntrospection
	case "func_code", "func_globals", "func_closure", "func_defaults", "func_dict", "im_class", "im_func", "im_self", "mro",
		"gi_frame", "gi_code", "gi_yieldfrom", "cr_frame", "cr_code", "cr_await", "cr_origin", "ag_frame", "ag_code", "ag_await",
		"f_globals", "f_locals", "f_builtins", "f_back", "f_code", "tb_frame", "tb_next", "co_code", "co_consts":
		return ReachCode
	}
	switch {
	case strings.HasPrefix(name, "__"), strings.HasPrefix(name, "_") && strings.Contains(name, "__"): // mangled: _Class__name
		return ReachCode
	case strings.HasPrefix(name, "_"):
		return ReachPrivate
	}
	return ReachNothing
}

// knownFilter tells the filters of Jinja, and those that renderers of chat templates
// add.
func knownFilter(name string) bool {
	switch name {
	case "abs", "attr", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "e", "escape", "filesizeformat", "first", "float", "forceescape", "format",
		"groupby", "indent", "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min", "pprint", "random", "reject", "rejectattr", "replace", "reverse",
		"round", "safe", "select", "selectattr", "slice", "sort", "string", "striptags", "sum", "title", "tojson", "trim", "truncate", "unique", "upper", "urlencode", "urlize",
		"wordcount", "wordwrap", "xmlattr", "from_json", "fromjson", "strip", "tojson_safe",
		"swapcase", "casefold", "splitlines", "str.join", "zfill", "ljust", "rjust", "translate", "expandtabs": // methods, which are folded like filters
		return true
	}
	return false
}
