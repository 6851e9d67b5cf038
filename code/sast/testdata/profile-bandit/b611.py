from django.db.models.expressions import RawSQL


def raw(text):
    return RawSQL(text, [])  # want: B611


def raw_keyword(name):
    return RawSQL(sql="select '%s'" % name, params=[])  # want: B611


def raw_constant(name):
    return RawSQL("select %s", [name])  # ok: constant, with a parameter
