#!/usr/bin/env python3
"""Compare our syntax trees with those of tree-sitter-python, for what has one counterpart in both.

usage: treesitter.py [--compare PROGRAM] FILE...

Compared are statements, definitions, lambdas, comprehensions and await by kind, line and column of the start, and of the
end where both end by the same rule. Left out is what the grammars cut differently: elif (a statement of its own in ast),
subscripts (types in tree-sitter where they are annotations), := and conditions (tree-sitter lets := bind tighter than
if-else). In a file that tree-sitter finds an error in, only the statements of the module before it are compared. CPython,
with which everything else is compared, says of each of these files that our tree is its own. Exit 1: a difference.
"""
import argparse
import collections
import subprocess
import sys

import tree_sitter
import tree_sitter_python

# Kinds with one counterpart, and whether the ends can be compared: those of blocks differ by comments and blank lines.
KINDS = {
    "function_definition": ("FunctionDef", False), "class_definition": ("ClassDef", False), "if_statement": ("If", False),
    "for_statement": ("For", False), "while_statement": ("While", False), "try_statement": ("Try", False),
    "with_statement": ("With", False), "match_statement": ("Match", False), "case_clause": ("match_case", None),
    "return_statement": ("Return", True), "raise_statement": ("Raise", True), "assert_statement": ("Assert", True),
    "import_statement": ("Import", True), "import_from_statement": ("ImportFrom", True), "future_import_statement": ("ImportFrom", True),
    "global_statement": ("Global", True), "nonlocal_statement": ("Nonlocal", True), "delete_statement": ("Delete", True),
    "pass_statement": ("Pass", True), "break_statement": ("Break", True), "continue_statement": ("Continue", True),
    "type_alias_statement": ("TypeAlias", True), "lambda": ("Lambda", True), "list_comprehension": ("ListComp", True), "set_comprehension": ("SetComp", True),
    "dictionary_comprehension": ("DictComp", True), "await": ("Await", True),
}
OURS = {kind for kind, ends in KINDS.values() if ends is not None}
ASYNC = {"AsyncFunctionDef": "FunctionDef", "AsyncFor": "For", "AsyncWith": "With", "TryStar": "Try"}


def theirs(tree, limit):
    found = collections.Counter()
    stack = [tree.root_node]
    while stack:
        n = stack.pop()
        if limit is not None and n.start_byte >= limit:
            continue
        stack.extend(n.children)
        if n.type not in KINDS or not n.is_named:
            continue
        kind, ends = KINDS[n.type]
        if ends is None or n.type == "await" and n.parent is not None and n.parent.type == "ERROR":
            continue
        start = (n.start_point[0] + 1, n.start_point[1])
        found[(kind,) + start + ((n.end_point[0] + 1, n.end_point[1]) if ends else ())] += 1
    return found


def first_error(tree):
    """The start of the statement of the module in which the first error is."""
    for n in tree.root_node.children:
        if n.has_error or n.type == "ERROR" or n.is_missing:
            return n.start_byte
    return None


def ours(program, name, source, limit_line):
    lines = source.split(b"\n")
    ends = {kind: e for kind, e in KINDS.values()}
    found = collections.Counter()
    for line in subprocess.run([program, "-dump", name], stdout=subprocess.PIPE, check=True, text=True, errors="replace").stdout.splitlines():
        f = line.split(" ")
        kind = ASYNC.get(f[0], f[0])
        if kind not in OURS or len(f) != 5 or not all(p.isdigit() for p in f[1:]):
            continue
        a, b, c, d = map(int, f[1:])
        if kind == "If" and lines[a - 1][b:].startswith(b"elif"):
            continue
        if limit_line is None or a < limit_line:
            found[(kind, a, b) + ((c, d) if ends[kind] else ())] += 1
    return found


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--compare", default=".cache/python/compare")
    p.add_argument("files", nargs="+")
    args = p.parse_args()
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
    nodes = different = unknown = 0
    for name in args.files:
        with open(name, "rb") as f:
            source = f.read()
        tree = parser.parse(source)
        limit = first_error(tree)
        line = None
        if limit is not None:
            unknown += 1
            line = source[:limit].count(b"\n") + 1
        a, b = theirs(tree, limit), ours(args.compare, name, source, line)
        nodes += sum(b.values())
        for key in sorted((a - b) + (b - a)):
            different += 1
            if different <= 40:
                print("%s:%d:%d: %s: %d in tree-sitter, %d in ours" % (name, key[1], key[2], " ".join(map(str, key)), a[key], b[key]))
    print("tree-sitter: files %d (%d with syntax it does not know), nodes compared %d, different %d" % (len(args.files), unknown, nodes, different))
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
