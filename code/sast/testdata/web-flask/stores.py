"""What is put into sessions, headers and answers."""
import os

import flask
from flask import Flask, make_response, request, session

app = Flask(__name__)


@app.route("/s1")
def session_value():
    session["role"] = request.args["role"]  # want: code/trust-boundary
    return "ok"


@app.route("/s2")
def session_key():
    flask.session[request.args["k"]] = "10340"  # want: code/trust-boundary
    return "ok"


@app.route("/s3")
def session_own():
    session["role"] = "reader"  # ok: a constant
    return "ok"


@app.route("/s4")
def session_number():
    session["n"] = int(request.args["n"])  # ok: a number
    return "ok"


@app.route("/s5")
def header_value():
    r = make_response("x")
    r.headers["X-User"] = request.args["user"]  # want: code/header-injection
    return r


@app.route("/s6")
def header_own():
    r = make_response("x")
    r.headers["X-Frame-Options"] = "DENY"  # ok: a constant
    return r


@app.route("/s7")
def answer_data():
    r = make_response()
    r.data = "<p>" + request.args["p"] + "</p>"  # want: code/cross-site-scripting
    return r


@app.route("/s8")
def function_by_name():
    getattr(os, request.args["do"])("x")  # want: code/reflection
    return "ok"


@app.route("/s9")
def attribute_by_name():
    return {"v": len(str(getattr(session, request.args["k"])))}  # ok: no module
