from models import User


def where(text):
    return User.objects.extra(where=[text])  # want: B610


def where_built(name):
    return User.objects.filter().extra(where=["name = %s" % name])  # want: B610


def select(text):
    return User.objects.extra(select={"a": text})  # want: B610


def tables(names):
    return User.objects.extra(tables=names)  # want: B610


def select_positional(chosen):
    return User.objects.extra(chosen)  # want: B610


def constant():
    return User.objects.extra(where=["age > 3"], tables=["t"])  # ok: constant


def constant_select():
    return User.objects.extra(select={"a": "b"})  # ok: constant


def order(by):
    return User.objects.extra(order_by=by)  # ok: no SQL
