def swallowed(items, work):
    for i in items:
        try:
            work(i)
        except Exception:  # want: B112
            continue


def swallowed_bare(items, work):
    while items:
        try:
            work(items.pop())
        except:  # want: B112
            continue


def narrow(items, work):
    for i in items:
        try:
            work(i)
        except ValueError:  # ok: one kind
            continue


def counted(items, work):
    bad = 0
    for i in items:
        try:
            work(i)
        except Exception:
            bad += 1  # ok: counted
            continue
    return bad
