# PEP 701: the same quotes, lines, backslashes and comments inside.
f"{x["a"]}{f"{f"{1 + 1}"}"}"
f"{
    x  # why
    + y!r:>{width}}"
f'{'\n'.join(['a', '\t'])}' f"{x:{"a"}{'b'}}" f"""{
    '''{'''
}"""
rf"\{x}\d{y:\w}" fr'{{\{z}}}'
f"{lambda_:=^10}"; f"{(lambda x: x)(1)}" f"{x = !s:^10}" f"{ {'a': 1}['a'] }" f"{*a, *b}" f"{(yield)}"
f"{a['b']["c"]:{d:{e}}}"
# PEP 750
t"{x}" t'{x!a:>{w}}{y = }' rt"\{x}" Tr'{x}'
t"a{t"b{c}"}d" t"""{
    x
}"""
t"{x}" t"{y}"
# PEP 695 and 696
type A = B
type A[T] = list[T]
type A[T: int = bool, *Ts = *tuple[int, ...], **P = [int, str]] = dict[T, P]
type = type(type); type: type = 1; print(type, type.x, type[0], (type))
def f[T: (int, str) = int, *Ts, **P](a: T, *args: *Ts, **kwargs: P.kwargs) -> tuple[*Ts]: ...
async def g[T](x: T) -> T: ...
class C[T = int, *Ts = *tuple[()]](Base[T], metaclass=M): ...
class D[T](): x: T = 1
# PEP 646
x[*a]; x[*a, b]; x[a, *b] = 1; del x[*a]
def h(*args: *tuple[int, ...]): ...
# PEP 654, 758
try: a
except* A, B: b
except* (C, D) as e: c
try: a
except A, B, C: b
except (D, E) as e: c
except F if g else H: d
except: e
# PEP 765: allowed by the grammar
def k():
    for _ in x:
        try: a
        finally: continue
    while 1:
        try: a
        finally: break
    try: a
    finally: return 1
# PEP 634, soft keywords as names
match match:
    case case: case
match (x, y):
    case [A.B(), {"k": 1 | -2 | 3.0 + 4j | None, **rest}, *_] if (n := z): pass
    case (str() | int()) as s, *others: pass
    case C(a, b=D(c=0)) | [[]] | {}: pass
    case f.g.h | "a" "b" | b"c" | True: pass
match x, *y,: 
    case _: pass
match[a] = 1; match(x); match.a; match, case = 1, 2
match -x:
    case -1: pass
# PEP 617, 614, 570, 572
with (a as b, c as (d, e), f,): pass
with (a, b): pass
with (a): pass
with (yield): pass
@a.b[c](d).e
@(lambda f: f)
@x if y else z
def p(a, /, b, *, c=1, **d): return (y := f(x)), [z := 1, z**2], {w := 2}, x[v := 0]
lambda a, /, b=1, *c, d, **e: (yield a)
print(f(a := 1), [*a, *b], {**c, "d": 1}, *e, **f)
async def q():
    async with a as b, c: pass
    async for x, *y in z: await x
    else: pass
    return [x async for x in y if await z], {k: v async for k, v in w}, (await x for y in z)
x: int; (x): int = 1; x.y: int; x[0]: int = 2; x: tuple[int, ...] = 1, *y
return_ = 0xFF_FF + 0b1_0 + 0o7_7 + 1_0.0_1e1_0 + 1j + 1_0J
"\N{LATIN SMALL LETTER A}\N{EM DASH}"
