import functools
import shlex


def logged(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        print(f.__name__)
        return f(*args, **kwargs)
    return wrapper


def repeated(n):
    def decorate(f):
        @functools.wraps(f)
        def wrapper(*args, **kwargs):
            for _ in range(n):
                f(*args, **kwargs)
        return wrapper
    return decorate


def quoted(f):
    @functools.wraps(f)
    def wrapper(value):
        return f(shlex.quote(value))
    return wrapper


class Cached:
    def __init__(self, f):
        self.f = f

    def __call__(self, arg):
        return self.f(arg)
