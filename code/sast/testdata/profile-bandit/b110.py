def swallowed(work):
    try:
        work()
    except:  # want: B110
        pass


def swallowed_named(work):
    try:
        work()
    except Exception:  # want: B110
        pass


def narrow(work):
    try:
        work()
    except KeyError:  # ok: one kind
        pass


def logged(work, log):
    try:
        work()
    except Exception as e:
        log(e)  # ok: not swallowed


def everything(work):
    try:
        work()
    except BaseException:  # ok: not the name that is asked for
        pass
