import mako.template
from mako.template import Template
from string import Template as Simple


def page(text):
    return mako.template.Template(text)  # want: B702


def page_short():
    return Template("hello ${name}")  # want: B702


def simple():
    return Simple("hello $name")  # ok: another library
