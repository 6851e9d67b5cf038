#!/usr/bin/env python3
"""Join candidates, facts and the hand review into allow.tsv.

usage: merge.py --facts FILE... --uses FILE... --deny deny.tsv --out allow.tsv --report report.tsv [--dropped dropped.tsv...]

A name is listed when (first that applies)
 1. a line of review.tsv says so (or says never);
 2. it is a ufunc of numpy or scipy.special: ref only;
 3. it is a __pyx_unpickle_X function that a real pickle calls: reduce, with its class as first argument;
 4. it is a class that pickles by the default object protocol in every environment that has it:
    object.__new__ (or that of a builtin container), no __del__, and __setstate__, __getattr__ and metaclass
    absent or reviewed (definers.tsv), and that was seen in a real pickle or lies in a family of models (families.tsv).
    Such a class gets newobj and build-dict, and setitem, append or additem by its base.
 5. it is a pure function of a module listed in functions.tsv: ref only.
Everything else that a real pickle used is written to the report as "unlisted".
"""
import argparse
import collections
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
UFUNC_MODULES = re.compile(r"numpy(\.(core|_core)(\.(umath|_multiarray_umath))?)?|scipy\.special(\.(_ufuncs|_ufuncs_cxx|_special_ufuncs|_gufuncs|_basic))?")


def table(path):
    with open(os.path.join(HERE, path)) as f:
        return [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")]


class Review:
    def __init__(self):
        self.rules = [(r[0], re.compile("(?:%s)\\Z" % r[1]), re.compile("(?:%s)\\Z" % r[2]), r[3], r[4], r[5]) for r in table("review.tsv")]
        self.families = [(re.compile("(?:%s)\\Z" % m), re.compile("(?:%s)\\Z" % n)) for m, n, _ in table("families.tsv")]
        self.definers = collections.defaultdict(list)
        for kind, pattern, _ in table("definers.tsv"):
            self.definers[kind].append(re.compile("(?:%s)\\Z" % pattern))

    def rule(self, module, name):
        for r in self.rules:
            if r[1].match(module) and r[2].match(name):
                return r
        return None

    def family(self, module, name):
        return any(m.match(module) and n.match(name) for m, n in self.families)

    def known(self, kind, value):
        return any(p.match(value) for p in self.definers[kind])

    def refusal(self, fact):
        """Why a class is not listed automatically; "" if nothing speaks against it."""
        if fact["exception"] == "1":
            return "exception"
        if fact["enum"] == "1":
            return ""
        if fact["heap"] == "0":
            return "not a Python class"
        if not self.known("new", fact["new"]) and not named_tuple(fact):
            return "__new__ of " + fact["new"]
        for key in ("meta", "setstate", "del", "getattr", "getattribute"):
            if fact[key] != "-" and not self.known(key, fact[key]):
                return "%s of %s" % (key, fact[key])
        return ""


def named_tuple(fact):
    return fact["base"] == "tuple" and fact["getnewargs"] not in ("-", "builtins.tuple")


def class_uses(fact):
    """Uses and shape of a class that refusal() has nothing against."""
    if fact["enum"] == "1":
        return {"reduce"}, "plain-1"
    if named_tuple(fact):
        return {"newobj"}, "any"
    uses = {"newobj"}
    if fact["dict"] == "1":
        uses.add("build-dict")
    if fact["slots"] == "1" and fact["setattr"] == "-" and fact["setters"] == "-" and fact["setstate"] == "-":
        uses.add("build-tuple")  # (dict or None, slots): setattr then runs no code of the class
    for base, use, hooks in (("dict", "setitem", ["setitem"]), ("list", "append", ["append", "extend"]), ("set", "additem", ["add"])):
        if base in fact["base"].split(",") and all(fact.get(h, "-").split(".")[0] in ("-", "builtins", "__builtin__", "collections") for h in hooks):
            uses.add(use)
    return uses, "any"


def version_key(v):
    return [int(n) for n in re.findall(r"\d+", v)[:4]]


def seen_text(seen):
    """"numpy=1.19.5..2.3.5" per library."""
    out = []
    for library in sorted(seen):
        vs = sorted(seen[library], key=version_key)
        out.append("%s=%s" % (library, vs[0] if len(vs) == 1 else vs[0] + ".." + vs[-1]))
    return ",".join(out)


class Names:
    """Everything known about each (module, name)."""

    def __init__(self):
        self.kinds = collections.defaultdict(set)
        self.facts = collections.defaultdict(list)
        self.uses = collections.defaultdict(set)
        self.seen = collections.defaultdict(lambda: collections.defaultdict(set))

    def read_facts(self, path):
        versions = {}
        with open(path) as f:
            for line in f:
                kind, module, name, facts = line.rstrip("\n").split("\t")
                if kind == "version":
                    versions[module] = name
                    continue
                key = (module, name)
                self.kinds[key].add(kind)
                self.facts[key].append(dict(kv.split("=", 1) for kv in facts.split()))
                top = module.split(".")[0]
                library = {"_catboost": "catboost", "_loss": "sklearn"}.get(top, top)
                self.seen[key][library].add(versions.get(library, "?"))

    def read_uses(self, path):
        with open(path) as f:
            for line in f:
                module, name, uses, _, seen = line.rstrip("\n").split("\t")
                self.uses[module, name].update(u for u in uses.split(",") if u)
                for one in seen.split(","):
                    library, version = one.split("=")
                    self.seen[module, name][library].add(version)


# Arguments that are kept as values: a factory, the function of a partial, the scalar type of a dtype.
VALUE_ARGUMENTS = {"arg:collections.defaultdict:0", "arg:functools.partial:0", "arg:numpy.dtype:0"}


def seen_by_rule(names, review):
    """Rule -> uses that real pickles make of any name that it covers."""
    seen = collections.defaultdict(set)
    for (module, name), uses in names.uses.items():
        rule = review.rule(module, name)
        if rule:
            seen[id(rule)] |= {"ref" if u in VALUE_ARGUMENTS else u for u in uses if u in VALUE_ARGUMENTS or not u.startswith("arg:")}
    return seen


def decide(key, names, review, functions, seen):
    """(uses, shape, reason); uses is empty where the name is not listed."""
    module, name = key
    rule = review.rule(module, name)
    if rule and (rule[0] == "drop" or rule[3] == "-"):
        return set(), "", rule[5]
    if rule:
        uses = set(rule[3].split(","))
        if seen[id(rule)]:  # no use that no real pickle makes
            uses = {u for u in uses if u in seen[id(rule)] or u.startswith("is:")}
        return uses, rule[4], ""
    kinds = names.kinds[key]
    if "ufunc" in kinds:
        return ({"ref"}, "any", "") if UFUNC_MODULES.fullmatch(module) else (set(), "", "")
    if "unpickle" in kinds:
        return ({"reduce", "build-tuple"}, "class:pyx,s:pyx", "") if names.uses[key] else (set(), "", "")
    if any(u.startswith("arg:") and ("__pyx_unpickle_" in u or ".newObj:" in u) for u in names.uses[key]):
        return {"is:pyx"}, "any", ""
    if "class" in kinds:
        facts = [f for f in names.facts[key] if "meta" in f]
        if not names.uses[key] and not review.family(module, name) and not all(named_tuple(f) for f in facts):
            return set(), "", "not seen, and in no family of models"
        reasons = [r for r in map(review.refusal, facts) if r]
        if reasons:
            return set(), "", reasons[0]
        uses, shapes = set(), set()
        for fact in facts:
            u, s = class_uses(fact)
            uses |= u
            shapes.add(s)
        return (uses, shapes.pop(), "") if len(shapes) == 1 else (set(), "", "kinds differ between versions")
    if "function" in kinds or names.uses[key]:
        for m, n in functions:
            if m.match(module) and n.match(name):
                return {"ref"}, "any", ""
    return set(), "", "no rule" if names.uses[key] else ""


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--facts", nargs="*", default=[])
    p.add_argument("--uses", nargs="*", default=[])
    p.add_argument("--dropped", nargs="*", default=[])
    p.add_argument("--deny", help="a name with an exact line there is not listed, unless review.tsv says allow!")
    p.add_argument("--out", required=True)
    p.add_argument("--report", required=True)
    args = p.parse_args()
    names, review = Names(), Review()
    for path in args.facts:
        names.read_facts(path)
    for path in args.uses:
        names.read_uses(path)
    functions = [(re.compile("(?:%s)\\Z" % r[0]), re.compile("(?:%s)\\Z" % r[1])) for r in table("functions.tsv")]
    dropped = {}
    for path in args.dropped:
        with open(path) as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    module, name, why = line.rstrip("\n").split("\t")[:3]
                    dropped[module, name] = why
    if args.deny:
        with open(args.deny) as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    module, name = line.split("\t")[:2]
                    dropped[module, name] = "deny.tsv has an exact line"
    seen = seen_by_rule(names, review)
    listed, report = [], []
    for key in sorted(set(names.kinds) | set(names.uses)):
        uses, shape, reason = decide(key, names, review, functions, seen)
        rule = review.rule(*key)
        if key in dropped and not (rule and rule[0] == "allow!"):
            uses, reason = set(), dropped[key]
        if uses:
            listed.append("\t".join([key[0], key[1], ",".join(sorted(uses)), shape, seen_text(names.seen[key])]))
        wanted = {u for u in names.uses[key] if not u.startswith("arg:")}
        missing = sorted(wanted - uses)
        if missing or (reason and "class" in names.kinds[key]):
            report.append("\t".join(["unlisted" if names.uses[key] else "refused", key[0], key[1], ",".join(missing), reason]))
    with open(args.out, "w") as f:
        f.write("# Generated by tools/allowlist/merge.py from real serializers and introspection; do not edit. See tools/allowlist/README.md.\n")
        f.write("# module\tqualified name\tuses\tshape\tseen in\n")
        f.write("".join(line + "\n" for line in listed))
    with open(args.report, "w") as f:
        f.write("".join(line + "\n" for line in report))
    print("%d names listed, %d reported" % (len(listed), len(report)), file=sys.stderr)


if __name__ == "__main__":
    main()
