x = 1
if x:
    y = """a
b"""

z = (1,
  2)
w = f"""{
 x=}
"""
last = 1