from twisted.web.twcgi import CGIScript  # want: B412
from wsgiref.handlers import CGIHandler  # want: B412


def other():
    from wsgiref.handlers import SimpleHandler  # ok: another handler

    return SimpleHandler, CGIHandler, CGIScript
