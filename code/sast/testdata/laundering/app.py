"""Ways that data takes through helpers, containers, encodings and conditions, and their safe twins."""
import base64
import codecs
import configparser
import hashlib
import os
import pathlib
import pickle
import random
import secrets
import sqlite3
import subprocess
import urllib.parse

import elementpath
import flask
import ldap3
import lxml.etree
import xml.dom.minidom
import xml.dom.pulldom
import xml.etree.ElementTree
import xml.sax
import xml.sax.handler
import yaml
from flask import Flask, make_response, redirect, render_template, request, session

import helpers.tools
from helpers.tools import Wrapper, for_page, make_thing

app = Flask(__name__)
db = sqlite3.connect("app.db")


# ---- ways in
@app.route("/a1", methods=["POST"])
def a1():
    param = request.form.get("p")
    os.system("ls " + param)  # want: code/command-injection
    return "ok"


@app.route("/a2", methods=["POST"])
def a2():
    values = request.form.getlist("p")
    param = values[0] if values else ""
    os.system(f"ls {param}")  # want: code/command-injection
    return "ok"


@app.route("/a3")
def a3():
    param = urllib.parse.unquote_plus(request.cookies.get("c", "none"))
    os.popen("ls " + param)  # want: code/command-injection
    return "ok"


@app.route("/a4")
def a4():
    param = ""
    for name in request.form.keys():
        if "magic" in request.form.getlist(name):
            param = name
            break
    subprocess.run("ls " + param, shell=True)  # want: code/command-injection
    return "ok"


@app.route("/a5")
def a5():
    query = request.query_string.decode("utf-8")
    at = query.find("p=")
    if at == -1:
        return "missing"
    param = query[at + 2:]
    end = param.find("&")
    if end != -1:
        param = param[:end]
    param = urllib.parse.unquote_plus(param)
    subprocess.run(["sh", "-c", "ls " + param])  # want: code/command-injection
    return "ok"


@app.route("/a6/<path:rest>")
def a6(rest):
    os.system("ls " + rest.split("/")[-1])  # want: code/command-injection
    return "ok"


@app.route("/a7")
def a7():
    param = Wrapper(request).field("p")
    os.system("ls " + param)  # want: code/command-injection
    return "ok"


@app.route("/a8")
def a8():
    param = Wrapper(request).query("p")
    os.system("ls " + param)  # want: code/command-injection
    return "ok"


@app.route("/a9")
def a9():
    param = Wrapper(request).constant("p")
    os.system("ls " + param)  # ok: constant
    return "ok"


@app.route("/a10")
def a10():
    values = request.headers.getlist("X")
    param = values[0] if values else ""
    args = ["sh", "-c", f"echo {param}"]
    proc = subprocess.Popen(args, stdout=subprocess.PIPE)  # want: code/command-injection
    return "ok"


@app.route("/a11")
def a11():
    if not "X" in request.headers:
        return "no"
    param = request.headers["X"]
    args = []
    if os.name == "nt":
        args.append("cmd.exe")
        args.append("-c")
    else:
        args.append("sh")
        args.append("-c")
    args.append("ls " + param)
    subprocess.run(args)  # missed: code/command-injection: appended in a branch
    return "ok"


@app.route("/a12")
def a12():
    param = request.args.get("p")
    subprocess.run(["ls", param])  # ok: no shell
    return "ok"


# ---- on the way
@app.route("/b1")
def b1():
    param = request.args.get("p")
    conf = configparser.ConfigParser()
    conf.add_section("s")
    conf.set("s", "a", "constant")
    conf.set("s", "b", param)
    bar = conf.get("s", "a")
    os.system("ls " + bar)  # ok: other key
    return "ok"


@app.route("/b2")
def b2():
    param = request.args.get("p")
    conf = configparser.ConfigParser()
    conf.add_section("s")
    conf.set("s", "a", "constant")
    conf.set("s", "b", param)
    bar = conf.get("s", "b")
    os.system("ls " + bar)  # want: code/command-injection
    return "ok"


@app.route("/b3")
def b3():
    param = request.args.get("p")
    d = {}
    d["a"] = "constant"
    d["b"] = param
    d["c"] = "other"
    bar = d["b"]
    bar = d["a"]
    os.system("ls " + bar)  # ok: other key
    return "ok"


@app.route("/b4")
def b4():
    param = request.args.get("p")
    d = {}
    d["a"] = "constant"
    d["b"] = param
    bar = d["a"]
    bar = d["b"]
    os.system("ls " + bar)  # want: code/command-injection
    return "ok"


@app.route("/b5")
def b5():
    param = request.args.get("p")
    items = []
    items.append("safe")
    items.append(param)
    items.append("more")
    items.pop(0)
    bar = items[0]
    os.system("ls " + bar)  # want: code/command-injection
    return "ok"


@app.route("/b6")
def b6():
    param = request.args.get("p")
    items = []
    items.append("safe")
    items.append(param)
    items.append("more")
    items.pop(0)
    bar = items[1]
    os.system("ls " + bar)  # ok: the list has moved
    return "ok"


@app.route("/b7")
def b7():
    param = request.args.get("p")
    num = 106
    bar = "constant" if 7 * 18 + num > 200 else param
    os.system("ls " + bar)  # ok: always the constant
    return "ok"


@app.route("/b8")
def b8():
    param = request.args.get("p")
    num = 86
    if 7 * 42 - num > 200:
        bar = "constant"
    else:
        bar = param
    os.system("ls " + bar)  # ok: always the constant
    return "ok"


@app.route("/b9")
def b9():
    param = request.args.get("p")
    num = 196
    if (500 / 42) + num > 200:
        bar = param
    else:
        bar = "never"
    os.system("ls " + bar)  # want: code/command-injection
    return "ok"


@app.route("/b10")
def b10():
    param = request.args.get("p")
    possible = "ABC"
    guess = possible[1]
    match guess:
        case "A":
            bar = param
        case "B":
            bar = "bob"
        case "C" | "D":
            bar = param
        case _:
            bar = "uncle"
    os.system("ls " + bar)  # ok: always bob
    return "ok"


@app.route("/b11")
def b11():
    param = request.args.get("p")
    possible = "ABC"
    guess = possible[0]
    match guess:
        case "A":
            bar = param
        case "B":
            bar = "bob"
        case _:
            bar = "uncle"
    os.system("ls " + bar)  # want: code/command-injection
    return "ok"


@app.route("/b12")
def b12():
    param = request.args.get("p")
    tmp = base64.b64encode(param.encode("utf-8"))
    bar = base64.b64decode(tmp).decode("utf-8")
    os.system("ls " + bar)  # want: code/command-injection
    return "ok"


@app.route("/b13")
def b13():
    param = request.args.get("p")
    thing = make_thing()
    bar = thing.do(param)
    os.system("ls " + bar)  # want: code/command-injection
    return "ok"


@app.route("/b14")
def b14():
    param = request.args.get("p")
    thing = make_thing("boxed")
    bar = thing.do(param)
    os.system("ls " + bar)  # want: code/command-injection
    return "ok"


@app.route("/b15")
def b15():
    param = request.args.get("p")
    super_string = "123456" + param + "abcd"
    bar = super_string[len("123456"):len(super_string) - 5]
    os.system("ls " + bar)  # want: code/command-injection
    return "ok"


@app.route("/b16")
def b16():
    param = request.args.get("p")
    bar = ""
    if param:
        bar = param.split(" ")[0]
    os.system("ls " + bar)  # want: code/command-injection
    return "ok"


@app.route("/b17")
def b17():
    param = request.args.get("p")
    bar = "This should never happen"
    if "should" in bar:
        bar = param
    os.system("ls " + bar)  # want: code/command-injection
    return "ok"


@app.route("/b18")
def b18():
    param = request.args.get("p")
    bar = "" if not "a" in "b" else param
    os.system("ls " + bar)  # ok: never
    return "ok"


@app.route("/b19")
def b19():
    param = request.args.get("p")
    s = f"x{param}y"
    parts = [s, "b"]
    first, second = parts
    os.system("ls " + second)  # ok: constant
    os.system("ls " + first)  # want: code/command-injection
    return "ok"


@app.route("/b20")
def b20():
    param = request.args.get("p")

    def inner(v):
        return v.replace("x", "y")

    os.system("ls " + inner(param))  # want: code/command-injection
    return "ok"


# ---- files
@app.route("/c1")
def c1():
    bar = request.args.get("p")
    name = None
    fd = None
    try:
        name = f"{helpers.tools.ROOT}/{bar}"
        fd = open(name, "rb")  # want: code/path-traversal
        return for_page(fd.read().decode())
    except IOError as e:
        return "Problem with " + for_page(name)
    finally:
        if fd is not None:
            fd.close()


@app.route("/c2")
def c2():
    bar = request.args.get("p")
    with codecs.open(f"{helpers.tools.ROOT}/{bar}", "w", "utf-8") as f:  # want: code/path-traversal
        f.write("x")
    return "ok"


@app.route("/c3")
def c3():
    bar = request.args.get("p")
    folder = pathlib.Path(helpers.tools.ROOT)
    p = (folder / bar).resolve()
    if not str(p).startswith(str(folder)):
        return "no"
    return for_page(p.read_text()[:1000])  # ok: below the folder


@app.route("/c4")
def c4():
    bar = request.args.get("p")
    folder = pathlib.Path(helpers.tools.ROOT)
    p = folder / bar
    if p.exists():
        return for_page(p.read_text()[:1000])  # want: code/path-traversal
    return "no"


@app.route("/c5")
def c5():
    bar = request.args.get("p")
    name = f"{helpers.tools.ROOT}/{bar}"
    if "../" in bar:
        return "no"
    with open(name) as f:  # want: code/path-traversal
        return for_page(f.read())


@app.route("/c6")
def c6():
    bar = request.args.get("p")
    fd = os.open(f"{helpers.tools.ROOT}/{bar}", os.O_RDONLY)  # want: code/path-traversal
    return for_page(os.read(fd, 100))


@app.route("/c7")
def c7():
    bar = request.args.get("p")
    if os.path.exists(f"{helpers.tools.ROOT}/{bar}"):
        return "there"
    return "not"


# ---- pages
@app.route("/d1")
def d1():
    response = ""
    param = request.args.get("p")
    response += f"Hello {param}"
    return response  # want: code/cross-site-scripting


@app.route("/d2")
def d2():
    response = ""
    param = request.args.get("p")
    response += f"Hello {for_page(param)}"
    return response  # ok: escaped


@app.route("/d3")
def d3():
    param = request.args.get("p")
    d = {"bar": param, "other": "x"}
    return "bar is {0[bar]} and other {0[other]}".format(d)  # want: code/cross-site-scripting


@app.route("/d4")
def d4():
    param = request.args.get("p")
    return render_template("t.html", bar=param)  # ok: escaped by the template


@app.route("/d5")
def d5():
    return d5_post()


def d5_post():
    out = make_response()
    param = request.args.get("p")
    out.data = "<p>" + param + "</p>"  # want: code/cross-site-scripting
    return out


@app.route("/d6")
def d6():
    param = request.args.get("p")
    try:
        open("/srv/x")
    except OSError as e:
        return f"Could not: {param}"  # want: code/cross-site-scripting
    return "ok"


@app.route("/d7")
def d7():
    param = request.args.get("p")
    otherarg = "static text"
    return "bar is '{0}' and otherarg is '{1}'".format(param, otherarg)  # want: code/cross-site-scripting


@app.route("/d8")
def d8():
    param = request.args.get("p")
    return "bar is %s and %s" % (param, "x")  # want: code/cross-site-scripting


# ---- databases
@app.route("/e1")
def e1():
    bar = request.args.get("p")
    sql = f"SELECT username from USERS where password = '{bar}'"
    con = sqlite3.connect("x.db")
    cur = con.cursor()
    cur.execute(sql)  # want: code/sql-injection
    return for_page(cur.fetchone())


@app.route("/e2")
def e2():
    bar = request.args.get("p")
    sql = "SELECT username from USERS where password = ?"
    cur = sqlite3.connect("x.db").cursor()
    cur.execute(sql, (bar,))  # ok: parameter
    return for_page(cur.fetchone())


@app.route("/e3")
def e3():
    bar = request.args.get("p")
    cur = helpers_db().cursor()
    cur.executescript(f"INSERT INTO users VALUES ('{bar}')")  # want: code/sql-injection
    return "ok"


def helpers_db():
    return sqlite3.connect(":memory:")


# ---- code
@app.route("/f1")
def f1():
    bar = request.args.get("p")
    try:
        exec(bar)  # want: code/code-injection
    except Exception:
        pass
    return "ok"


@app.route("/f2")
def f2():
    bar = request.args.get("p")
    if not bar.startswith("'") or not bar.endswith("'") or "'" in bar[1:-1]:
        return "Exec argument must be a plain string literal."
    return for_page(eval(bar))  # ok: a literal without quotes inside


# ---- LDAP
@app.route("/g1")
def g1():
    bar = request.args.get("p")
    conn = ldap3.Connection(ldap3.Server("localhost"), auto_bind=True)
    conn.search("ou=users", f"(&(objectclass=person)(uid={bar}))", attributes=["uid"])  # want: code/ldap-injection
    return for_page(conn.entries)


@app.route("/g2")
def g2():
    bar = request.args.get("p")
    conn = ldap3.Connection(ldap3.Server("localhost"), auto_bind=True)
    bar = ldap3.utils.conv.escape_filter_chars(bar)
    conn.search("ou=users", f"(uid={bar})")  # ok: escaped
    return "ok"


# ---- XPath
@app.route("/h1")
def h1():
    bar = request.args.get("p")
    root = lxml.etree.parse("employees.xml")
    query = f"/Employees/Employee[@emplid='{bar}']"
    nodes = root.xpath(query)  # want: code/xpath-injection
    return for_page(nodes)


@app.route("/h2")
def h2():
    bar = request.args.get("p")
    root = lxml.etree.parse("employees.xml")
    nodes = root.xpath("/Employees/Employee[@emplid=$name]", name=bar)  # ok: variable
    return for_page(nodes)


@app.route("/h3")
def h3():
    bar = request.args.get("p")
    root = xml.etree.ElementTree.parse("employees.xml")
    nodes = elementpath.select(root, f"/Employees/Employee[@emplid='{bar}']")  # want: code/xpath-injection
    return for_page(nodes)


@app.route("/h4")
def h4():
    bar = request.args.get("p")
    root = lxml.etree.parse("employees.xml")
    if "'" in bar:
        return "no"
    nodes = root.xpath(f"/Employees/Employee[@emplid='{bar}']")  # ok: no quote
    return for_page(nodes)


@app.route("/h5")
def h5():
    bar = request.args.get("p")
    bar = bar.replace("'", "&apos;")
    root = lxml.etree.parse("employees.xml")
    nodes = root.xpath(f"/Employees/Employee[@emplid='{bar}']")  # ok: no quote
    return for_page(nodes)


# ---- XML
@app.route("/i1")
def i1():
    bar = request.args.get("p")
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, True)  # want: code/xml-external-entities-on
    doc = xml.dom.minidom.parseString(bar, parser)  # want: code/xml-entity-expansion
    return for_page(doc.toxml())


@app.route("/i2")
def i2():
    bar = request.args.get("p")
    parser = xml.sax.make_parser()
    doc = xml.dom.minidom.parseString(bar, parser)  # want: code/xml-entity-expansion
    return for_page(doc.toxml())


@app.route("/i3")
def i3():
    bar = request.args.get("p")
    parser = lxml.etree.XMLParser(resolve_entities=True)  # want: code/xml-parser-entities
    doc = lxml.etree.fromstring(bar, parser)
    return for_page(doc.text)


@app.route("/i4")
def i4():
    bar = request.args.get("p")
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True)
    doc = lxml.etree.fromstring(bar, parser)  # ok: off
    return for_page(doc.text)


@app.route("/i5")
def i5():
    bar = request.args.get("p")
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, True)  # want: code/xml-external-entities-on
    doc = xml.dom.pulldom.parseString(bar, parser)  # want: code/xml-entity-expansion
    for event, node in doc:
        pass
    return "ok"


@app.route("/i6")
def i6():
    bar = request.args.get("p")
    doc = lxml.etree.fromstring(bar)  # want: code/xml-external-entities
    return for_page(doc.text)


# ---- redirect
@app.route("/j1")
def j1():
    bar = request.args.get("p")
    return redirect(bar)  # want: code/open-redirect


@app.route("/j2")
def j2():
    bar = request.args.get("p")
    try:
        url = urllib.parse.urlparse(bar)
        if url.netloc not in ["google.com"] or url.scheme != "https":
            return "Invalid URL."
    except ValueError:
        return "Error parsing URL."
    return redirect(bar)  # ok: allowed hosts


# ---- hashes and numbers
@app.route("/k1")
def k1():
    bar = request.args.get("p")
    h = hashlib.md5()  # want: code/weak-hash
    h.update(bar.encode())
    return for_page(h.hexdigest())


@app.route("/k2")
def k2():
    h = hashlib.new("sha1")  # want: code/weak-hash-by-name
    h.update(b"x")
    return for_page(h.hexdigest())


@app.route("/k3")
def k3():
    h = hashlib.sha512()  # ok: strong
    h.update(b"x")
    return for_page(h.hexdigest())


@app.route("/k4")
def k4():
    value = str(random.random())[2:]
    session["remember"] = value  # want: code/predictable-session
    return "ok"


@app.route("/k5")
def k5():
    value = str(random.SystemRandom().random())[2:]  # ok: strong
    session["remember"] = value
    return "ok"


@app.route("/k6")
def k6():
    value = str(random.randint(0, 2 ** 32))
    r = make_response("x")
    r.set_cookie("remember", value, secure=True, httponly=True)  # want: code/predictable-session
    return r


@app.route("/k7")
def k7():
    value = secrets.token_hex(16)  # ok: strong
    r = make_response("x")
    r.set_cookie("remember", value, secure=True, httponly=True)
    return r


# ---- cookies, session
@app.route("/l1")
def l1():
    r = make_response("x")
    r.set_cookie("some", "value", path="/", secure=False, httponly=True)  # want: code/cookie-without-secure
    return r


@app.route("/l2")
def l2():
    r = make_response("x")
    r.set_cookie("some", "value", path="/", secure=True, httponly=True)  # ok: secure
    return r


@app.route("/l3")
def l3():
    bar = request.args.get("p")
    flask.session["userid"] = bar  # want: code/trust-boundary
    return "ok"


@app.route("/l4")
def l4():
    bar = request.args.get("p")
    flask.session[bar] = "10340"  # want: code/trust-boundary
    return "ok"


@app.route("/l5")
def l5():
    bar = "fixed"
    flask.session["userid"] = bar  # ok: constant
    return "ok"


# ---- formats
@app.route("/m1")
def m1():
    bar = request.args.get("p")
    o = pickle.loads(base64.urlsafe_b64decode(bar))  # want: code/pickle-load, code/unsafe-deserialization
    return "ok"


@app.route("/m2")
def m2():
    bar = request.args.get("p")
    o = yaml.load(bar, Loader=yaml.Loader)  # want: code/unsafe-deserialization, code/yaml-unsafe-loader
    return "ok"


@app.route("/m3")
def m3():
    bar = request.args.get("p")
    o = yaml.safe_load(bar)  # ok: no objects
    return "ok"


@app.route("/m4")
def m4():
    bar = request.args.get("p")
    with open("safe.pkl", "wb") as f:
        pickle.dump(bar, f)
    with open("safe.pkl", "rb") as f:
        o = pickle.load(f)  # want: code/pickle-load
    return "ok"
