from dataclasses import dataclass

from base import Command, Files, Repository, Runner


class Echo(Command):
    def __init__(self, text):
        self.text = text


class Users(Repository):
    table = "users"

    def named(self, name):
        return self.where("name = '" + name + "'")

    def numbered(self, n):
        return self.by_id(n)  # ok: a parameter


@dataclass
class Task:
    cmd: str
    title: str = ""

    def run(self):
        Runner(True)(self.cmd)

    def show(self):
        Files.show(self.title)  # ok: only shown


def calculate(text):
    with Runner(False) as r:
        return r.evaluate(text)


def drop(name):
    Files.drop(name)
