import flask
from markupsafe import Markup, escape


def marked(text):
    return Markup(text)  # want: B704


def marked_built(text):
    return flask.Markup("<b>%s</b>" % text)  # want: B704


def constant():
    return Markup("<br>")  # ok: constant


def empty():
    return Markup()  # ok: nothing


def escaped(text):
    return escape(text)  # ok: escaped
