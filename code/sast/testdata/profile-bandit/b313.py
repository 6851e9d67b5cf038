import xml.etree.cElementTree as ET  # want: B405

from defusedxml import cElementTree


def read(f):
    return ET.parse(f)  # want: B313


def read_text(text):
    return ET.fromstring(text)  # want: B313


def made(name):
    return ET.Element(name)  # ok: nothing is read


def read_guarded(f):
    return cElementTree.parse(f)  # ok: guarded
