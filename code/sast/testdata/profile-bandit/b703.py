from django.utils.safestring import SafeText, mark_safe


def parameter(text):
    return mark_safe(text)  # want: B308, B703


def joined(name):
    return mark_safe("<b>" + name + "</b>")  # want: B308, B703


def formatted(name):
    return mark_safe("<b>{}</b>".format(name))  # want: B308, B703


def assigned(request):
    text = request.GET["q"]
    return mark_safe(text)  # want: B308, B703


def other(text):
    return SafeText(text)  # want: B703


def constant():
    return mark_safe("<br>")  # want: B308


def constant_name():
    text = "<br>"
    return mark_safe(text)  # want: B308


def constant_format():
    return mark_safe("<b>{}</b>".format("x"))  # want: B308


def constant_class():
    return SafeText("<br>")  # ok: constant
