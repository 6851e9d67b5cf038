import last

TARGET = {}


def stream(text):
    for line in text.splitlines():
        yield line.strip()


def run(line):
    last.run(f"echo {line}")


def pairs(a, b):
    return a, b


def evaluate(expr):
    last.evaluate(expr)


def harmless(expr):
    last.evaluate_constant(expr)  # ok: the second of the pair is a constant


def pick(options):
    return options["path"]


def remove(path):
    last.remove(path)


class Context:
    def __init__(self, sql):
        self.sql = sql

    def __enter__(self):
        return self

    def __exit__(self, *a):
        return None

    def query(self):
        last.query(self.sql)


def unpacked(url, n):
    return last.fetch(url, n)


def first_of(items):
    return next(iter(items))


def load(data):
    return last.load(data)


class Text:
    def __init__(self, text):
        self.text = text

    def strip(self):
        return Text(self.text)

    def render(self):
        return last.render(self.text)


def chain(text):
    return Text(text)


class Sender:
    def __init__(self, to):
        self.receivers = [to]

    def send(self, text):
        last.send(self.receivers[0], text)


def handlers():
    return [lambda name: last.plugin(name)]


def nested(file):
    return "a", ["b", file]


def write(path):
    last.write(path)


def pattern(text, *, expr):
    return last.pattern(expr, text)


def redirect_later(url):
    TARGET["next"] = url


def go():
    return last.go(TARGET["next"])
