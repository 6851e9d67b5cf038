def f():
    if x:
        pass
    # trailing
  # less
if 1:
	x = 1
	y = [
1,
	2]
