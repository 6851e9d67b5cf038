import logging.config
from logging import config


def listen():
    return logging.config.listen(9999)  # want: B612


def listen_short():
    return config.listen()  # want: B612


def listen_checked(check):
    return logging.config.listen(9999, verify=check)  # ok: checked


def other(server):
    return server.listen(9999)  # ok: another thing
