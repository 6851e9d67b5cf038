from xml.dom import minidom  # want: B408


def read(f):
    return minidom.parse(f)  # want: B318


def read_text(text):
    return minidom.parseString(text)  # want: B318


def document():
    return minidom.Document()  # ok: nothing is read
