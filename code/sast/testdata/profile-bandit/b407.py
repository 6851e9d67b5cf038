import xml.dom.expatbuilder  # want: B407
from xml.dom.expatbuilder import parse  # want: B407


def other():
    import xml.parsers.expat  # ok: another module

    return xml.parsers.expat, parse
