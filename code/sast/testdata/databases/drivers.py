import asyncpg
import duckdb
import ldap
import pandas as pd
import psycopg2
import pymysql
import sqlalchemy
from flask import Flask, request
from ldap.filter import escape_filter_chars
from ldap3 import Connection
from lxml import etree
from pymongo import MongoClient
from psycopg2 import sql
from sqlalchemy import create_engine, text

app = Flask(__name__)
engine = create_engine("sqlite://")
mongo = MongoClient()


@app.post("/1")
def postgres():
    cur = psycopg2.connect("x").cursor()
    cur.execute("SELECT * FROM t WHERE a = '" + request.form["a"] + "'")  # want: code/sql-injection
    return ""


@app.post("/2")
def postgres_parameter():
    cur = psycopg2.connect("x").cursor()
    cur.execute("SELECT * FROM t WHERE a = %s", (request.form["a"],))  # ok: a parameter
    return ""


@app.post("/3")
def postgres_identifier():
    cur = psycopg2.connect("x").cursor()
    cur.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(request.form["t"])))  # ok: an identifier
    return ""


@app.post("/4")
def mysql():
    with pymysql.connect(host="x").cursor() as cur:
        cur.execute("DELETE FROM t WHERE a = %s" % request.form["a"])  # want: code/sql-injection
    return ""


@app.post("/5")
def mysql_many():
    with pymysql.connect(host="x").cursor() as cur:
        cur.executemany("INSERT INTO t VALUES (%s)", [(request.form["a"],)])  # ok: parameters
    return ""


@app.post("/6")
async def asyncpg_fetch():
    c = await asyncpg.connect("x")
    await c.fetch(f"SELECT * FROM t WHERE a = '{request.form['a']}'")  # want: code/sql-injection
    return ""


@app.post("/7")
async def asyncpg_parameter():
    c = await asyncpg.connect("x")
    await c.fetch("SELECT * FROM t WHERE a = $1", request.form["a"])  # ok: a parameter
    return ""


@app.post("/8")
def duck():
    duckdb.sql("SELECT * FROM '" + request.form["f"] + "'")  # want: code/sql-injection
    return ""


@app.post("/9")
def alchemy():
    with engine.connect() as c:
        c.execute(text("SELECT * FROM t WHERE a = " + request.form["a"]))  # want: code/sql-injection
    return ""


@app.post("/10")
def alchemy_parameter():
    with engine.connect() as c:
        c.execute(text("SELECT * FROM t WHERE a = :a"), {"a": request.form["a"]})  # ok: a parameter
    return ""


@app.post("/11")
def alchemy_driver():
    with engine.begin() as c:
        c.exec_driver_sql("DROP TABLE " + request.form["t"])  # want: code/sql-injection
    return ""


@app.post("/12")
def alchemy_column():
    return {"x": str(sqlalchemy.literal_column(request.form["c"]))}  # want: code/sql-injection


@app.post("/13")
def frame():
    return {"n": len(pd.read_sql("SELECT * FROM " + request.form["t"], engine))}  # want: code/sql-injection


@app.post("/14")
def frame_parameter():
    return {"n": len(pd.read_sql("SELECT * FROM t WHERE a = ?", engine, params=[request.form["a"]]))}  # ok: a parameter


@app.post("/15")
def unknown_cursor():
    get_connection().cursor().execute(f"SELECT * FROM t WHERE a = '{request.form['a']}'")  # want: code/sql-injection
    return ""


@app.post("/16")
def unknown_executor():
    get_executor().submit_task(f"SELECT {request.form['a']}")  # ok: no database
    return ""


@app.post("/17")
def mongo_any():
    mongo["db"]["users"].find_one(request.get_json())  # want: code/nosql-injection
    return ""


@app.post("/18")
def mongo_string():
    mongo["db"]["users"].find_one({"name": int(request.get_json()["id"])})  # ok: a number
    return ""


@app.post("/19")
def ldap_filter():
    c = ldap.initialize("ldap://x")
    c.search_s("dc=x", ldap.SCOPE_SUBTREE, "(uid=%s)" % request.form["u"])  # want: code/ldap-injection
    return ""


@app.post("/20")
def ldap_escaped():
    c = ldap.initialize("ldap://x")
    c.search_s("dc=x", ldap.SCOPE_SUBTREE, "(uid=%s)" % escape_filter_chars(request.form["u"]))  # ok: escaped
    return ""


@app.post("/21")
def ldap3_filter():
    Connection("x").search("dc=x", f"(uid={request.form['u']})")  # want: code/ldap-injection
    return ""


@app.post("/22")
def xpath():
    tree = etree.parse("users.xml")
    return {"n": len(tree.xpath(f"//user[@name='{request.form['n']}']"))}  # want: code/xpath-injection


@app.post("/23")
def xpath_variable():
    tree = etree.parse("users.xml")
    return {"n": len(tree.xpath("//user[@name=$n]", n=request.form["n"]))}  # ok: a variable


@app.post("/24")
def xml_default():
    return {"n": len(etree.fromstring(request.data))}  # want: code/xml-external-entities
