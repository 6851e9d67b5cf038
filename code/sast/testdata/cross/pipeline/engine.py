import re
import tarfile
import xml.sax

from jinja2 import Template
from transformers import AutoModelForCausalLM


class Renderer:
    def __init__(self, strict):
        self.strict = strict

    def render(self, context):
        return Template(context["source"]).render()  # want: code/template-injection


def find(text, pattern):
    return re.findall(pattern, text)  # want: code/regex-denial


def find_word(text, pattern):
    return re.findall(pattern + "s?", text)  # ok: comes escaped


def load(name):
    return AutoModelForCausalLM.from_pretrained(name)  # want: code/untrusted-model


def unpack(stream, target):
    with tarfile.open(fileobj=stream) as t:
        t.extractall(target)  # want: code/archive-traversal


async def write(path, data):
    with open(path, "wb") as f:  # want: code/path-traversal
        f.write(data)


def parse(text):
    yield xml.sax.parseString(text, None)  # want: code/xml-entity-expansion
