"""Settings, cookies, parsers and expressions."""
import logging
import random
import re
import secrets
import subprocess
import xml.sax
import xml.sax.handler
import xml.etree.ElementTree

import flask
import lxml.etree
from flask import Flask, make_response, request, session

app = Flask(__name__)


def settings_open():
    app.config["SESSION_COOKIE_SECURE"] = False  # want: code/cookie-setting-off
    app.config.update(SESSION_COOKIE_HTTPONLY=False)  # want: code/cookie-setting-off
    app.config["WTF_CSRF_ENABLED"] = False  # want: code/forgery-protection-off


def settings_closed():
    app.config["SESSION_COOKIE_SECURE"] = True  # ok: on
    app.config.update(SESSION_COOKIE_HTTPONLY=True)  # ok: on
    app.config["WTF_CSRF_ENABLED"] = True  # ok: on


@app.route("/c1")
def cookie_open():
    r = make_response("x")
    r.set_cookie("theme", "dark", secure=False)  # want: code/cookie-without-secure
    return r


@app.route("/c2")
def cookie_closed():
    r = make_response("x")
    r.set_cookie("theme", "dark", secure=True)  # ok: secure
    return r


@app.route("/c3")
def cookie_guessable():
    r = make_response("x")
    r.set_cookie("remember", str(random.random())[2:], secure=True)  # want: code/predictable-session
    return r


@app.route("/c4")
def cookie_random():
    r = make_response("x")
    r.set_cookie("remember", secrets.token_urlsafe(), secure=True)  # ok: strong
    return r


@app.route("/c5")
def cookie_system_random():
    r = make_response("x")
    r.set_cookie("remember", str(random.SystemRandom().random()), secure=True)  # ok: the system's
    return r


@app.route("/x1")
def entities_on():
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, True)  # want: code/xml-external-entities-on
    return parser


@app.route("/x2")
def entities_off():
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, False)  # ok: off
    return parser


def lxml_entities_on():
    return lxml.etree.XMLParser(resolve_entities=True)  # want: code/xml-parser-entities


def lxml_entities_off():
    return lxml.etree.XMLParser(resolve_entities=False)  # ok: off


def lxml_network():
    return lxml.etree.XMLParser(no_network=False)  # want: code/xml-parser-network


@app.route("/x3")
def lxml_default():
    return {"n": len(lxml.etree.fromstring(request.data))}  # want: code/xml-external-entities


@app.route("/x4")
def lxml_parser():
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True)
    return {"n": len(lxml.etree.fromstring(request.data, parser))}  # ok: entities are off


@app.route("/x5")
def expansion():
    return {"n": len(xml.etree.ElementTree.fromstring(request.data))}  # want: code/xml-entity-expansion


@app.route("/x6")
def path_of_elements():
    tree = xml.etree.ElementTree.parse("users.xml")
    return {"n": len(tree.findall("./user[@name='" + request.args["name"] + "']"))}  # want: code/xpath-injection


@app.route("/x7")
def path_fixed():
    tree = xml.etree.ElementTree.parse("users.xml")
    names = [u.get("name") for u in tree.findall("./user")]  # ok: constant
    return str(request.args["name"] in names)


@app.route("/r1")
def slow_expression():
    return str(bool(re.match(r"^(\w+\s?)*$", request.args["q"])))  # want: code/catastrophic-regex, code/catastrophic-regex-constant


@app.route("/r2")
def fast_expression():
    return str(bool(re.match(r"^[\w\s]*$", request.args["q"])))  # ok: linear


def slow_constant(text):
    return re.compile(r"^([a-zA-Z0-9]+)*@example\.org$")  # want: code/catastrophic-regex-constant


def fast_constant(text):
    return re.compile(r"^([a-zA-Z0-9]+\.)*example\.org$")  # ok: a dot between the rounds


@app.route("/a1")
def option_of_git():
    subprocess.run(["git", "clone", request.args["url"], "/srv/checkout"])  # want: code/argument-injection
    return "ok"


@app.route("/a2")
def no_option_of_git():
    subprocess.run(["git", "clone", "--", request.args["url"], "/srv/checkout"])  # ok: no options after --
    return "ok"


@app.route("/a3")
def value_of_option():
    subprocess.run(["git", "log", "--author=" + request.args["who"]])  # ok: part of an option
    return "ok"


@app.route("/a4")
def harmless_program():
    subprocess.run(["sha256sum", request.args["name"]])  # ok: no dangerous options known
    return "ok"


@app.route("/a5")
def shell_in_list():
    subprocess.run(["bash", "-c", "ls " + request.args["name"]])  # want: code/command-injection
    return "ok"


@app.route("/a6")
def file_of_shell():
    subprocess.run(["bash", "list.sh", str(int(request.args["n"]))])  # ok: a number
    return "ok"


def named_secret(user, password):
    logging.info(f"login of {user} with {password}")  # want: code/secret-logged-by-name


def named_user(user, password):
    logging.info(f"login of {user} with {len(password)} characters")  # ok: the length
