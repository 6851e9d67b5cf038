import xml.etree.ElementTree as ET  # want: B405

import defusedxml.ElementTree


def read(f):
    return ET.parse(f)  # want: B314


def read_steps(f):
    return ET.iterparse(f)  # want: B314


def parser():
    return ET.XMLParser()  # want: B314


def written(tree):
    return ET.tostring(tree)  # ok: written


def read_guarded(f):
    return defusedxml.ElementTree.parse(f)  # ok: guarded
