import sqlite3
from pathlib import Path

ROOT = Path("/srv")


def find(name):
    return sqlite3.connect("x").execute("SELECT * FROM t WHERE n = '" + name + "'")  # want: code/sql-injection


def find_bound(name):
    return sqlite3.connect("x").execute("SELECT * FROM t WHERE n = ?", (name,))  # ok: a parameter


def read(name):
    return (ROOT / name).read_text()  # want: code/path-traversal
