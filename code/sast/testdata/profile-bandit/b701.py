import jinja2
from jinja2 import Environment, select_autoescape


def plain():
    return Environment()  # want: B701


def off(loader):
    return jinja2.Environment(loader=loader, autoescape=False)  # want: B701


def unknown(setting):
    return Environment(autoescape=setting)  # want: B701


def on():
    return Environment(autoescape=True)  # ok: escaped


def by_name():
    return Environment(autoescape=select_autoescape(["html"]))  # ok: escaped


def sandbox():
    return jinja2.Template("x")  # ok: no environment
