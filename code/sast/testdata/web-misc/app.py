import smtplib
import time

from flask import Flask, Response, request
from flask_sqlalchemy import SQLAlchemy

from .models import Item

app = Flask(__name__)
db = SQLAlchemy(app)


class Row(db.Model):
    id = db.Column(db.Integer)
    name = db.Column(db.String)


@app.post("/cookie")
def role_cookie():
    r = Response("ok")
    r.set_cookie("role", request.form["role"])  # want: code/cookie-injection
    return r


@app.post("/mail")
def mail():
    s = smtplib.SMTP("localhost")
    s.sendmail("me@example.com", request.form["to"], "hello")  # want: code/email-injection
    return ""


@app.post("/mail2")
def mail_fixed():
    s = smtplib.SMTP("localhost")
    s.sendmail("me@example.com", "you@example.com", "hello")  # ok: a fixed receiver
    return ""


@app.post("/sleep")
def sleep():
    time.sleep(request.json["n"])  # want: code/unbounded-consumption
    return ""


@app.post("/new")
def new_object():
    Item.objects.create(**request.json)  # want: code/mass-assignment
    return ""


@app.post("/new2")
def new_object_fields():
    Item.objects.create(name=request.json["name"])  # ok: named fields
    return ""


@app.post("/new3")
def new_row():
    db.session.add(Row(**request.get_json()))  # want: code/mass-assignment
    return ""


@app.post("/new4")
def new_row_fields():
    db.session.add(Row(name=request.get_json()["name"]))  # ok: named fields
    return ""
