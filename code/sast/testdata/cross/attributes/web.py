from flask import Flask, request

from jobs import Job, Queue
from settings import Settings

app = Flask(__name__)
queue = Queue()


@app.post("/job")
def job():
    Job(request.form["cmd"], "label").run()  # the command is used, the label is not
    return ""


@app.post("/job2")
def job_label():
    Job("ls", request.form["label"]).run()  # ok: the label is only kept
    return ""


@app.post("/job3")
def job_later():
    j = Job("ls", "x")
    j.path = request.form["path"]
    j.clean()
    return ""


@app.post("/job4")
def job_nested():
    j = Job("ls", "x")
    j.options = {"query": request.form["q"], "limit": "3"}
    j.search()
    return ""


@app.post("/job5")
def job_items():
    queue.add(request.form["expr"])
    return ""


@app.post("/job6")
def job_property():
    s = Settings(request.form["host"])
    s.connect()
    return ""


@app.post("/job7")
def job_number():
    Job("sleep %d" % int(request.form["n"]), "x").run()  # ok: a number
    return ""
