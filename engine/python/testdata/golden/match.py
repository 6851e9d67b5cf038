match x:
    case 1: pass
    case -1 | 2.5 | -3j | 1 + 2j | -1 - 2j: pass
    case 'a' 'b' | b'c' | None | True | False: pass
    case _: pass
    case y: pass
    case y if y > 1: pass
    case (y): pass
    case (y,): pass
    case (): pass
    case []: pass
    case [a, *_, b]: pass
    case a, *b: pass
    case *_,: pass
    case (a, [b, c]) | {'d': a, 'e': b, 'f': c}: pass
    case {}: pass
    case {1: a, 'b' 'c': d, e.f: g, None: h, -1: i, **rest}: pass
    case {**rest}: pass
    case {'a': _,}: pass
    case A(): pass
    case A(b, C.D(e), f=g, h=I(j=k),): pass
    case a.b.c: pass
    case (str() as s) | (bytes() as s): pass
    case (1 | 2) as n: pass
    case [Point(x=0, y=0), *rest] as whole if whole and rest:
        pass
match x, y:
    case a, b: pass
match *x, y:
    case _: pass
match (x):
    case match: pass
match (x, y):
    case case: pass
match [x]:
    case type: pass
match -x:
    case _: pass
match not x:
    case _: pass
match {**x}:
    case _: pass
match lambda: 1:
    case _: pass
match x := y:
    case _: pass
match match:
    case case if case: pass
match(x)
match[x]
match[x:y]
match - x
match * x
match not in x
match.x
match, x
match: int
match: int = 1
match = lambda: 1
match(x)[y](z)
match (x).y
print(match, case, type)
for match in case: match
