"""Print what CPython's symtable says of the names of each block, for the files on stdin.

One line per block: path, kind, name and line, then each name with L (own scope), F (a function around it) or G (module
or builtin).
"""
import symtable
import sys
import warnings

warnings.simplefilter("ignore")


def mangled(name):
    return name.startswith("_") and "__" in name[1:] and not name.endswith("__") or name in (".0", "__class__", "__classdict__")


def walk(table, path, out):
    if table.get_type() in ("function", "class", "module"):
        names = []
        for s in table.get_symbols():
            if not mangled(s.get_name()) and (s.is_referenced() or s.is_assigned() or s.is_parameter() or s.is_imported()):
                names.append("%s:%s" % (s.get_name(), "F" if s.is_free() else "G" if s.is_global() and not s.is_local() else "L" if s.is_local() else "G"))
        out.append("\t".join([path, table.get_type(), table.get_name(), str(table.get_lineno())] + sorted(names)))
    for child in table.get_children():
        walk(child, path, out)


sys.setrecursionlimit(10000)
for path in sys.stdin.read().splitlines():
    try:
        with open(path, "rb") as f:
            source = f.read()
        lines = []
        walk(symtable.symtable(source.decode("utf-8-sig"), path, "exec"), path, lines)
    except (SyntaxError, ValueError, RecursionError):
        continue
    for line in lines:
        print(line)
