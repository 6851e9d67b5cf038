package policy

import "strings"

// walks are the attributes that lead from any object to the interpreter: no data needs them.
var walks = map[string]bool{
	"__globals__": true, "__builtins__": true, "__subclasses__": true, "__class__": true, "__dict__": true, "__reduce__": true, "__reduce_ex__": true,
	"__getattribute__": true, "__getattr__": true, "__setattr__": true, "__delattr__": true, "__code__": true, "__closure__": true, "__defaults__": true,
	"__func__": true, "__self__": true, "__call__": true, "__mro__": true, "mro": true, "__base__": true, "__bases__": true, "__init__": true,
	"__init_subclass__": true, "__loader__": true, "__spec__": true, "__import__": true, "__module__": true, "__wrapped__": true, "__objclass__": true,
	"__get__": true, "__set__": true, "__getstate__": true, "__setstate__": true, "__del__": true, "__dir__": true, "__weakref__": true, "__path__": true,
	"__file__": true, "__traceback__": true, "__context__": true, "__cause__": true, "__kwdefaults__": true, "__annotations__": true, "__qualname__": true,
	"__origin__": true, "__prepare__": true, "__instancecheck__": true, "__subclasscheck__": true, "__subclasshook__": true, "__package__": true,
	"gi_frame": true, "gi_code": true, "cr_frame": true, "cr_code": true, "ag_frame": true, "ag_code": true, "f_globals": true, "f_locals": true, "f_builtins": true,
	"f_back": true, "f_code": true, "tb_frame": true, "co_code": true, "func_globals": true, "func_code": true, "im_func": true, "im_self": true, "im_class": true,
}

// wellKnown are the modules that hide in others under their own name: x.y.os is os, whatever x.y is.
var wellKnown = map[string]bool{
	"os": true, "posix": true, "nt": true, "sys": true, "subprocess": true, "builtins": true, "__builtin__": true, "__builtins__": true, "importlib": true,
	"imp": true, "ctypes": true, "socket": true, "shutil": true, "pty": true, "runpy": true, "pickle": true, "cPickle": true, "_pickle": true, "cloudpickle": true,
	"dill": true, "marshal": true, "multiprocessing": true, "threading": true, "webbrowser": true, "popen2": true, "commands": true, "tempfile": true,
	"pkgutil": true, "gc": true, "codeop": true, "asyncio": true, "sysconfig": true, "urllib2": true, "httplib": true, "ftplib": true, "smtplib": true,
	"telnetlib": true, "tarfile": true, "zipfile": true, "pdb": true, "timeit": true, "cffi": true, "platform": true,
}

// denyExact finds an exact line, or that of a prefix of the dotted name: what is reached through a dangerous object is dangerous.
func (t *table) denyExact(module, name string) *Deny {
	for end := len(name); end > 0; end = strings.LastIndexByte(name[:end], '.') {
		if d := t.deny[key(module, name[:end])]; d != nil {
			return d
		}
		if end < len(name) {
			if d := t.deny[key(module, name[:end]+".*")]; d != nil {
				return d
			}
		}
	}
	return nil
}

// star finds the * line of the module or of a package around it.
func (t *table) star(module string) *Deny {
	for end := len(module); end > 0; end = strings.LastIndexByte(module[:end], '.') {
		if d := t.stars[module[:end]]; d != nil {
			return d
		}
	}
	return nil
}

// known reports whether the tables have names of exactly this module.
func (t *table) known(module string) bool { return t.modules[module] }

// follow resolves module.name step by step and gives the first dangerous thing on the way.
func (t *table) follow(module, name string) *Deny {
	if d := t.moduleStep(module, name); d != nil {
		return d
	}
	cur, qual := module, ""
	parts := strings.Split(name, ".")
	for i, part := range parts {
		part = strings.TrimSuffix(part, "()")
		if walks[part] {
			return &Deny{Module: module, Name: name, Effect: Introspect, Note: "walks through " + part}
		}
		if qual == "" {
			if next, ok := t.step(cur, part, i+1 < len(parts)); ok {
				cur, qual = next.module, next.name
				if d := t.reached(cur, qual); d != nil {
					return d
				}
				continue
			}
			qual = part
		} else if wellKnown[part] {
			cur, qual = part, ""
		} else {
			qual += "." + part
		}
		if d := t.reached(cur, qual); d != nil {
			return d
		}
	}
	return nil
}

// moduleStep judges the module itself: six.moves.builtins is builtins, and importing a/b.c runs a file.
func (t *table) moduleStep(module, name string) *Deny {
	last := module[strings.LastIndexByte(module, '.')+1:]
	if last != module && wellKnown[last] && !t.known(module) {
		if d := t.reached(last, name); d != nil {
			return d
		}
	}
	return nil
}

// step gives what attribute part of a module is, if it is another module or another module's object. more: further components follow.
func (t *table) step(module, part string, more bool) (target, bool) {
	if to, ok := t.alias[key(module, part)]; ok {
		return to, true
	}
	if sub := module + "." + part; t.known(sub) && t.allow[key(module, part)] == nil {
		return target{module: sub}, true
	}
	bare := strings.Trim(part, "_")
	if wellKnown[part] || wellKnown[bare] && bare != part {
		if wellKnown[bare] {
			part = bare
		}
		return target{module: part}, true
	}
	if more && part != "" && t.stars[part] != nil && !strings.Contains(part, ".") {
		return target{module: part}, true
	}
	return target{}, false
}

// reached judges the object qual of a module, or the module itself if qual is empty.
func (t *table) reached(module, qual string) *Deny {
	if module == "__builtins__" {
		module = "builtins"
	}
	if qual == "" {
		if d := t.star(module); d != nil {
			return d
		}
		if module == "builtins" || module == "__builtin__" || module == "importlib" {
			return &Deny{Module: module, Effect: Introspect, Note: "a module object"}
		}
		return nil
	}
	if d := t.denyExact(module, qual); d != nil {
		return d
	}
	if t.allow[key(module, qual)] != nil {
		return nil
	}
	return t.star(module)
}
