# bom
x = 1
