import os

import requests
import store


def run():
    os.system(store.STATE["cmd"])  # want: code/command-injection


def clean():
    os.remove(store.last())  # want: code/path-traversal


def fetch():
    requests.get(store.CONFIG.url, timeout=3)  # want: code/server-side-request-forgery


def greet():
    os.system("echo " + store.STATE["greeting"])  # ok: only a constant under this key
