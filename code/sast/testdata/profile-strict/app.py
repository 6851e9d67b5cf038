import logging

import requests
from flask import Flask, request

app = Flask(__name__)


@app.post("/log")
def log():
    logging.info("user %s", request.form["user"])  # want: code/log-injection
    return ""


@app.post("/log2")
def log_quoted():
    logging.info("user %s", repr(request.form["user"]))  # ok: quoted
    return ""


def no_timeout():
    return requests.get("https://example.com")  # want: code/no-timeout


def timeout_off():
    return requests.get("https://example.com", timeout=None)  # want: code/no-timeout-none


def timeout():
    return requests.get("https://example.com", timeout=3)  # ok: ends
