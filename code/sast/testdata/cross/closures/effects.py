import os
import sqlite3
import subprocess

import httpx


def run(cmd):
    subprocess.run(cmd, shell=True)  # want: code/command-injection


def delete(path):
    os.unlink(path)  # want: code/path-traversal


def evaluate(expr):
    return eval(expr)  # want: code/code-injection


def fetch(url, timeout):
    return httpx.get(url, timeout=timeout)  # want: code/server-side-request-forgery


def query(table, value):
    sqlite3.connect("x").execute(f"SELECT * FROM {table} WHERE v = '{value}'")  # want: code/sql-injection


def sleep(n):
    os.system("sleep %s" % n)  # ok: only numbers come here
