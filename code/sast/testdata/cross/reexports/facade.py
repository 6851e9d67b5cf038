import core
from core import Client, execute_list, find, find_bound, run_command
from core import read as read_text


def status(cmd):
    return run_command("status " + cmd)


def listing(cmd):
    return execute_list(cmd)  # ok: no shell


def lookup(name):
    return find(name)


def lookup_bound(name):
    return find_bound(name)  # ok: a parameter


def fetch(url):
    return Client().get_any(url)


def fetch_item(item):
    return core.Client().get(item)  # ok: a fixed host


def text(name):
    return read_text(name)
