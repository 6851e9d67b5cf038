import os
import sqlite3

import requests
from fastapi.responses import HTMLResponse


def run_python(code):
    scope = {}
    exec(code, scope)  # want: code/code-injection
    return scope


def shell(command):
    os.system(command)  # want: code/command-injection


def read(path):
    with open(path) as f:  # want: code/path-traversal
        return f.read()


def fetch(url):
    return requests.get(url, timeout=3)  # want: code/server-side-request-forgery


def wait(seconds):
    os.system(f"sleep {seconds}")  # ok: a number


def sql(statement):
    return sqlite3.connect("x").execute(statement)  # want: code/sql-injection


def show(text):
    print(text)  # ok: only shown


def page(text):
    return HTMLResponse("<p>" + text)  # want: code/cross-site-scripting
