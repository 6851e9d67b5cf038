from xml.dom import expatbuilder  # want: B407


def read(f):
    return expatbuilder.parse(f)  # want: B316


def read_text(text):
    return expatbuilder.parseString(text)  # want: B316


def builder():
    return expatbuilder.makeBuilder(None)  # ok: not asked for
