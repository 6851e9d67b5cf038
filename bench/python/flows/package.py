"""The modules of an unpacked package: where something can be put, and what it is called from elsewhere."""
import ast
import os
import re

LEFT_OUT = re.compile(r"(^|/)(tests?|testing|migrations|alembic|examples?|docs?|scripts|cookbook|_vendor|node_modules|.*-info|.*\.data)(/|$)|(^|/)(test_|conftest|setup\.py|__main__)|_test\.py$|_pb2")


class Module:
    def __init__(self, root, path):
        self.path = path
        with open(os.path.join(root, path), encoding="utf-8", newline="") as f:
            text = f.read()
        if "\r" in text or "\f" in text or not text.strip():
            raise ValueError("other line ends, or empty")
        self.lines = text.split("\n")
        self.tree = ast.parse(text)
        self.name = path[:-3].replace("/", ".").removesuffix(".__init__")
        self.package = self.name if path.endswith("__init__.py") else self.name.rpartition(".")[0]
        self.names = {n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name)} | {n.arg for n in ast.walk(self.tree) if isinstance(n, ast.arg)}
        self.names |= {n.name for n in ast.walk(self.tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
        self.names |= {(a.asname or a.name).split(".")[0] for n in ast.walk(self.tree) if isinstance(n, (ast.Import, ast.ImportFrom)) for a in n.names}
        self.bound = {line for n in self.tree.body if isinstance(n, (ast.Import, ast.ImportFrom)) for line in single_imports(n)}
        self.tops = [n for n in self.tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]

    def import_line(self):
        """The number of lines before which nothing may be imported: the docstring and what is imported from __future__."""
        line = 0
        for i, node in enumerate(self.tree.body):
            doc = i == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not doc and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
                break
            line = node.end_lineno
        if line == 0:
            while line < len(self.lines) and self.lines[line].startswith("#"):
                line += 1
        return line

    def classes(self):
        return [n for n in self.tops if isinstance(n, ast.ClassDef) and plain(n) and self.indent(n)]

    def functions(self, wanted=lambda n: True):
        """Functions and methods with a body worth the name, with their classes."""
        for owner in [self.tree, *[c for c in self.tops if isinstance(c, ast.ClassDef)]]:
            for n in owner.body:
                if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and len(n.body) >= 3 and self.indent(n) and wanted(n):
                    yield n

    def indent(self, node):
        """The white space before the body of a node; empty when the body is on the line of its head."""
        if node.body[0].lineno <= node.lineno:
            return ""
        return re.match(r"[ \t]*", self.lines[node.body[0].lineno - 1]).group()


def plain(cls):
    bases = " ".join(ast.unparse(b) for b in cls.bases)
    return not re.search("Enum|Protocol|TypedDict|NamedTuple|BaseModel|SQLModel|Base$", bases)


def single_imports(node):
    for alias in node.names:
        rest = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
        if isinstance(node, ast.Import):
            yield f"import {rest}"
        elif node.level == 0:
            yield f"from {node.module} import {rest}"


def after_docstring(node):
    """The number of lines of a file before which the body of a function, less its docstring, begins."""
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first.end_lineno
    start = min([first.lineno, *[d.lineno for d in getattr(first, "decorator_list", [])]])
    return start - 1


def load(root):
    modules = []
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
            if not name.endswith(".py") or LEFT_OUT.search(path) or not all(part.isidentifier() for part in path[:-3].split("/")):
                continue
            try:
                modules.append(Module(root, path))
            except (SyntaxError, ValueError):
                continue
    return modules


# Functions of the packages in which data of others arrives already.

def own_routes(module):
    """Handlers of FastAPI routes with a parameter of type str that comes from the request."""
    for n in module.functions():
        head = " ".join(ast.unparse(d) for d in n.decorator_list)
        if not re.match(r"\w*(router|app)\.(get|post|put|delete|patch)\(", head):
            continue
        path = re.search(r"\((['\"])(.*?)\1", head)
        defaults = dict(zip([a.arg for a in n.args.args][::-1], n.args.defaults[::-1]))
        for a in n.args.args:
            in_query = a.arg not in defaults or not re.search("Depends|Header", ast.unparse(defaults[a.arg]))
            if a.annotation is not None and ast.unparse(a.annotation) == "str" and in_query and path:
                yield n, a.arg


def own_tools(module):
    """_run of tools: its arguments are chosen by a model."""
    tools = [c for c in module.tops if isinstance(c, ast.ClassDef) and any(re.search("Tool$", ast.unparse(b)) for b in c.bases)]
    for n in module.functions():
        if n.name in ("_run", "_arun") and any(n in c.body for c in tools):
            for a in n.args.args[1:]:
                if a.annotation is not None and ast.unparse(a.annotation) == "str":
                    yield n, a.arg
