#!/usr/bin/env python3
"""Facts about the classes of a library from its sources, for a version that cannot run here.

usage: introspect_source.py NAME VERSION WHEEL_OR_FOLDER OUT.tsv [MODULE_PREFIX | MODULE$ ...]

Writes the rows of introspect.py, and "function" rows for module-level functions and "value" rows for the dtypes,
layouts and formats that the type stubs of torch._C declare. The hooks (__new__, __setstate__ ...) are looked up through the base classes by
name; a class with a base that is not found in the sources and not known is left out.
"""
import ast
import os
import sys
import zipfile

HOOKS = ("__new__", "__setstate__", "__del__", "__getattr__", "__getattribute__", "__setattr__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__", "__setitem__", "append", "extend", "add")
KNOWN = {"object": "", "ABC": "", "Generic": "", "Protocol": "", "dict": "dict", "list": "list", "set": "set", "OrderedDict": "dict", "typing.Generic": "", "abc.ABC": "", "collections.OrderedDict": "dict", "Enum": "enum",
         "container_abcs.MutableMapping": "", "MutableMapping": "", "Sized": "", "Iterable": ""}
STUBS = {"dtype", "layout", "memory_format", "qscheme"}
SKIP = {"__main__", "tests", "testing", "test"}


class Class:
    def __init__(self, module, node, imports):
        self.module, self.name, self.imports = module, node.name, imports
        self.bases = [ast.unparse(b).split("[")[0] for b in node.bases]
        self.meta = next((ast.unparse(k.value) for k in node.keywords if k.arg == "metaclass"), "")
        self.hooks = {n.name for n in node.body if isinstance(n, ast.FunctionDef) and n.name in HOOKS}
        self.slots = any(isinstance(n, ast.Assign) and any(getattr(t, "id", "") == "__slots__" for t in n.targets) for n in node.body)
        self.setters = {n.name for n in node.body if isinstance(n, ast.FunctionDef) and any(ast.unparse(d).endswith(".setter") for d in n.decorator_list)}
        for n in node.body:  # __setstate__ = something
            if isinstance(n, ast.Assign):
                self.hooks |= {t.id for t in n.targets if isinstance(t, ast.Name) and t.id in HOOKS}


def imports_of(module, package, tree):
    """Local name -> absolute dotted name."""
    out = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = (package if node.level == 1 else package.rsplit(".", node.level - 1)[0])
                base = up + ("." + base if base else "")
            for a in node.names:
                out[a.asname or a.name] = base + "." + a.name
        elif isinstance(node, ast.Import):
            for a in node.names:
                out[a.asname or a.name.split(".")[0]] = a.name if a.asname else a.name.split(".")[0]
    return out


def sources(path, name):
    if os.path.isdir(path):
        for folder, _, files in os.walk(os.path.join(path, name)):
            for f in files:
                if f.endswith((".py", ".pyi")):
                    full = os.path.join(folder, f)
                    with open(full, encoding="utf-8") as s:
                        yield os.path.relpath(full, path), s.read()
        return
    with zipfile.ZipFile(path) as z:
        for member in z.namelist():
            if member.startswith(name + "/") and member.endswith((".py", ".pyi")):
                yield member, z.read(member).decode("utf-8", "replace")


def read(path, name):
    classes, exports, others = {}, {}, []
    for member, text in sources(path, name):
        package = member.rsplit(".", 1)[0].replace("/", ".")
        module = package[:-9] if package.endswith(".__init__") else package
        if SKIP & set(module.split(".")):
            continue
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        imports = imports_of(module, module if package.endswith(".__init__") else module.rsplit(".", 1)[0], tree)
        exports[module] = imports
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                classes[module + "." + node.name] = Class(module, node, imports)
            elif isinstance(node, ast.FunctionDef):
                others.append(("function", module, node.name))
            elif member.endswith(".pyi") and isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) in STUBS:
                others.append(("value", name, node.target.id))
    return classes, exports, others


def find(dotted, classes, exports, depth=0):
    """Follow re-exports until a class of the sources is found."""
    if dotted in classes or depth > 8:
        return classes.get(dotted)
    module, _, name = dotted.rpartition(".")
    if name in exports.get(module, {}):
        return find(exports[module][name], classes, exports, depth + 1)
    return None


def lineage(cls, classes, exports, depth=0):
    """The class and its bases, nearest first (depth first); None where a base is unknown."""
    out, base_kind = [cls], ""
    for text in cls.bases:
        head, _, rest = text.partition(".")
        dotted = cls.imports.get(head, cls.module + "." + head) + ("." + rest if rest else "")
        if text in KNOWN or dotted in KNOWN:
            base_kind = base_kind or KNOWN.get(text, KNOWN.get(dotted, ""))
            continue
        parent = find(dotted, classes, exports)
        if parent is None or depth > 12:
            return None, ""
        more, kind = lineage(parent, classes, exports, depth + 1)
        if more is None:
            return None, ""
        out, base_kind = out + more, base_kind or kind
    return out, base_kind


def main(name, version, path, out, prefixes):
    classes, exports, others = read(path, name)
    exact = {p[:-1] for p in prefixes if p.endswith("$")}

    def wanted(module):
        return not prefixes or module in exact or module.startswith(tuple(p for p in prefixes if not p.endswith("$")))
    count = 0
    with open(out, "w") as f:
        f.write("version\t%s\t%s\t\n" % (name, version))
        for dotted in sorted(classes):
            cls = classes[dotted]
            if not wanted(cls.module):
                continue
            mro, kind = lineage(cls, classes, exports)
            if mro is None:
                continue
            meta = next((c.meta for c in mro if c.meta), "")
            facts = [("meta", "builtins.type" if not meta else "abc.ABCMeta" if meta.endswith("ABCMeta") else meta)]
            for hook in HOOKS:
                owner = next((c.module + "." + c.name for c in mro if hook in c.hooks), "builtins." + kind if kind in ("dict", "list", "set") and hook in ("__new__", "__getattribute__") else "-")
                facts.append((hook.strip("_"), owner))
            facts += [("dict", 1), ("setters", ",".join(sorted(set().union(*(c.setters for c in mro)))) or "-"), ("slots", int(any(c.slots for c in mro))),
                      ("base", kind or "-"), ("exception", 0), ("enum", int(kind == "enum")), ("heap", 1)]
            f.write("\t".join(["class", cls.module, cls.name, " ".join("%s=%s" % kv for kv in facts)]) + "\n")
            count += 1
        for kind, module, function in sorted(set(others)):
            if kind == "value" or wanted(module):
                f.write("%s\t%s\t%s\t\n" % (kind, module, function))
    print("%d classes" % count)


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], tuple(sys.argv[5:]))
