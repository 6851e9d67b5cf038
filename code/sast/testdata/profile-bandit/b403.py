import copyreg
import cPickle  # want: B403
import json, pickle  # want: B403
import pickletools  # want: B403
from shelve import DbfilenameShelf  # want: B403


def late():
    return __import__("dill")  # want: B403


def other():
    import msgpickle  # ok: another module

    return msgpickle, copyreg
