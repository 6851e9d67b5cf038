1; 0x1F; 0o17; 0b101; 1_000; 1.5; 1.; .5; 1e10; 1E-5; 1.5j; 1_0.0_1e1_0; 00; 0_0; 1jif 0else 2; 0xfor x
a or b or c and d and not e
not not a
a < b <= c != d == e > f >= g in h not in i is j is not k
a | b ^ c & d << e >> f + g - h * i / j // k % l @ m
-a ** -b ** c
+a + -b - ~c
(a + b) * (c - d)
(((a)))
await_ = a.b.c(d)(e)[f][g:h][i:j:k][::][:, l][m, n:o, *p][*q][r := s]
a[b:=1, c:d]
f(); f(a); f(a,); f(*a, **b); f(a, *b, c=1, *d, **e, f=2); f(a for a in b); f((a) for a in b); f(a := 1, b=2)
f(**a, b=1, **c)
f(x)(y for y in z).w
lambda: 1
lambda a, b=1, /, c=2, *d, e, f=3, **g: (a, b)
lambda *, a: a
lambda *a, **b: lambda: (yield)
a if b else c if d else e
(a, b); (a,); (); a, b; a,; (a, *b); *a, b
[a, *b, c]; []; [a]; [a,]
{a, *b}; {a: b, **c, d: e}; {}; {**a}; {a: b,}; {a,}
[x for x in y]; [x for x, in y]; [x for x, *y in z if a if b for c in d]; [a := b for c in d]; [x async for x in y]
{x for x in y}; {x: y for x, y in z}; (x for x in y); {**a, 'b': lambda: 1}
[x for x in a or b if c or d]; [x if y else z for x in (lambda: 1, 2)]
[(x, y) for x in range(5) for y in (1, 2)]
(yield); (yield a); (yield a, b); (yield from c)
(a := 1); (a := b if c else d)
...; None; True; False
'a' "b" '''c
d''' """e""" r'\f' u'g'
b'a' b'b' rb'\c'
'\a\b\f\n\r\t\v\\\'\"\0\12\x41\u00e9\U0001f600\N{LATIN SMALL LETTER E WITH ACUTE}\N{latin small letter a}\
\d\ud800'
'é' + "\N{CJK UNIFIED IDEOGRAPH-4E00}\N{HANGUL SYLLABLE GAG}"
é = ﬁ = 𝐱 = 1
a.é
x.__class__.__mro__[1] .y . z
(a
 .b
 .c())
f(a)(
  b
)
x = (  # comment
    1,

    2,  # another
)
"%s" % (a, b) if a else {b: c}[d]
a<b>c
print(*a, sep='')
await a
[await b for c in d]
a @ b @ c
1 if 2 else 3, 4
not a in b
-1 .real
1..real
1.0.real
"a" "b".c
