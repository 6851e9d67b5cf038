import html
import os
import pickle
import re
import shlex
import sqlite3
import subprocess
import tarfile
import uuid
from pathlib import Path
from urllib.parse import quote

import requests
import yaml
from flask import Blueprint, Flask, abort, jsonify, make_response, redirect, render_template, render_template_string, request, send_file, url_for
from jinja2 import Environment, Template
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape
from werkzeug.utils import secure_filename

app = Flask(__name__)
bp = Blueprint("b", __name__)
ROOT = Path("/srv/files")
HOMES = {"home": "/", "help": "/help"}


@app.route("/ping")
def ping():
    os.system("ping -c1 " + request.args["host"])  # want: code/command-injection
    return "ok"


@app.route("/ping2")
def ping_quoted():
    os.system("ping -c1 " + shlex.quote(request.args["host"]))  # ok: quoted
    return "ok"


@app.route("/ping3")
def ping_list():
    subprocess.run(["ping", "-c1", request.args["host"]])  # ok: no shell
    return "ok"


@app.route("/run")
def run_program():
    subprocess.run([request.form["program"], "-v"])  # want: code/command-injection
    return "ok"


@app.route("/shell")
def run_shell():
    cmd = request.get_json()["cmd"]
    subprocess.Popen(cmd, shell=True)  # want: code/command-injection
    return "ok"


@app.route("/count")
def count():
    n = int(request.args["n"])  # ok: a number
    os.system(f"seq {n}")
    return "ok"


@app.route("/calc")
def calc():
    return str(eval(request.values["e"]))  # want: code/code-injection


@app.route("/user/<name>")
def user_sql(name):
    db = sqlite3.connect("x.db")
    db.execute("SELECT * FROM u WHERE name = '%s'" % name)  # want: code/sql-injection
    return "ok"


@app.route("/user2/<name>")
def user_parameter(name):
    db = sqlite3.connect("x.db")
    db.execute("SELECT * FROM u WHERE name = ?", (name,))  # ok: a parameter
    return "ok"


@app.route("/user3/<int:n>")
def user_number(n: int):
    db = sqlite3.connect("x.db")
    db.execute(f"SELECT * FROM u WHERE id = {n}")  # ok: the annotation says int
    return "ok"


@app.route("/order")
def order_column():
    column = request.args["by"]
    if column not in ("name", "age"):
        abort(400)
    sqlite3.connect("x.db").execute(f"SELECT * FROM u ORDER BY {column}")  # ok: allowlist
    return "ok"


@app.route("/order2")
def order_any():
    column = request.args["by"]
    if column == "":
        abort(400)
    sqlite3.connect("x.db").execute(f"SELECT * FROM u ORDER BY {column}")  # want: code/sql-injection
    return "ok"


@app.route("/hello")
def hello():
    return f"<h1>Hello {request.args['name']}</h1>"  # want: code/cross-site-scripting


@app.route("/hello2")
def hello_escaped():
    return f"<h1>Hello {escape(request.args['name'])}</h1>"  # ok: escaped


@app.route("/hello3")
def hello_html_escape():
    return "<h1>" + html.escape(request.args["name"]) + "</h1>"  # ok: escaped


@app.route("/hello4")
def hello_template():
    return render_template("hello.html", name=request.args["name"])  # ok: a file that escapes


@app.route("/hello5")
def hello_source():
    return render_template_string("Hello " + request.args["name"])  # want: code/template-injection


@app.route("/hello6")
def hello_variable():
    return render_template_string("Hello {{ name }}", name=request.args["name"])  # ok: a variable


@app.route("/jinja")
def jinja_source():
    return Template(request.form["t"]).render()  # want: code/template-injection


@app.route("/jinja2")
def jinja_from_string():
    return Environment(autoescape=True).from_string(request.form["t"]).render()  # want: code/template-injection


@app.route("/jinja3")
def jinja_sandbox():
    return SandboxedEnvironment().from_string(request.form["t"]).render()  # ok: sandboxed


@app.route("/markup")
def markup():
    return render_template("x.html", body=Markup(request.form["body"]))  # want: code/cross-site-scripting


@app.route("/markup2")
def markup_constant():
    return render_template("x.html", body=Markup("<b>bold</b>"))  # ok: a constant


@app.route("/api")
def api():
    return jsonify(name=request.args["name"])  # ok: JSON


@app.route("/dict")
def api_dict():
    return {"name": request.args["name"]}  # ok: becomes JSON


@app.route("/response")
def response_html():
    return make_response("<p>" + request.args["q"])  # want: code/cross-site-scripting


@app.route("/file")
def file_any():
    return send_file("files/" + request.args["f"])  # want: code/path-traversal


@app.route("/file2")
def file_secure():
    return send_file("files/" + secure_filename(request.args["f"]))  # ok: one name


@app.route("/file3")
def file_checked():
    path = (ROOT / request.args["f"]).resolve()
    if not path.is_relative_to(ROOT):
        abort(404)
    return path.read_text()  # ok: stays below the folder


@app.route("/file4")
def file_unchecked():
    path = (ROOT / request.args["f"]).resolve()
    return {"text": path.read_text()}  # want: code/path-traversal


@app.route("/file5")
def file_basename():
    with open(os.path.join("/srv", os.path.basename(request.args["f"]))) as f:  # ok: the last part only
        return {"text": f.read()}


@app.route("/file6")
def file_open():
    with open(os.path.join("/srv", request.args["f"])) as f:  # want: code/path-traversal
        return {"text": f.read()}


@app.route("/upload", methods=["POST"])
def upload_any():
    f = request.files["f"]
    f.save(os.path.join("/srv", f.filename))  # want: code/path-traversal
    open(os.path.join("/srv", f.filename), "wb")  # want: code/path-traversal
    return "ok"


@app.route("/upload2", methods=["POST"])
def upload_named():
    f = request.files["f"]
    f.save("/srv/" + str(uuid.uuid4()))  # ok: a name of our own
    return "ok"


@app.route("/model", methods=["POST"])
def upload_pickle():
    return {"n": len(pickle.loads(request.data))}  # want: code/pickle-load, code/unsafe-deserialization


@app.route("/model2", methods=["POST"])
def upload_yaml():
    return {"n": len(yaml.safe_load(request.data))}  # ok: no tags


@app.route("/model3", methods=["POST"])
def upload_archive():
    tarfile.open(fileobj=request.files["f"].stream).extractall("models")  # want: code/archive-traversal
    return "ok"


@app.route("/model4", methods=["POST"])
def upload_archive_filter():
    tarfile.open(fileobj=request.files["f"].stream).extractall("models", filter="data")  # ok: filtered
    return "ok"


@app.route("/go")
def go():
    return redirect(request.args["next"])  # want: code/open-redirect


@app.route("/go2")
def go_named():
    return redirect(url_for("hello", name=request.args["n"]))  # ok: our own route


@app.route("/go3")
def go_table():
    return redirect(HOMES.get(request.args["n"], "/"))  # ok: a table


@app.route("/go4")
def go_local():
    return redirect("/items/" + request.args["n"])  # ok: stays on this host


@app.route("/fetch")
def fetch():
    return {"n": len(requests.get(request.args["url"], timeout=5).content)}  # want: code/server-side-request-forgery


@app.route("/fetch2")
def fetch_fixed():
    return {"n": len(requests.get("https://api.example.com/" + quote(request.args["id"]), timeout=5).content)}  # ok: fixed host


@app.route("/fetch3")
def fetch_host():
    return {"n": len(requests.get(f"https://{request.args['host']}/x", timeout=5).content)}  # want: code/server-side-request-forgery


@app.route("/find")
def find():
    return {"n": bool(re.search(request.args["q"], "text"))}  # want: code/regex-denial


@app.route("/find2")
def find_escaped():
    return {"n": bool(re.search(re.escape(request.args["q"]), "text"))}  # ok: escaped


@app.route("/cookie")
def cookie():
    r = make_response("ok")
    r.set_cookie("theme", "dark")  # ok: a constant
    return r


@bp.route("/x/<path:p>")
def blueprint_path(p):
    os.remove(p)  # want: code/path-traversal
    return "ok"


@app.post("/lookup")
def lookup_table():
    cmd = {"a": "ls", "b": "df"}[request.form["c"]]
    os.system(cmd)  # ok: one of two constants
    return "ok"


@app.post("/digits")
def digits_only():
    pid = request.form["pid"]
    if not pid.isdigit():
        return "no"
    os.system("kill " + pid)  # ok: digits
    return "ok"


@app.post("/fullmatch")
def fullmatch_only():
    name = request.form["name"]
    if not re.fullmatch(r"[a-z]{1,20}", name):
        return "no"
    os.system("id " + name)  # ok: letters
    return "ok"


@app.post("/match")
def match_beginning():
    name = request.form["name"]
    if not re.match(r"[a-z]+", name):
        return "no"
    os.system("id " + name)  # want: code/command-injection
    return "ok"


@app.post("/greet")
def greet():
    return {"t": request.form["greeting"].format(app=app)}  # want: code/format-string unsure


@app.post("/greet2")
def greet_argument():
    return {"t": "Hello {}".format(request.form["name"])}  # ok: an argument


def validate_name(name):
    if os.sep in name or name.startswith("."):
        raise ValueError(name)


def sanitize_path(path):
    return path.replace("..", "")


@app.get("/report")
def report_validated():
    name = request.args["name"]
    validate_name(name)
    return send_file("/srv/" + name)  # want: code/path-traversal unsure


@app.get("/report2")
def report_sanitized():
    path = sanitize_path(request.args["path"])
    return send_file("/srv/" + path)  # want: code/path-traversal unsure


def is_in(path, root):
    return os.path.relpath(path, root)[:2] != ".."


@app.get("/report3")
def report_guarded():
    path = os.path.join("/srv", request.args["path"])
    if not is_in(path, "/srv"):
        abort(404)
    return send_file(path)  # want: code/path-traversal unsure


@app.route("/yaml-tags", methods=["POST"])
def yaml_tags():
    return jsonify(yaml.unsafe_load(request.data))  # want: code/unsafe-deserialization, code/yaml-unsafe-load


@app.route("/yaml-plain", methods=["POST"])
def yaml_plain():
    return yaml.safe_load(request.data)["name"] == "x"  # ok: without tags
