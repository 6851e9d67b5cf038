import json

import brain
import tools


def solve(task):
    code = brain.default().code(task)
    return tools.run_python(code)


def act(task):
    for name, arguments in brain.default().calls(task):
        arguments = json.loads(arguments)
        if name == "shell":
            tools.shell(arguments["command"])
        elif name == "read":
            tools.read(arguments["path"])
        elif name == "fetch":
            tools.fetch(arguments["url"])
        elif name == "wait":
            tools.wait(int(arguments["seconds"]))


def query(question):
    statement = brain.default().ask(question).content
    return tools.sql(statement)


def answer(question):
    return tools.show(brain.default().ask(question).content)


def page(question):
    return tools.page(brain.default().ask(question).content)
