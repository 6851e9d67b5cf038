import html
from markupsafe import escape

ROOT = "/srv/files"


def for_page(value):
    return html.escape(str(value))


class Wrapper:
    """Wraps a request."""

    def __init__(self, request):
        self.request = request

    def field(self, name):
        return self.request.form.get(name, "")

    def query(self, name):
        values = self.request.args.getlist(name)
        return values[0] if values else ""

    def constant(self, name):
        return "bar"


class Thing:
    def do(self, text):
        return text


class Boxed(Thing):
    def do(self, text):
        r = ""
        for c in text:
            r += c
        return r


def make_thing(kind="plain"):
    return Boxed() if kind == "boxed" else Thing()
