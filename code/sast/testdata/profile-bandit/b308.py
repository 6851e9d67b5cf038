from django.utils import safestring
from django.utils.html import format_html
from django.utils.safestring import mark_safe


def constant():
    return mark_safe("<br>")  # want: B308


def constant_module():
    return safestring.mark_safe("<hr>")  # want: B308


def formatted(text):
    return format_html("<b>{}</b>", text)  # ok: escaped


def other(html, text):
    return html.mark_safe(text)  # want: B703
