import xml.sax  # want: B406


def read(f, handler):
    xml.sax.parse(f, handler)  # want: B317


def parser():
    return xml.sax.make_parser()  # want: B317


def handler():
    return xml.sax.ContentHandler()  # ok: nothing is read
