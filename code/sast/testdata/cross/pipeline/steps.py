import re

import engine
from engine import Renderer


def render(source):
    return Renderer(strict=True).render({"source": source})


def search(pattern, text):
    return engine.find(text, pattern=pattern)


def search_escaped(pattern, text):
    return engine.find_word(text, pattern=re.escape(pattern))  # ok: escaped


def load(name):
    args = (name,)
    return engine.load(*args)


def unpack(stream):
    options = {"stream": stream, "target": "models"}
    return engine.unpack(**options)


async def store(name, data):
    path = "/srv/" + name
    return await engine.write(path, data)


def parse(text):
    yield from engine.parse(text)
