package pyflow

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/python"
)

// testSpec knows a source, two sinks, a cleaner and a few frameworks.
func testSpec() *Spec {
	shell := Sink{Kind: 0, Arg: Arg{Pos: 0, Name: "cmd"}, Rule: "shell"}
	return &Spec{
		Kinds: []string{"shell", "sql", "ssrf", "redirect", "html"},
		Calls: map[string]*Call{
			"input":            {Source: "user"},
			"os.system":        {Sinks: []Sink{shell}},
			"shlex.quote":      {Clean: 1},
			"requests.get":     {Sinks: []Sink{{Kind: 2, Arg: Arg{Pos: 0, Name: "url"}, Rule: "ssrf", When: []Condition{{Host: true}}}}},
			"subprocess.run":   {Sinks: []Sink{{Kind: 0, Arg: Arg{Pos: 0, Name: "args"}, Rule: "shell", When: []Condition{{Arg: Arg{Pos: -1, Name: "shell"}, Is: "True"}}}, {Kind: 0, Arg: Arg{Pos: 0, Name: "args", Key: "[0]"}, Rule: "shell", When: []Condition{{Arg: Arg{Pos: -1, Name: "shell"}, Not: "True"}}}}},
			"helper.checked":   {Check: AllKinds},
			"client.Chat.send": {Source: "model"},
			"hooks.on_message": {Feeds: []Feed{{Arg: Arg{Pos: 0}, Kind: "user"}}},
		},
		Methods: map[string]*Call{".execute": {Sinks: []Sink{{Kind: 1, Arg: Arg{Pos: 0}, Rule: "sql"}}}},
		Reads:   map[string]string{"flask.request.args": "request", "django.http.HttpRequest.GET": "request", "sys.argv": "user"},
		Types:   map[string]string{"client.connect()": "client.Chat"},
		Params: map[string]*Params{
			"fastapi.FastAPI.get":     {Kind: "request", Clean: []string{"int"}, Except: []string{"fastapi.Depends"}},
			"flask.Flask.route":       {Kind: "request", Return: []Sink{{Kind: 4, Rule: "html", When: []Condition{{Built: true}}}}},
			"tornado.web.Handler.get": {Kind: "request"},
		},
		Named: map[string]string{"request": "django.http.HttpRequest"},
		Exits: map[string]bool{"sys.exit": true, "flask.abort": true},
	}
}

type collector struct{ flows []string }

func (c *collector) Flow(f Flow) {
	last := f.Steps[len(f.Steps)-1]
	c.flows = append(c.flows, fmt.Sprintf("%s:%d %s", last.File, last.Tree.Line(last.Node), f.Sink.Rule))
}
func (*collector) Call(Site) {}

// files splits a text of "== name" headers.
var header = regexp.MustCompile(`(?m)^== (\S+)\n`)

// TestFlows runs programs in which every line that ends in "# RULE" must be reported
// under that rule, and no other line.
func TestFlows(t *testing.T) {
	for name, text := range programs(t) {
		t.Run(name, func(t *testing.T) {
			var want []string
			c := &collector{}
			a := New(testSpec(), c)
			for file, src := range split(text) {
				for i, line := range strings.Split(src, "\n") {
					if _, rule, ok := strings.Cut(line, "# "); ok {
						for r := range strings.FieldsSeq(rule) {
							want = append(want, fmt.Sprintf("%s:%d %s", file, i+1, r))
						}
					}
				}
				tree := python.Parse([]byte(src))
				for _, e := range tree.Errors() {
					t.Errorf("%s:%d: %s", file, e.Line, e.Message)
				}
				a.Add(file, tree, file)
			}
			a.Run()
			slices.Sort(want)
			slices.Sort(c.flows)
			if d := cmp.Diff(want, slices.Compact(c.flows)); d != "" {
				t.Error(d)
			}
		})
	}
}

func split(text string) map[string]string {
	out := map[string]string{}
	at := header.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 {
		return map[string]string{"main.py": text}
	}
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		out[text[m[2]:m[3]]] = text[m[1]:end]
	}
	return out
}

// section begins a program in testdata/flows.
var section = regexp.MustCompile(`(?m)^=== (.+)\n`)

// programs are those of testdata/flows, and the first ones here. Where a file holds
// several, "=== name" begins each.
func programs(tb testing.TB) map[string]string {
	out := firstPrograms()
	files, err := filepath.Glob("testdata/flows/*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatal("no programs in testdata/flows", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		at := section.FindAllStringSubmatchIndex(string(b), -1)
		for i, m := range at {
			end := len(b)
			if i+1 < len(at) {
				end = at[i+1][0]
			}
			out[strings.TrimSuffix(filepath.Base(name), ".txt")+"/"+string(b[m[2]:m[3]])] = string(b[m[1]:end])
		}
	}
	return out
}

func firstPrograms() map[string]string {
	return map[string]string{
		"direct": `
import os
os.system(input())  # shell
os.system("ls")
x = input()
os.system("ls " + x)  # shell
os.system(f"ls {x}")  # shell
os.system("ls %s" % x)  # shell
os.system("ls {}".format(x))  # shell
os.system("".join(["a", x]))  # shell
x = "constant"
os.system(x)
`,
		"aliases": `
import os as o, shlex
from os import system as s
from shlex import quote
s(input())  # shell
o.system(quote(input()))
o.system("ls " + shlex.quote(input()))
run = o.system
run(input())  # shell
getattr(o, "system")(input())  # shell
`,
		"functions": `
import os, shlex
def run(cmd):
    os.system(cmd)  # shell
def ident(v):
    return v
def first(a, b):
    return a
run(ident(input()))
run(first("ls", input()))
def deep(c): run("x" + c)
deep(input())
run(int(input()))
def safe(c): run(shlex.quote(c))
safe(input())
def never(c=input()):
    os.system(c)  # shell
def star(*args, **kw):
    os.system(args[1])  # shell
    os.system(kw["q"])  # shell
    os.system(kw["r"])
star("a", input(), q=input(), r="x")
`,
		"branches": `
import os, re, sys
ALLOWED = {"a", "b"}
def f():
    x = input()
    if x in ALLOWED:
        os.system(x)
    else:
        os.system(x)  # shell
    if x not in ALLOWED:
        return
    os.system(x)
def g():
    x = input()
    if not x.isdigit():
        raise ValueError
    os.system(x)
def h():
    x = input()
    if not re.fullmatch(r"[a-z]+", x):
        sys.exit(1)
    os.system(x)
def i():
    x = input()
    if re.match(r"[a-z]+", x):
        os.system(x)  # shell
def j():
    x = input()
    if x == "a" or x == "b":
        os.system(x)  # shell
    y = x if x in ALLOWED else "a"
    os.system(y)
def k(flag):
    x = "ls"
    if flag:
        x = input()
    os.system(x)  # shell
    for _ in range(3):
        os.system(z if flag else "")  # shell
        z = input()
`,
		"containers": `
import os
d = {"a": input(), "b": "x"}
os.system(d["a"])  # shell
os.system(d["b"])
l = ["x", input()]
os.system(l[0])
os.system(l[1])  # shell
for item in l:
    os.system(item)  # shell
l2 = []
l2.append(input())
os.system(l2[0])  # shell
os.system(" ".join(y for y in l2))  # shell
a, b = input(), "x"
os.system(a)  # shell
os.system(b)
d2 = {}
d2["k"] = input()
os.system(d2.get("k"))  # shell
os.system(d2.get("other"))
for k, v in d.items():
    os.system(v)  # shell
`,
		"objects": `
import os
from dataclasses import dataclass
class Job:
    def __init__(self, cmd, name):
        self.cmd = cmd
        self.name = name
    def run(self):
        os.system(self.cmd)  # shell
    def show(self):
        os.system(self.name)
    @property
    def full(self):
        return "x " + self.cmd
j = Job(input(), "x")
j.run()
j.show()
os.system(j.full)  # shell
class Sub(Job):
    def __init__(self, cmd):
        super().__init__(cmd, "n")
    def go(self):
        self.run()
        self.show()
Sub(input()).go()
@dataclass
class D:
    a: str
    b: str = ""
d = D(input(), b="x")
os.system(d.a)  # shell
os.system(d.b)
class Later:
    def set(self):
        self.v = input()
    def use(self):
        os.system(self.v)  # shell
class Cls:
    tmpl = "ls %s"
    @classmethod
    def make(cls, v): return cls.tmpl % v
    @staticmethod
    def raw(v): return v
os.system(Cls.make(input()))  # shell
os.system(Cls.raw("x"))
`,
		"closures": `
import os, functools
def deco(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)
    return wrapper
@deco
def run(cmd):
    os.system(cmd)  # shell
run(input())
run("ls")
def outer(cmd):
    def inner():
        os.system(cmd)  # shell
    inner()
outer(input())
def make(cmd):
    return lambda: os.system(cmd)  # shell
make(input())()
def call(cb, v):
    cb(v)
call(os.system, "x")
call(lambda c: os.system(c), input())  # shell
p = functools.partial(run, input())
p()
def gen():
    yield input()
for g in gen():
    os.system(g)  # shell
`,
		"frameworks": `
import os
from flask import Flask, request, abort
app = Flask(__name__)
@app.route("/<name>")
def view(name):
    q = request.args.get("q")
    os.system(q)  # shell
    if q not in ("a", "b"):
        abort(400)
    os.system(q)
    return f"<p>{name}"  # html
@app.route("/x")
def ok():
    return {"q": request.args["q"]}
from fastapi import FastAPI, Depends
api = FastAPI()
def dep(): return "x"
@api.get("/")
async def root(cmd: str, n: int, db=Depends(dep)):
    os.system(cmd)  # shell
    os.system(n)
    os.system(db)
def django_view(request):
    os.system(request.GET["x"])  # shell
from tornado.web import Handler
class H(Handler):
    def get(self, slug):
        os.system(slug)  # shell
import client, hooks
chat = client.connect()
os.system(chat.send("hi").choices[0].text)  # shell
@hooks.on_message
def plain(m): os.system(m)
def fed(m): os.system(m)  # shell
hooks.on_message(fed)
`,
		"sinks": `
import requests, subprocess, sys
u = input()
requests.get(u)  # ssrf
requests.get("https://api.example.com/v1/" + u)
requests.get(f"https://api.example.com/{u}")
requests.get(f"https://{u}/x")  # ssrf
BASE = "https://api.example.com"
requests.get(BASE + "/" + u)
requests.get(BASE + u)  # ssrf
subprocess.run(u, shell=True)  # shell
subprocess.run(["ls", u])
subprocess.run([u, "ls"])  # shell
def q(conn):
    cur = conn.cursor()
    cur.execute("select " + u)  # sql
    cur.execute("select ?", (u,))
subprocess.run(sys.argv[1], shell=True)  # shell
`,
		"modules": `
== app/__init__.py
from .core import execute
== app/core.py
import os
from . import config
def execute(cmd):
    os.system(cmd)  # shell
def execute_default():
    execute(config.DEFAULT)
== app/config.py
DEFAULT = "ls"
TAINTED = input()
== app/web.py
from app import execute as run, config
from app.core import *
from .service import Service
run(config.TAINTED)
Service(config.DEFAULT).start()
svc = Service(input())
svc.start()
== app/service.py
from . import core
class Service:
    def __init__(self, cmd): self.cmd = cmd
    def start(self):
        core.execute(self.cmd)
`,
		"body of a module that reads what a function stores": `
import os
class C: pass
c = C()
os.system(c.x)
def f():
    c.x = input()
f()
os.system(c.x)  # shell
`,
		"cycles": `
== a.py
import os
import b
def fa(x, n):
    if n: b.fb(x, n - 1)
    os.system(x)  # shell
== b.py
def fb(x, n):
    from a import fa
    fa(x, n)
== main.py
from b import fb
fb(input(), 3)
`,
	}
}
