import xml.dom.pulldom  # want: B409
from xml.dom import pulldom  # want: B409


def other():
    from xml.dom import domreg  # ok: another module

    return domreg, pulldom
