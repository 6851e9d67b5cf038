import facade as api
from facade import lookup
from flask import Flask, request

app = Flask(__name__)


@app.get("/1")
def one():
    api.status(request.args["c"])
    api.listing(request.args["c"])
    return ""


@app.get("/2")
def two():
    lookup(request.args["n"])
    api.lookup_bound(request.args["n"])
    return ""


@app.get("/3")
def three():
    api.fetch(request.args["u"])
    api.fetch_item(request.args["i"])
    return ""


@app.get("/4")
def four():
    return {"text": api.text(request.args["f"])}
