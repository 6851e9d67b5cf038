import handlers
from bus import Bus, apply_all, dispatch, each, later, retry
from flask import Flask, request

app = Flask(__name__)
bus = Bus()


@app.post("/a")
def a():
    retry(handlers.run, request.form["cmd"])
    return ""


@app.post("/b")
def b():
    dispatch("remove", request.form["path"])
    return ""


@app.post("/c")
def c():
    apply_all(handlers.evaluate, request.form["e"])
    return ""


@app.post("/d")
def d():
    each(lambda x: handlers.load(x), request.form["data"])
    return ""


@app.post("/e")
def e():
    later(handlers.fetch, url=request.form["u"])
    return ""


@app.post("/f")
def f():
    retry(handlers.count, request.form["text"])  # ok: only counted
    return ""


@app.post("/g")
def g():
    retry(str.upper, request.form["text"])  # ok: only text
    return ""
