"""Where data hurts: Python that is vulnerable when $V comes from an attacker, and twins of it that are not.

Written from the CWE catalogue, OWASP's lists and the documentation of the libraries. $V is the data (str, or bytes where
data="bytes"), $R a result, "#!" marks the line in which the harm happens. imports are lines separated by ";".
"""
from dataclasses import dataclass, field


@dataclass
class Sink:
    name: str
    cwe: int
    imports: str
    code: str
    safe: list  # of (imports, code)
    data: str = "text"  # what $V has to be: text or bytes
    is_async: bool = False
    returns: bool = False  # $R is a response that has to be returned to the client
    only: tuple = ()  # frameworks or groups of sources; empty: all
    group: str = "ab"
    tags: set = field(default_factory=set)


SINKS = []


def sink(name, cwe, imports, code, *safe, **more):
    SINKS.append(Sink(name, cwe, imports, code.strip("\n"), [(i, c.strip("\n")) for i, c in safe], **more))


# --- CWE-78: a shell
LIST = ("import subprocess", '$R = subprocess.run(["id", "--", $V], check=False, capture_output=True)')
sink("os-system", 78, "import os", 'os.system(f"convert {$V} /tmp/preview.png")  #!', LIST,
     ("import os;import shlex", 'os.system("convert " + shlex.quote($V) + " /tmp/preview.png")'))
sink("run-shell", 78, "import subprocess", '''
command = "git log --oneline --author=" + $V
$R = subprocess.run(command, shell=True, capture_output=True, text=True).stdout  #!
''', ("import subprocess", '$R = subprocess.run(["git", "log", "--oneline", f"--author={$V}"], capture_output=True, text=True).stdout'))
sink("popen-shell", 78, "import subprocess", '''
process = subprocess.Popen("ffmpeg -i {} -f null -".format($V), shell=True, stdout=subprocess.PIPE)  #!
$R, _ = process.communicate()
''', ("import shlex;import subprocess", '''
process = subprocess.Popen("ffmpeg -i {} -f null -".format(shlex.quote($V)), shell=True, stdout=subprocess.PIPE)
$R, _ = process.communicate()
'''))
sink("getoutput", 78, "import subprocess", '$R = subprocess.getoutput("du -sh /data/%s" % $V)  #!',
     ("import shlex;import subprocess", '$R = subprocess.getoutput("du -sh /data/%s" % shlex.quote($V))'))
sink("os-popen", 78, "import os", '$R = os.popen(f"nslookup {$V}").read()  #!', LIST)
sink("async-shell", 78, "import asyncio", '''
process = await asyncio.create_subprocess_shell(f"pdftotext {$V} -", stdout=asyncio.subprocess.PIPE)  #!
$R = (await process.communicate())[0]
''', ("import asyncio", '''
process = await asyncio.create_subprocess_exec("id", "--", $V, stdout=asyncio.subprocess.PIPE)
$R = (await process.communicate())[0]
'''), is_async=True)
sink("sh-c", 78, "import subprocess", '$R = subprocess.check_output(["/bin/sh", "-c", $V], timeout=30)  #!',
     ("import subprocess", '$R = subprocess.check_output(["/usr/bin/id", "--", $V], timeout=30)'))
sink("split-run", 78, "import shlex;import subprocess", '''
argv = shlex.split($V)
$R = subprocess.run(argv, capture_output=True, check=False).stdout  #!
''', ("import subprocess", '$R = subprocess.run(["wc", "-c"], input=$V.encode(), capture_output=True, check=False).stdout'))
sink("paramiko", 78, "import paramiko", '''
client = paramiko.SSHClient()
client.load_system_host_keys()
client.connect("build.internal")
_, stdout, _ = client.exec_command("tail -n 50 " + $V)  #!
$R = stdout.read()
''', ("import paramiko;import shlex", '''
client = paramiko.SSHClient()
client.load_system_host_keys()
client.connect("build.internal")
_, stdout, _ = client.exec_command("tail -n 50 " + shlex.quote($V))
$R = stdout.read()
'''))
sink("docker-exec", 78, "import docker", '''
container = docker.from_env().containers.get("sandbox")
$R = container.exec_run("sh -c '" + $V + "'").output  #!
''', ("import docker", '''
container = docker.from_env().containers.get("sandbox")
$R = container.exec_run(["cat", "/srv/readme.txt"]).output
'''))
sink("pexpect", 78, "import pexpect", '$R = pexpect.run("/bin/bash -c " + $V)  #!',
     ("import pexpect", '$R = pexpect.run("/bin/bash -c uptime")'))

# --- CWE-94 and 95: code
LITERAL = ("import ast", "$R = ast.literal_eval($V)")
sink("eval", 95, "", "$R = eval($V)  #!", LITERAL)
sink("eval-namespace", 95, "import math", '$R = eval($V, {"__builtins__": {}, "sqrt": math.sqrt})  #!', ("import json", "$R = json.loads($V)"))
sink("exec", 94, "", '''
scope = {}
exec($V, scope)  #!
$R = scope.get("result")
''', ("import ast", '''
tree = ast.parse($V)
$R = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
'''))
sink("compile-exec", 94, "", '''
program = compile($V, "<generated>", "exec")
exec(program)  #!
''', ("import ast", '$R = ast.dump(ast.parse($V))'))
sink("import-module", 94, "import importlib", '''
plugin = importlib.import_module($V)  #!
$R = plugin.setup()
''', ("import importlib", '''
plugin = importlib.import_module({"csv": "csv", "json": "json"}[$V])
$R = plugin.__name__
'''))
sink("interpreter", 94, "import code", '''
interpreter = code.InteractiveInterpreter()
$R = interpreter.runsource($V, symbol="exec")  #!
''', LITERAL)
sink("python-repl", 94, "from langchain_experimental.utilities import PythonREPL", "$R = PythonREPL().run($V)  #!", LITERAL)
sink("pandas-eval", 95, "import pandas as pd", '''
table = pd.read_csv("/srv/data/sales.csv")
$R = pd.eval($V, target=table)  #!
''', ("import pandas as pd", '''
table = pd.read_csv("/srv/data/sales.csv")
$R = table[table["region"] == $V]
'''))
sink("dataframe-query", 95, "import pandas as pd", '''
table = pd.read_parquet("/srv/data/events.parquet")
$R = table.query($V).to_dict()  #!
''', ("import pandas as pd", '''
table = pd.read_parquet("/srv/data/events.parquet")
$R = table.query("kind == @$V").to_dict()
'''))
sink("sympify", 95, "from sympy import sympify", "$R = sympify($V).evalf()  #!", ("", "$R = float($V)"))
sink("builtins-eval", 95, "import builtins", '$R = builtins.eval($V)  #!', LITERAL)
sink("getattr-call", 470, "import os", '''
action = getattr(os, $V)
$R = action("/srv/data")  #!
''', ("import os", '''
action = {"list": os.listdir, "size": os.path.getsize}[$V]
$R = action("/srv/data")
'''))

# --- CWE-89: a database
sink("sqlite-fstring", 89, "import sqlite3", '''
connection = sqlite3.connect("/srv/app.db")
$R = connection.execute(f"SELECT id, title FROM notes WHERE owner = '{$V}'").fetchall()  #!
''', ("import sqlite3", '''
connection = sqlite3.connect("/srv/app.db")
$R = connection.execute("SELECT id, title FROM notes WHERE owner = ?", ($V,)).fetchall()
'''))
sink("sqlite-script", 89, "import sqlite3", '''
with sqlite3.connect("/srv/app.db") as connection:
    connection.executescript("DELETE FROM drafts WHERE name = '%s';" % $V)  #!
''', ("import sqlite3", '''
with sqlite3.connect("/srv/app.db") as connection:
    connection.execute("DELETE FROM drafts WHERE name = ?", [$V])
'''))
sink("psycopg2", 89, "import psycopg2", '''
connection = psycopg2.connect("dbname=app")
cursor = connection.cursor()
cursor.execute("SELECT * FROM documents WHERE tag = '" + $V + "'")  #!
$R = cursor.fetchall()
''', ("import psycopg2", '''
connection = psycopg2.connect("dbname=app")
cursor = connection.cursor()
cursor.execute("SELECT * FROM documents WHERE tag = %s", ($V,))
$R = cursor.fetchall()
'''))
sink("psycopg3", 89, "import psycopg", '''
with psycopg.connect("dbname=app") as connection, connection.cursor() as cursor:
    cursor.execute("SELECT body FROM pages ORDER BY " + $V)  #!
    $R = cursor.fetchone()
''', ("import psycopg;from psycopg import sql", '''
with psycopg.connect("dbname=app") as connection, connection.cursor() as cursor:
    cursor.execute(sql.SQL("SELECT body FROM pages ORDER BY {}").format(sql.Identifier($V)))
    $R = cursor.fetchone()
'''))
sink("asyncpg", 89, "import asyncpg", '''
connection = await asyncpg.connect("postgresql://localhost/app")
$R = await connection.fetch(f"SELECT * FROM runs WHERE label LIKE '%{$V}%'")  #!
''', ("import asyncpg", '''
connection = await asyncpg.connect("postgresql://localhost/app")
$R = await connection.fetch("SELECT * FROM runs WHERE label LIKE $1", f"%{$V}%")
'''), is_async=True)
sink("sqlalchemy-text", 89, "import sqlalchemy", '''
engine = sqlalchemy.create_engine("sqlite:////srv/app.db")
with engine.connect() as connection:
    $R = connection.execute(sqlalchemy.text(f"SELECT * FROM users WHERE name = '{$V}'")).all()  #!
''', ("import sqlalchemy", '''
engine = sqlalchemy.create_engine("sqlite:////srv/app.db")
with engine.connect() as connection:
    $R = connection.execute(sqlalchemy.text("SELECT * FROM users WHERE name = :name"), {"name": $V}).all()
'''))
sink("sqlalchemy-session", 89, "from sqlalchemy import create_engine, text;from sqlalchemy.orm import Session", '''
with Session(create_engine("postgresql:///app")) as session:
    statement = text("UPDATE settings SET value = '" + $V + "' WHERE key = 'theme'")
    session.execute(statement)  #!
    session.commit()
''', ("from sqlalchemy import create_engine, text;from sqlalchemy.orm import Session", '''
with Session(create_engine("postgresql:///app")) as session:
    statement = text("UPDATE settings SET value = :value WHERE key = 'theme'")
    session.execute(statement, {"value": $V})
    session.commit()
'''))
sink("read-sql", 89, "import pandas as pd;import sqlite3", '''
connection = sqlite3.connect("/srv/warehouse.db")
$R = pd.read_sql("SELECT * FROM orders WHERE customer = '%s'" % $V, connection)  #!
''', ("import pandas as pd;import sqlite3", '''
connection = sqlite3.connect("/srv/warehouse.db")
$R = pd.read_sql("SELECT * FROM orders WHERE customer = ?", connection, params=[$V])
'''))
sink("django-raw", 89, "from django.db import connection as db_connection", '''
with db_connection.cursor() as cursor:
    cursor.execute(f"SELECT id FROM auth_user WHERE email = '{$V}'")  #!
    $R = cursor.fetchall()
''', ("from django.db import connection as db_connection", '''
with db_connection.cursor() as cursor:
    cursor.execute("SELECT id FROM auth_user WHERE email = %s", [$V])
    $R = cursor.fetchall()
'''))
sink("django-extra", 89, "from django.contrib.auth.models import User", '''
$R = list(User.objects.raw("SELECT * FROM auth_user WHERE last_name = '" + $V + "'"))  #!
''', ("from django.contrib.auth.models import User", '$R = list(User.objects.filter(last_name=$V))'))
sink("duckdb", 89, "import duckdb", '$R = duckdb.sql(f"SELECT * FROM \'/srv/data.parquet\' WHERE {$V}").fetchall()  #!',
     ("import duckdb", '$R = duckdb.execute("SELECT * FROM \'/srv/data.parquet\' WHERE kind = ?", [$V]).fetchall()'))
sink("pymysql", 89, "import pymysql", '''
connection = pymysql.connect(host="db", user="app", database="app")
with connection.cursor() as cursor:
    cursor.execute("SELECT * FROM items WHERE sku = '{}'".format($V))  #!
    $R = cursor.fetchall()
''', ("import pymysql", '''
connection = pymysql.connect(host="db", user="app", database="app")
with connection.cursor() as cursor:
    cursor.execute("SELECT * FROM items WHERE sku = %s", ($V,))
    $R = cursor.fetchall()
'''))
sink("aiosqlite", 89, "import aiosqlite", '''
async with aiosqlite.connect("/srv/app.db") as database:
    cursor = await database.execute("SELECT * FROM logs WHERE level = '" + $V + "'")  #!
    $R = await cursor.fetchall()
''', ("import aiosqlite", '''
async with aiosqlite.connect("/srv/app.db") as database:
    cursor = await database.execute("SELECT * FROM logs WHERE level = ?", ($V,))
    $R = await cursor.fetchall()
'''), is_async=True)
sink("bigquery", 89, "from google.cloud import bigquery", '''
client = bigquery.Client()
$R = list(client.query(f"SELECT * FROM `app.events` WHERE user = '{$V}'").result())  #!
''', ("from google.cloud import bigquery", '''
client = bigquery.Client()
config = bigquery.QueryJobConfig(query_parameters=[bigquery.ScalarQueryParameter("user", "STRING", $V)])
$R = list(client.query("SELECT * FROM `app.events` WHERE user = @user", job_config=config).result())
'''))
sink("mongo-where", 943, "from pymongo import MongoClient", '''
collection = MongoClient().app.sessions
$R = list(collection.find({"$where": "this.owner == '" + $V + "'"}))  #!
''', ("from pymongo import MongoClient", '''
collection = MongoClient().app.sessions
$R = list(collection.find({"owner": str($V)}))
'''))
