import xml.etree.cElementTree  # want: B405
import xml.etree.ElementTree as ET  # want: B405
from xml.etree import ElementTree  # want: B405
from xml.etree.ElementTree import parse  # want: B405


def other():
    import xml.etree  # ok: the package alone

    return xml.etree, ET, ElementTree, parse
