import importlib
import os
import pickle
import re
import smtplib
import sqlite3

import requests
from flask import redirect
from jinja2 import Environment


def run(cmd):
    os.system(cmd)  # want: code/command-injection


def evaluate(expr):
    eval(expr)  # want: code/code-injection


def evaluate_constant(expr):
    eval(expr)  # ok: only a constant comes here


def remove(path):
    os.rmdir(path)  # want: code/path-traversal


def query(sql):
    sqlite3.connect("x").execute(sql)  # want: code/sql-injection


def fetch(url, n):
    return requests.get(url, timeout=n)  # want: code/server-side-request-forgery


def load(data):
    return pickle.loads(data)  # want: code/pickle-load, code/unsafe-deserialization


def render(text):
    return Environment(autoescape=True).from_string(text).render()  # want: code/template-injection


def go(url):
    return redirect(url)  # want: code/open-redirect


def send(to, text):
    smtplib.SMTP("localhost").sendmail("me@example.com", to, text)  # want: code/email-injection


def plugin(name):
    importlib.import_module(name)  # want: code/import-injection


def write(path):
    open(path, "w").close()  # want: code/path-traversal


def pattern(expr, text):
    return re.findall(expr, text)  # want: code/regex-denial
