import os
import pickle
import shutil

import requests


def run(cmd):
    os.popen(cmd)  # want: code/command-injection


def remove(path):
    shutil.rmtree(path)  # want: code/path-traversal


def evaluate(expr):
    exec(expr)  # want: code/code-injection


def load(data):
    return pickle.loads(data)  # want: code/pickle-load, code/unsafe-deserialization


def fetch(url):
    requests.post(url, timeout=3)  # want: code/server-side-request-forgery


def count(text):
    os.system("echo %d" % len(text))  # ok: a number
