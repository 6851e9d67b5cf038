import xml.sax  # want: B406
from xml import sax  # want: B406
from xml.sax.handler import ContentHandler  # want: B406


def other():
    import xml  # ok: the package alone

    return xml, sax, ContentHandler
