import xml.dom.pulldom  # want: B409


def read(f):
    return xml.dom.pulldom.parse(f)  # want: B319


def read_text(text):
    return xml.dom.pulldom.parseString(text)  # want: B319


def events():
    return xml.dom.pulldom.PullDOM()  # ok: nothing is read
