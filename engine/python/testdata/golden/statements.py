#!/usr/bin/env python
# -*- coding: utf-8 -*-
"""Docstring."""
from __future__ import annotations
import a, b.c, d . e as f
from . import g
from .. h import (i, j as k,)
from ...l.m import *
from .... import n
from ....o import p
x: int
x: int = 1
(x): int = 1
x.y: int
x[0]: str = 'a'
x: tuple[int, ...] = 1, 2
x = y = yield_ = 1
x, y = y, x
[x, *y], z = (1, 2), 3
*x, = y
x += 1; y -= 2; z *= 3; x @= y; x /= y; x %= y; x &= y; x |= y; x ^= y; x <<= y; x >>= y; x **= y; x //= y
del x, (y, z), [a], b.c, d[0]
del (x,), y,
pass; break; continue
assert x, 'message'
raise
raise X
raise X from Y
global q, r
def f(): return
def f(a, b=1, /, c=2, *d, e, f=3, **g): nonlocal x; return 1, *a
def f(*, a, b=1): yield
def f(*args: *Ts, **kwargs: int) -> None: yield 1, 2
def f(a: int = 1, *, b: str): x = yield; y = yield from z; await w
async def f():
    async for x in y: pass
    else: pass
    async with a as b, c as (d, e): pass
    return [x async for x in y if await z]
@a.b.c
@d(e)[f]
@(g := h)
@lambda f: f
class C(A, B, metaclass=M, *args, **kw): x = 1
class D: pass
class E():
    '''Doc.'''
    def m(self): pass

    @property
    async def n(self): ...
if a: b
elif c: d
elif e:
    f
else: g
if (n := len(a)) > 10: pass
while a: b
else: c
for x in y: z
for x, in y: z
for x, *y in *a, b: pass
else: pass
for x[0], y.z in (lambda: 1), 2: pass
try: a
except: b
try:
    a
except A: b
except (B, C) as d: e
except D, E: f
else: g
finally: h
try: a
finally: b
try: a
except* A as b: c
except* (B, C): d
except* D, E: f
with a: b
with a as b, c as d.e, f as g[0]: h
with (a): b
with (a, b): c
with (a as b, c as d,): e
with (a, b) as c: d
with (a), b as c: d
with (yield a): b
with (a for a in b): c
with (a := b): c
with (a, *b): c
with (): a
with (a as b): c
with (a).b as c, (d)(e): f
with ((a)): b
with (a if b else c) as d, e: f
type X = int
type X[T: int = str, *Ts = *tuple[int], **P = [int]] = dict[T, *Ts]
def f[T](x: T) -> T: pass
class F[T: (int, str), *Ts, **P](Generic[T]): pass
async def f[T = int](): pass
type = 1; type.x; type(x); type[x]; match = 1; case = 2; _ = 3
print(x, end='')
exec('x', {})
if True:
	tab = 1
	if tab:
	        mixed = 2
	# comment at the end
x = \
    1
if \
   x: y
x = 1 ; 
