import os
import sqlite3

import requests


def shell(cmd):
    os.system(cmd)  # want: code/command-injection


def remove(path):
    os.remove(path)  # want: code/path-traversal


def query(q):
    sqlite3.connect("x").execute("SELECT * FROM t WHERE a = '" + q + "'")  # want: code/sql-injection


def limit(n):
    sqlite3.connect("x").execute("SELECT * FROM t LIMIT " + n)  # ok: the key next to it holds the data


def calculate(expr):
    return eval(expr)  # want: code/code-injection


def fetch(url):
    return requests.get(url, timeout=3)  # want: code/server-side-request-forgery
