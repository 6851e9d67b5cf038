import handlers

ACTIONS = {"remove": handlers.remove}


class Bus:
    def __init__(self):
        self.handler = None


def retry(f, arg):
    for _ in range(3):
        f(arg)


def dispatch(name, arg):
    ACTIONS[name](arg)


def apply_all(f, *args):
    f(*args)


def each(f, arg):
    f(arg)


def later(f, **kwargs):
    f(**kwargs)
