"""One flow, or its safe twin, as edits of modules."""
import ast
import re

from . import package

VERBS = "load fetch apply render export resolve prepare refresh collect inspect restore publish archive describe lookup sync preview submit convert register".split()
NOUNS = "report profile dataset workspace snapshot template note preset summary asset plugin record session theme layout index backup document script ticket".split()
VALUES = "name target query label value item key expression location title text reference topic selector content entry".split()


class Conflict(Exception):
    pass


class Edit:
    """What is put into one module."""

    def __init__(self, module):
        self.module, self.imports, self.blocks, self.taken = module, [], [], set()

    def bind(self, line):
        """Import at the top; a name that the module uses otherwise is a conflict."""
        if line in self.module.bound or line in self.imports:
            return
        names = [p.strip().split(" as ")[-1].split(".")[0] for p in line.split(" import ")[-1].removeprefix("import ").split(",")]
        packages = {i.removeprefix("import ").split(".")[0] for i in [*self.imports, *self.module.bound] if i.startswith("import ") and " as " not in i}
        if line.startswith("import ") and " as " not in line and set(names) <= packages:
            self.imports.append(line)
            return
        if set(names) & (self.module.names | self.taken):
            raise Conflict(f"{names} is taken in {self.module.path}")
        self.taken |= set(names)
        self.imports.append(line)

    def result(self):
        """The lines of the file, each with whether it was put in."""
        lines = [(line, False) for line in self.module.lines]
        for at, block in sorted(self.blocks, key=lambda b: b[0], reverse=True):
            lines[at:at] = [(line, True) for line in block]
        at = self.module.import_line()
        first = min((b[0] for b in self.blocks), default=at)
        if first < at:
            raise Conflict("a block before the imports")
        lines[at:at] = [(line, True) for line in self.imports]
        return lines


class Builder:
    def __init__(self, rng, modules, used, sink, safe, source):
        self.rng, self.modules, self.used, self.source = rng, modules, used, source
        self.sink_async, self.text = sink.is_async, sink.data == "text"
        self.imports, self.sink_imports = [], [i for i in (safe[0] if safe else sink.imports).split(";") if i]
        self.code = safe[1] if safe else sink.code
        self.marker = "  #!"
        if safe:
            first, *rest = self.code.split("\n")
            self.code = "\n".join([first + self.marker, *rest])
        self.edits, self.uses, self.before, self.tops, self.elsewhere_imports = {}, {}, [], [], []
        self.names = set()
        self.v, self.x, self.xs = self.nm(), self.nm(), self.nm() + "s"
        self.r = rng.choice(["result", "outcome", "rows", "answer_data", "details"])
        self.default = '"default"' if self.text else 'b"default"'
        self.d, self.aw = ("async ", "await ") if sink.is_async else ("", "")
        self.main = None

    def fresh(self, make):
        while True:
            name = make()
            if name not in self.names and not any(name in e.module.names for e in self.edits.values()):
                self.names.add(name)
                return name

    def nm(self):
        return self.fresh(lambda: self.rng.choice(VALUES) + self.rng.choice(["", "", "_in", "_ref", "_given"]))

    def fn(self):
        return self.fresh(lambda: self.rng.choice(["", "_"]) + self.rng.choice(VERBS) + "_" + self.rng.choice(NOUNS))

    def cls(self):
        return self.fresh(lambda: self.rng.choice(NOUNS).title() + self.rng.choice(["Job", "Handler", "Task", "Request", "Service"]))

    def doc(self):
        return self.rng.choice([[], ['"""Used by the panel."""'], ["# Kept apart for tests."]])

    def sink(self, x):
        lines = self.code.replace("$V", x).replace("$R", self.r).split("\n")
        if "$R" not in self.code:
            lines.append(f'{self.r} = "ok"')
        return lines

    def pick(self, wanted=lambda m: True):
        candidates = [m for m in self.modules if m.path not in self.used and m.path not in self.edits and wanted(m)]
        if not candidates:
            raise Conflict("no module is left")
        return self.rng.choice(candidates)

    def edit(self, module):
        return self.edits.setdefault(module.path, Edit(module))

    def place(self, edit, block):
        """Between two things at the top of a module, or at its end."""
        module = edit.module
        if any("#!" in line for line in block):
            for line in self.sink_imports:
                edit.bind(line)
        ends = [n.end_lineno for n in module.tops]
        at = self.rng.choice(ends) if ends else len(module.lines)
        edit.blocks.append((at, ["", "", *block] if at < len(module.lines) or ends else ["", *block]))

    # What the routes use.
    def here(self, block, late=True):
        self.before += [*block, "", ""]

    def top_import(self, name):
        self.tops.append(name)

    def there_imports(self, line):
        self.elsewhere_imports.append(line)

    def there(self, block, uses=None):
        edit = self.edit(self.pick(lambda m: len(m.tops) > 1))
        for line in self.elsewhere_imports:
            edit.bind(line)
        self.elsewhere_imports = []
        if uses:
            edit.bind(self.uses.pop(uses))
        self.place(edit, block)
        name = next(re.match(r"(?:async def|def|class) (\w+)", line).group(1) for line in block if re.match(r"(async def|def|class) ", line))
        if name in edit.module.names:
            raise Conflict(name)
        self.uses[name] = f"from {edit.module.name} import {name}"
        return name

    def into_class(self, block):
        edit = self.edit(self.pick(lambda m: m.classes()))
        node = self.rng.choice(edit.module.classes())
        for line in self.sink_imports:
            edit.bind(line)
        pad = edit.module.indent(node)
        edit.blocks.append((node.end_lineno, ["", *[pad + line if line else line for line in block]]))
        self.uses[node.name] = f"from {edit.module.name} import {node.name}"
        return node.name

    def into_function(self):
        def fits(n):
            a = n.args
            need = len(a.args) - len(a.defaults)
            return (isinstance(n, ast.FunctionDef) and need == 1 and not a.posonlyargs and not a.vararg and a.args[0].arg not in ("self", "cls")
                    and not any(d is None for d in a.kw_defaults) and not n.decorator_list)
        edit = self.edit(self.pick(lambda m: any(fits(n) and n in m.tops for n in m.functions())))
        node = self.rng.choice([n for n in edit.module.functions(fits) if n in edit.module.tops])
        for line in self.sink_imports:
            edit.bind(line)
        pad = edit.module.indent(node)
        edit.blocks.append((package.after_docstring(node), [pad + line for line in self.sink(node.args.args[0].arg)]))
        self.uses[node.name] = f"from {edit.module.name} import {node.name}"
        return node.name

    def reexport(self, name):
        edit = self.edit(self.pick(lambda m: len(m.tops) > 1))
        public = self.fn().lstrip("_")
        edit.bind(self.uses.pop(name) + f" as {public}")
        self.uses[public] = f"from {edit.module.name} import {public}"
        return public


def convert(b, source, sink):
    """From the kind of data that comes in to the kind that the sink wants."""
    if source.data == "bytes" and sink.data == "text":
        return [f'{b.v} = {b.v}.decode("utf-8", "replace")'], []
    if source.data != "bytes" and sink.data == "bytes":
        return [f"{b.v} = base64.b64decode({b.v})"], ["import base64"]
    return [], []


GUARDS = {
    "allow": ["if $V not in ('daily', 'weekly', 'monthly'):", '    raise ValueError("unknown value")'],
    "table": ["$V = {'daily': 'daily.txt', 'weekly': 'weekly.txt'}.get($V, 'daily.txt')"],
}


def compose(rng, modules, used, sink, source, route, place, guard=None, safe=None):
    """Edits of a flow; guard or safe make it the twin. place: module, method, body, or own (a handler of the package)."""
    b = Builder(rng, modules, used, sink, safe, source)
    own = None
    if place == "own":
        finder = package.own_routes if source.kind == "web" else package.own_tools
        module = b.pick(lambda m: any(fits_async(n, source) for n, _ in finder(m)))
        own, b.v = rng.choice([(n, a) for n, a in finder(module) if fits_async(n, source)])
        own_body = own
    elif place == "body":
        wanted = lambda n: fits_async(n, source) and not re.search("overload|abstract|property|fixture", " ".join(ast.unparse(d) for d in n.decorator_list))
        module = b.pick(lambda m: any(True for _ in m.functions(wanted)))
        own_body = rng.choice(list(module.functions(wanted)))
    elif place == "method":
        module = b.pick(lambda m: m.classes())
    else:
        module = b.pick(lambda m: len(m.tops) > 1)
    main = b.main = b.edit(module)
    b.x, b.xs, b.r = b.nm(), b.nm() + "s", b.r + ("_data" if b.r in module.names else "")
    pre, extra = convert(b, source, sink)
    b.imports += extra
    if guard:
        pre += [line.replace("$V", b.v) for line in GUARDS[guard]]
    body = [*pre, *route(b)]
    late = []
    for name in sorted(b.uses):
        if name in b.tops or rng.random() < 0.6:
            main.bind(b.uses[name])
        else:
            late.append(b.uses[name])
    body = [*late, *body]
    F, P, C, K = b.fn().lstrip("_"), rng.choice(NOUNS) + "_" + rng.choice(VALUES), b.cls(), rng.choice(["name", "query", "target", "source", "item", "term"])
    fill = lambda s: (s.replace("$F", F).replace("$P", P).replace("$C", C).replace("$K", K).replace("$V", b.v).replace("$R", b.r).replace("$B", P + "_app"))
    if own or place == "body":
        for line in [i for i in (source.inline_imports if place == "body" else "").split(";") if i] + b.imports:
            main.bind(line)
        block = body if own else [*fill(source.inline).split("\n"), *body]
        pad = module.indent(own_body)
        if any("#!" in line for line in block):
            for line in b.sink_imports:
                main.bind(line)
        main.blocks.append((package.after_docstring(own_body), [pad + line if line else line for line in block]))
        if b.before:
            if any("#!" in line for line in b.before):
                for line in b.sink_imports:
                    main.bind(line)
            at = module.import_line() if not module.tops else [n.end_lineno for n in module.tops][0]
            tops = [n for n in module.tops if n.lineno > at] or [None]
            main.blocks.append((at if tops[0] is None or at < package_start(own_body) or at > own_body.end_lineno else module.tops[-1].end_lineno, ["", "", *b.before[:-2]]))
    else:
        for line in [i for i in source.imports.split(";") if i] + b.imports:
            main.bind(line)
        code = fill(source.code)
        if source.inline and (sink.is_async or "await " in "\n".join(body)):
            code = re.sub(r"^def ", "async def ", code)
        if place == "method":
            code = code.replace("(question", "(self, question", 1)
        ret = source.raw if sink.returns else source.ret
        out = []
        for line in code.split("\n"):
            pad = line[:len(line) - len(line.lstrip())]
            if "<<BODY>>" in line:
                out += [pad + text if text else text for text in body]
            elif "<<RET>>" in line:
                out += [pad + fill(ret)]
            else:
                out.append(line)
        if place == "method":
            node = rng.choice(module.classes())
            if any("#!" in line for line in out + b.before):
                for line in b.sink_imports:
                    main.bind(line)
            pad = module.indent(node)
            main.blocks.append((node.end_lineno, ["", *[pad + line if line else line for line in out]]))
            if b.before:
                first = module.tops[0]
                at = min([first.lineno, *[d.lineno for d in first.decorator_list]]) - 1
                main.blocks.append((at, [*b.before]))
        else:
            b.place(main, [*b.before, *out])
    shape = {"function": F, "module": module.path}
    return list(b.edits.values()), shape


def fits_async(node, source):
    return isinstance(node, ast.AsyncFunctionDef) == source.is_async


def package_start(node):
    return min([node.lineno, *[d.lineno for d in node.decorator_list]])
