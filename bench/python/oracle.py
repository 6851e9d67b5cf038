#!/usr/bin/env python3
"""Print CPython's syntax trees in the form that engine/python/astdump prints ours.

usage: oracle.py [--full] [--ranges N,M] < list-of-files

For each file one line: the SHA-256 of its dump, or "error" and CPython's message, then a tab and the path. --full prints
the dumps themselves. A dump has one line per node, field and list, in the order of CPython's fields, and every
attribute that ast keeps: kinds, names, operators, contexts, constants, lineno, col_offset, end_lineno, end_col_offset.
Needs CPython 3.12 or newer: positions inside f-strings were wrong before.
"""
import ast
import hashlib
import struct
import sys
import threading
import warnings

FIELDS = {
    "Module": "body", "FunctionDef": "name args body decorator_list returns type_params",
    "AsyncFunctionDef": "name args body decorator_list returns type_params",
    "ClassDef": "name bases keywords body decorator_list type_params", "Return": "value", "Delete": "targets",
    "Assign": "targets value", "TypeAlias": "name type_params value", "AugAssign": "target op value",
    "AnnAssign": "target annotation value simple", "For": "target iter body orelse", "AsyncFor": "target iter body orelse",
    "While": "test body orelse", "If": "test body orelse", "With": "items body", "AsyncWith": "items body",
    "Match": "subject cases", "Raise": "exc cause", "Try": "body handlers orelse finalbody",
    "TryStar": "body handlers orelse finalbody", "Assert": "test msg", "Import": "names", "ImportFrom": "module names level",
    "Global": "names", "Nonlocal": "names", "Expr": "value", "Pass": "", "Break": "", "Continue": "",
    "BoolOp": "op values", "NamedExpr": "target value", "BinOp": "left op right", "UnaryOp": "op operand",
    "Lambda": "args body", "IfExp": "test body orelse", "Dict": "keys values", "Set": "elts",
    "ListComp": "elt generators", "SetComp": "elt generators", "DictComp": "key value generators",
    "GeneratorExp": "elt generators", "Await": "value", "Yield": "value", "YieldFrom": "value",
    "Compare": "left ops comparators", "Call": "func args keywords", "FormattedValue": "value conversion format_spec",
    "Interpolation": "value str conversion format_spec", "JoinedStr": "values", "TemplateStr": "values",
    "Constant": "value kind", "Attribute": "value attr ctx", "Subscript": "value slice ctx", "Starred": "value ctx",
    "Name": "id ctx", "List": "elts ctx", "Tuple": "elts ctx", "Slice": "lower upper step",
    "comprehension": "target iter ifs is_async", "ExceptHandler": "type name body",
    "arguments": "posonlyargs args vararg kwonlyargs kw_defaults kwarg defaults", "arg": "arg annotation",
    "keyword": "arg value", "alias": "name asname", "withitem": "context_expr optional_vars",
    "match_case": "pattern guard body", "MatchValue": "value", "MatchSingleton": "value", "MatchSequence": "patterns",
    "MatchMapping": "keys patterns rest", "MatchClass": "cls patterns kwd_attrs kwd_patterns", "MatchStar": "name",
    "MatchAs": "pattern name", "MatchOr": "patterns", "TypeVar": "name bound default_value",
    "ParamSpec": "name default_value", "TypeVarTuple": "name default_value",
}
FIELDS = {k: v.split() for k, v in FIELDS.items()}
BARE = {"Module", "comprehension", "arguments", "withitem", "match_case"}


def text(s):
    b = s.encode("utf-8", "surrogatepass")
    return b"s%d:%s" % (len(b), b)


def constant(v):
    if v is None or v is True or v is False or v is Ellipsis:
        return repr(v).encode()
    if isinstance(v, str):
        return text(v)
    if isinstance(v, bytes):
        return b"b%d:%s" % (len(v), v)
    if isinstance(v, int):
        return b"i%x" % v
    if isinstance(v, float):
        return b"f" + struct.pack(">d", v).hex().encode()
    return b"j" + struct.pack(">d", v.imag).hex().encode()


def dump(tree):
    out = []
    put = out.append

    def node(n):
        kind = type(n).__name__
        if kind in BARE:
            put(kind.encode())
        else:
            put(b"%s %d %d %d %d" % (kind.encode(), n.lineno, n.col_offset, n.end_lineno, n.end_col_offset))
        if kind == "Constant":
            put(constant(n.value))
            put(b"u" if n.kind else b"-")
            return
        if kind == "MatchSingleton":
            put(constant(n.value))
            return
        for f in FIELDS[kind]:
            field(getattr(n, f, None))

    def field(v):
        if v is None:
            put(b"-")
        elif isinstance(v, ast.expr_context) or isinstance(v, (ast.operator, ast.unaryop, ast.cmpop, ast.boolop)):
            put(type(v).__name__.encode())
        elif isinstance(v, ast.AST):
            node(v)
        elif isinstance(v, list):
            put(b"#%d" % len(v))
            for e in v:
                field(e)
        elif isinstance(v, str):
            put(text(v))
        else:
            put(b"%d" % v)

    node(tree)
    put(b"")
    return b"\n".join(out)


def main():
    full = "--full" in sys.argv
    out = sys.stdout.buffer
    for path in sys.stdin.read().splitlines():
        try:
            with open(path, "rb") as f:
                src = f.read()
            d = dump(ast.parse(src))
        except RecursionError as e:
            out.write(b"skip recursion\t%s\n" % path.encode())
            continue
        except (SyntaxError, ValueError, MemoryError) as e:
            out.write(("error %s\t%s\n" % (str(e).replace("\n", " ").replace("\t", " "), path)).encode("utf-8", "replace"))
            continue
        if full:
            out.write(d)
        else:
            out.write(b"%s\t%s\n" % (hashlib.sha256(d).hexdigest().encode(), path.encode()))
    out.flush()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(100000)
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    threading.stack_size(512 << 20)
    t = threading.Thread(target=main)
    t.start()
    t.join()
