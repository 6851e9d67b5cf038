import os
import sqlite3
import subprocess


class Command:
    program = "echo "

    def execute(self):
        os.system(self.program + self.text)  # want: code/command-injection


class Repository:
    table = "t"

    def where(self, condition):
        return sqlite3.connect("x").execute(f"SELECT * FROM {self.table} WHERE {condition}")  # want: code/sql-injection

    def by_id(self, n):
        return sqlite3.connect("x").execute(f"SELECT * FROM {self.table} WHERE id = ?", (n,))  # ok: a parameter


class Runner:
    def __init__(self, shell):
        self.shell = shell

    def __call__(self, cmd):
        return subprocess.run(cmd, shell=True)  # want: code/command-injection

    def __enter__(self):
        return self

    def __exit__(self, *a):
        return None

    def evaluate(self, text):
        return eval(text)  # want: code/code-injection


class Files:
    @classmethod
    def drop(cls, name):
        os.remove("/srv/" + name)  # want: code/path-traversal

    @staticmethod
    def show(name):
        print(name)  # ok: only shown
