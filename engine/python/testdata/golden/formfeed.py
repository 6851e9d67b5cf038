class A:

    x = 1
    y = 2


  # odd comment
    z = 3
