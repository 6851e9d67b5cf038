import click
from flask import Flask, request

import middle
from middle import Context, chain, first_of, pairs, pick, stream, unpacked

app = Flask(__name__)


@app.post("/1")
def one():
    for line in stream(request.form["text"]):
        middle.run(line)
    return ""


@app.post("/2")
def two():
    first, second = pairs(request.form["a"], "b")
    middle.evaluate(first)
    middle.harmless(second)
    return ""


@app.post("/3")
def three():
    middle.remove(pick({"path": request.form["p"], "mode": "x"}))
    return ""


@app.post("/4")
def four():
    with Context(request.form["sql"]) as c:
        c.query()
    return ""


@app.post("/5")
def five():
    unpacked(*[request.form["u"], 3])
    return ""


@app.post("/6")
def six():
    unpacked(**{"url": request.form["u"], "n": 3})
    return ""


@app.post("/7")
def seven():
    middle.load(first_of([request.form["m"]]))
    return ""


@app.post("/8")
def eight():
    chain(request.form["t"]).strip().render()
    return ""


@app.post("/9")
def nine():
    middle.redirect_later(request.form.get("next") or "/")
    return middle.go()


@app.post("/11")
def eleven():
    middle.Sender(request.form["to"]).send("hello")
    return ""


@app.post("/12")
def twelve():
    for handler in middle.handlers():
        handler(request.form["plugin"])
    return ""


@app.post("/13")
def thirteen():
    (a, [b, c]) = middle.nested(request.form["file"])
    middle.write(c)
    middle.write("/srv/" + a)
    return ""


@app.post("/14")
def fourteen():
    middle.pattern(text="x", expr=request.form["expr"])
    return ""


@app.post("/10")
def ten():
    middle.run(str(len(request.form["text"])))  # ok: a number
    return ""
