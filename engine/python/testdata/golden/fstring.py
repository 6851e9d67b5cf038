# Nested f-strings of PEP 701, format specifications, debug expressions, t-strings of PEP 750.
f''
f'{x}'
f"{'a' 'b'!r:>{w}}" "c" rf'\d{x:%H:%M}' f'{{}}' u'd'
f'{{{x}}}' f'a{{b}}c' f'{{' f'}}'
f"{f"{f"{f"{1}"}"}"}"
f'{x:{a}{b:{c}}d}'
f'{ x = }' f'{x=!s:^10}' f'{x = :>{w}}'
f'{
    x  # comment with " and '
    + y
=}'
f'''{
'nested'
!r}
line two {a["key"]} \
continued {{}}
'''
f'{lambda_}{(lambda x: x)(1)}' f'{a if b else c}' f'{(yield)}' f'{*a, b}' f'{x:=10}' f'{(x:=10)}'
f'\N{DIGIT ONE}{x}\N{BULLET}\x41\101\u0041\U00000041\{x}'
rf'\{x}\N'; rb'\x00' b'\xff\0' B"a" bR'\n' Rb'''\
'''
f'{x!r}{y!s}{z!a}{ x !r}'
f'{a.b(c)[d:e]:.{n}f}' '''tail'''
f"{'\n'.join(f'{x}' for x in y)}"
f'{ {1: 2}[1] }'
t'hello {name!r:>{width}} and { value + 1 = }' t"second {x}"
t'{{}}' rt'\d{x}' T"{ (x) }"
f'{x:a{y}b{z}c}' f'{x:{ {1}.y }}'
f'{3.4:.2f}{0x10:#x}{1 != 2}{a == b}{a <= b:c}'
f'{x:%Y-%m-%dT%H:%M:%S}' f"{x:'>10}"
f'{a}' 'b' f'{c}' '' f'' '' f'd'
('a'
 f'{b}'  # comment
 'c')
