"""Finds where a dotted name of a Python library is defined, without running the library.

A [World] holds unpacked packages. find("flask.request.args") follows modules, re-exports, star imports, tables of lazy
imports, base classes, properties, what functions return and what methods store in self. It answers with a [Place], or
None. Nothing is imported: sources (.py) and stubs (.pyi) are parsed.
"""

import ast
import collections
import itertools
import os
import re

Place = collections.namedtuple("Place", "package file line how")
# A thing is what a name can stand for: a module (node None), a class, a function or a value (an expression, with the
# module in which it is to be read).
Thing = collections.namedtuple("Thing", "kind module node owner", defaults=(None,))

DEPTH = 25


class Module:
    def __init__(self, world, name, package, path):
        self.world, self.name, self.package, self.path = world, name, package, path
        with open(path, encoding="utf-8", errors="replace") as f:
            self.text = f.read()
        try:
            tree = ast.parse(self.text)
        except (SyntaxError, ValueError):
            tree = ast.Module(body=[], type_ignores=[])
        self.names = collections.defaultdict(list)
        self.stars = []
        self.collect(tree.body)

    def base(self, level):
        parts = self.name.split(".")
        if os.path.basename(self.path).split(".")[0] != "__init__":
            level += 1
        return ".".join(parts[:len(parts) - level + 1])

    def collect(self, body):
        for n in body:
            if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.names[n.name].append(Thing("function", self, n))
            elif isinstance(n, ast.ClassDef):
                self.names[n.name].append(Thing("class", self, n))
            elif isinstance(n, ast.Assign):
                for t in n.targets:
                    for e in t.elts if isinstance(t, ast.Tuple) else [t]:
                        if isinstance(e, ast.Name):
                            self.names[e.id].append(Thing("value", self, n.value))
            elif isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name):
                self.names[n.target.id].append(Thing("value", self, n.annotation))
                if n.value is not None:
                    self.names[n.target.id].append(Thing("value", self, n.value))
            elif isinstance(n, ast.Import):
                for a in n.names:
                    self.names[a.asname or a.name.split(".")[0]].append(("import", a.name if a.asname else a.name.split(".")[0], None, n))
            elif isinstance(n, ast.ImportFrom):
                mod = (self.base(n.level) + "." + (n.module or "") if n.level else n.module).strip(".")
                for a in n.names:
                    if a.name == "*":
                        self.stars.append(mod)
                    else:
                        self.names[a.asname or a.name].append(("import", mod, a.name, n))
            for field in ("body", "orelse", "finalbody"):
                if isinstance(n, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
                    self.collect(getattr(n, field, []))
            for h in getattr(n, "handlers", []):
                self.collect(h.body)


class World:
    def __init__(self, folders):
        """folders: (package==version, path) of unpacked packages; the first that has a module wins."""
        self.tops = collections.defaultdict(list)
        self.modules, self.indexes, self.classes, self.known, self.keep = {}, {}, {}, {}, []
        for package, path in folders:
            for entry in os.listdir(path):
                top = re.sub(r"-stubs$", "", entry.split(".")[0])
                if os.path.isdir(os.path.join(path, entry)) or entry.endswith((".py", ".pyi")):
                    self.tops[top].append((package, path, entry))

    def files(self, name):
        """Every file of a module: source and stub, of every package that has one."""
        if name in self.modules:
            return self.modules[name]
        top, *rest = name.split(".")
        found = []
        for package, path, entry in self.tops.get(top, ()):
            start = os.path.join(path, entry)
            if not os.path.isdir(start):
                if not rest:
                    found.append((package, start))
                continue
            for end in (".py", ".pyi", "/__init__.py", "/__init__.pyi"):
                file = os.path.join(start, *rest) + end
                if os.path.isfile(file):
                    found.append((package, file))
        self.modules[name] = out = []  # before parsing: a module may import itself
        out.extend(Module(self, name, p, f) for p, f in found)
        return out

    def folder(self, name):
        top, *rest = name.split(".")
        return any(os.path.isdir(os.path.join(path, entry, *rest)) for _, path, entry in self.tops.get(top, ()))

    def index(self, package, path, entry):
        """Where the classes and functions of a package are, by name: for tables of lazy imports."""
        key = (package, entry)
        if key not in self.indexes:
            out = collections.defaultdict(list)
            start = os.path.join(path, entry)
            for d, _, files in os.walk(start):
                for f in sorted(files):
                    if f.endswith((".py", ".pyi")):
                        with open(os.path.join(d, f), encoding="utf-8", errors="replace") as h:
                            mod = re.sub(r"\.__init__$", "", os.path.relpath(os.path.join(d, f), path).rsplit(".", 1)[0].replace(os.sep, ".").replace("-stubs", ""))
                            for line in h:
                                if line[0] > " " and (m := re.match(r"(?:class|def|async def) +(\w+)|(\w+) *[:=]", line)):
                                    out[m[1] or m[2]].append(mod)
            self.indexes[key] = out
        return self.indexes[key]

    def member(self, module, name, depth=0, seen=frozenset()):
        """The things a name of a module can stand for."""
        return self.once(("member", module, name), self.look, module, name, depth, seen)

    def once(self, key, function, *arguments):
        """What a function gives, worked out once; nothing while that is under way: names go in circles."""
        if key not in self.known:
            self.known[key] = ()
            self.known[key] = list(itertools.islice(function(*arguments), 40))
            self.keep.append(arguments)  # ids are keys: nothing may be freed
        return self.known[key]

    def look(self, module, name, depth, seen):
        if depth > DEPTH or (module, name) in seen:
            return
        seen = seen | {(module, name)}
        lazy = []
        for m in self.files(module):
            for t in m.names.get(name, ()):
                if isinstance(t, Thing):
                    yield t
                elif t[2] is None:
                    yield Thing("module", t[1], None)
                else:
                    yield from self.member(t[1], t[2], depth + 1, seen)
            for star in m.stars:
                yield from self.member(star, name, depth + 1, seen)
            if re.search(r"__getattr__|[Ll]azy|_import_structure|globals\(\)|sys\.modules|setattr", m.text) or not m.text.strip():
                lazy.append(m)
        if self.files(module + "." + name) or self.folder(module + "." + name):
            yield Thing("module", module + "." + name, None)
        for m in lazy:
            top = m.name.split(".")[0]
            for package, path, entry in self.tops[top]:
                if package == m.package and os.path.isdir(os.path.join(path, entry)) and (re.search(r"\b%s\b" % re.escape(name), m.text) or "import_module" in m.text or "__all__" in m.text or "_LazyModule" in m.text):
                    for mod in self.index(package, path, entry).get(name, ())[:20]:
                        for f in self.files(mod):
                            for t in f.names.get(name, ()):
                                if isinstance(t, Thing):
                                    yield t._replace(owner="table of lazy imports")

    def evaluate(self, module, node, depth):
        """The things an expression or annotation of a module can be."""
        return self.once(("expression", id(node)), self._evaluate, module, node, depth) if node is not None else ()

    def _evaluate(self, module, node, depth):
        if depth > DEPTH:
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return
            self.keep.append(node)
        if isinstance(node, ast.Name):
            yield from self.member(module.name, node.id, depth + 1)
            if node.id not in module.names:
                yield from self.member("builtins", node.id, depth + 1)
        elif isinstance(node, ast.Attribute):
            for t in self.evaluate(module, node.value, depth + 1):
                yield from self.attribute(t, node.attr, depth + 1)
        elif isinstance(node, ast.Call):
            for t in self.evaluate(module, node.func, depth + 1):
                yield from self.result(t, depth + 1)
            if isinstance(node.func, ast.Name) and node.func.id in ("cast", "partial", "field", "Field", "import_module", "create_model"):
                for a in node.args:
                    yield from self.evaluate(module, a, depth + 1)
        elif isinstance(node, ast.Subscript):
            yield from self.evaluate(module, node.value, depth + 1)
            for e in node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]:
                yield from self.evaluate(module, e, depth + 1)
        elif isinstance(node, ast.BinOp):
            yield from self.evaluate(module, node.left, depth + 1)
            yield from self.evaluate(module, node.right, depth + 1)
        elif isinstance(node, ast.BoolOp):
            for v in node.values:
                yield from self.evaluate(module, v, depth + 1)
        elif isinstance(node, ast.IfExp):
            yield from self.evaluate(module, node.body, depth + 1)
            yield from self.evaluate(module, node.orelse, depth + 1)
        elif isinstance(node, ast.Await):
            yield from self.evaluate(module, node.value, depth + 1)

    def result(self, thing, depth):
        """What a call of a thing gives."""
        return self.once(("result", thing.kind, id(thing.node), id(thing.owner.node) if isinstance(thing.owner, Thing) else 0), self._result, thing, depth)

    def _result(self, thing, depth):
        if thing.kind == "class":
            yield thing
        elif thing.kind == "function":
            if isinstance(thing.owner, Thing):
                yield from ()
            f = thing.node
            if f.returns is not None:
                if isinstance(thing.owner, Thing) and ast.unparse(f.returns).strip("'\"") in ("Self", "typing.Self", "te.Self", "t.Self"):
                    yield thing.owner
                yield from self.evaluate(thing.module, f.returns, depth + 1)
            for n in ast.walk(f):
                if isinstance(n, ast.Return) and n.value is not None:
                    if isinstance(n.value, ast.Name) and n.value.id in ("self", "cls") and isinstance(thing.owner, Thing):
                        yield thing.owner
                    elif isinstance(n.value, ast.Name):
                        for a in ast.walk(f):  # a local variable
                            if isinstance(a, ast.Assign) and any(isinstance(t, ast.Name) and t.id == n.value.id for t in a.targets):
                                yield from self.evaluate(thing.module, a.value, depth + 1)
                    elif isinstance(n.value, ast.Call) and isinstance(n.value.func, ast.Name) and n.value.func.id in ("cls", "type") and isinstance(thing.owner, Thing):
                        yield thing.owner
                    elif isinstance(n.value, ast.Attribute) and isinstance(n.value.value, ast.Name) and n.value.value.id == "self" and isinstance(thing.owner, Thing):
                        yield from self.attribute(thing.owner, n.value.attr, depth + 1)
                    else:
                        yield from self.evaluate(thing.module, n.value, depth + 1)
                    for local in ast.walk(f):  # imports inside the function
                        if isinstance(local, ast.ImportFrom) and isinstance(n.value, ast.Call) and isinstance(n.value.func, ast.Name):
                            for a in local.names:
                                if (a.asname or a.name) == n.value.func.id:
                                    mod = (thing.module.base(local.level) + "." + (local.module or "") if local.level else local.module).strip(".")
                                    for t in self.member(mod, a.name, depth + 1):
                                        yield from self.result(t, depth + 1)
        elif thing.kind == "value":
            for t in self.evaluate(thing.module, thing.node, depth + 1):
                yield from self.result(t, depth + 1)

    def attribute(self, thing, name, depth=0):
        """The things an attribute of a thing, or of an instance of it, can be."""
        return self.once(("attribute", thing.kind, id(thing.node) if thing.node is not None else thing.module, name), self._attribute, thing, name, depth)

    def _attribute(self, thing, name, depth):
        if thing.kind == "module":
            yield from self.member(thing.module, name, depth + 1)
        elif thing.kind == "class":
            yield from self.of_class(thing, name, depth)
        elif thing.kind == "function":  # a property, or what a call gives
            for t in self.result(thing, depth + 1):
                yield from self.attribute(t, name, depth + 1)
        elif thing.kind == "value":
            for t in self.evaluate(thing.module, thing.node, depth + 1):
                yield from self.attribute(t, name, depth + 1)

    def of_class(self, thing, name, depth):
        """What a class has under a name, its bases included."""
        return self.once(("class", id(thing.node), name), self._of_class, thing, name, depth)

    def _of_class(self, thing, name, depth):
        c = thing.node
        table = self.classes.get(id(c))
        if table is None:
            table = self.classes[id(c)] = class_table(thing)
        for t in table.get(name, ()):
            if isinstance(t, str):  # another name of a method
                if depth < DEPTH:
                    yield from self.of_class(thing, t, depth + 1)
            else:
                yield t
        if depth > DEPTH:
            return
        for b in c.bases:
            for t in self.evaluate(thing.module, b, depth + 1):
                if t.kind == "class" and t.node is not c:
                    yield from self.of_class(t, name, depth + 1)
                elif t.kind == "value":
                    yield from self.attribute(t, name, depth + 1)

    def named(self, thing, name):
        """A class whose text, or whose bases' text, has the name: handlers that a library calls by their names, tables of events."""
        todo, seen = [thing], set()
        for _ in range(200):
            if not todo:
                break
            t = todo.pop(0)
            if t.kind == "value":
                todo += self.evaluate(t.module, t.node, 0)
            elif t.kind == "function":
                todo += self.result(t, 0)
            if t.kind != "class" or id(t.node) in seen:
                continue
            seen.add(id(t.node))
            lines = t.module.text.split("\n")
            for i in range(t.node.lineno - 1, t.node.end_lineno):
                if re.search(r"\b%s\b" % re.escape(name), lines[i]):
                    return Place(t.module.package, short(t.module.path), i + 1, "named in the class")
            for i, line in enumerate(lines):
                if re.search(r"""["']%s["']""" % re.escape(name), line, re.I):
                    return Place(t.module.package, short(t.module.path), i + 1, "named in the module")
            for b in t.node.bases:
                todo += self.evaluate(t.module, b, 0)
        return None

    def find(self, name):
        """The place where the last part of a name is defined, or None."""
        parts = re.findall(r"[\w]+|\(\)|\[\]", name)
        things = [Thing("module", parts[0], None)] if parts[0] in self.tops else []
        last = things
        for part in parts[1:]:
            nextto, seen = [], set()
            for t in things:
                if part == "()":
                    got = self.result(t, 0)
                elif part == "[]":
                    got = iter(list(self.attribute(t, "__getitem__")) + [t])
                else:
                    got = self.attribute(t, part)
                for g in got:
                    key = (g.kind, id(g.node) if g.node is not None else g.module)
                    if key not in seen:
                        seen.add(key)
                        nextto.append(g)
            if part == "()" and not nextto and parts[-1] == "()" and part is parts[-1]:
                nextto = things
            if not nextto and part is parts[-1]:
                for t in things:
                    if found := self.named(t, part):
                        return found
            things = nextto
            if not things:
                return None
            last = things
        return place(self, last[0], parts) if last else None


def class_table(thing):
    """What a class has under each name: in its body, and stored in self by its methods."""
    out = collections.defaultdict(list)
    for n in body_of(thing.node):
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)):
            out[n.name].append(Thing("function", thing.module, n, thing))
            parameters = {p.arg: p.annotation for p in n.args.args + n.args.kwonlyargs}
            for a in ast.walk(n):
                target = value = None
                if isinstance(a, ast.Assign):
                    target, value = a.targets, a.value
                elif isinstance(a, ast.AnnAssign):
                    target, value = [a.target], a.annotation
                for t in target or ():
                    if isinstance(t, ast.Attribute) and isinstance(t.value, ast.Name) and t.value.id == "self":
                        out[t.attr].append(Thing("value", thing.module, value))
                        if isinstance(value, ast.Name) and parameters.get(value.id) is not None:
                            out[t.attr].append(Thing("value", thing.module, parameters[value.id]))
        elif isinstance(n, ast.ClassDef):
            out[n.name].append(Thing("class", thing.module, n))
        elif isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name):
            out[n.target.id].append(Thing("value", thing.module, n.annotation))
        elif isinstance(n, ast.Assign):
            for t in n.targets:
                if isinstance(t, ast.Name):
                    if isinstance(n.value, ast.Name):
                        out[t.id].append(n.value.id)
                    out[t.id].append(Thing("value", thing.module, n.value))
    return out


def body_of(c):
    """The statements of a class, conditions entered."""
    todo = list(c.body)
    while todo:
        n = todo.pop(0)
        yield n
        if isinstance(n, (ast.If, ast.Try, ast.With)):
            todo.extend(n.body + getattr(n, "orelse", []))


def place(world, t, parts):
    if t.kind == "module":
        files = world.files(t.module)
        if files:
            return Place(files[0].package, short(files[0].path), 1, "module")
        return Place(world.tops[t.module.split(".")[0]][0][0], t.module.replace(".", "/"), 0, "folder")
    how = t.kind if not isinstance(t.owner, str) else t.owner
    return Place(t.module.package, short(t.module.path), getattr(t.node, "lineno", 0), how)


def short(path):
    """A path from the folder of its package on."""
    return re.sub(r"^.*/[^/]+==[^/]+/", "", path)
