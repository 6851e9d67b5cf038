import xml.dom.minidom  # want: B408
from xml.dom.minidom import parseString  # want: B408


def other():
    from xml.dom import Node  # ok: another module

    return Node, parseString
