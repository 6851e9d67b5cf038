import ftplib  # want: code/import-ftplib
import lxml  # want: code/import-xml
import os
import pickle  # want: code/import-pickle
import pyghmi  # want: code/import-ipmi
import random
import subprocess  # want: code/import-subprocess
import tarfile
import telnetlib  # want: code/import-telnetlib
import urllib.request
import xml.etree.ElementTree  # want: code/import-xml
import xmlrpc.client  # want: code/import-xmlrpc
from wsgiref.handlers import CGIHandler  # want: code/import-cgi

import jinja2
import paramiko
from Crypto.Cipher import AES  # want: code/import-pycrypto
from django.db.models import RawSQL
from django.utils.safestring import mark_safe
from mako.template import Template
from markupsafe import Markup
from models import User


def assertion(user):
    assert user.is_admin  # want: code/assert


def run_exec(text):
    exec(text)  # want: code/exec-call


def run_eval(text):
    return eval(text)  # want: code/eval-call


def address():
    return "0.0.0.0"  # want: code/every-interface


def address_local():
    return "127.0.0.1"  # ok: this machine


def secret_text():
    password = "hunter2"  # want: code/secret-text
    return password


def secret_real():
    db_password = "gT7#kq29ZpW"  # want: code/secret-text, code/hard-coded-credential
    return db_password


def secret_environment():
    password = os.environ["PASSWORD"]  # ok: from outside
    return password


def secret_compared(token):
    return token == "a1b2c3d4e5f6"  # want: code/secret-text, code/hard-coded-credential


def secret_argument(connect):
    connect(password="gT7#kq29ZpW")  # want: code/secret-argument, code/hard-coded-credential-argument


def secret_default(password="gT7#kq29ZpW"):  # want: code/secret-default, code/hard-coded-credential-default
    return password


def secret_none(password=None):
    return password  # ok: no default


def shared():
    return open("/tmp/x")  # want: code/shared-folder


def swallowed():
    try:
        assertion(None)
    except Exception:  # want: code/except-pass
        pass


def swallowed_loop():
    for x in range(3):
        try:
            assertion(x)
        except Exception:  # want: code/except-continue
            continue


def handled():
    try:
        assertion(None)
    except Exception as e:
        print(e)  # ok: shown


def unpack(path):
    tarfile.open(path).extractall("x")  # want: code/tar-unfiltered


def unpack_filtered(path):
    tarfile.open(path).extractall("x", filter="data")  # ok: filtered


def django_safe(text):
    return mark_safe(text)  # want: code/mark-safe-call


def markup(text):
    return Markup(text)  # want: code/markup-call


def markup_constant():
    return Markup("<b>x</b>")  # ok: a constant


def url(u):
    return urllib.request.urlopen(u)  # want: code/url-open


def chance():
    return random.random()  # want: code/random-call


def parse(f):
    return xml.etree.ElementTree.parse(f)  # want: code/xml-call


def ssh(client: paramiko.SSHClient, text):
    client.exec_command(text)  # want: code/ssh-command


def with_shell(text):
    subprocess.run(text, shell=True)  # want: code/process-with-shell, code/shell-keyword


def without_shell(words):
    subprocess.run(words)  # want: code/process-without-shell


def shell_keyword(text):
    os.execute(text, shell=True)  # want: code/shell-keyword


def shell_function(text):
    os.system(text)  # want: code/shell-function


def replaced(path, words):
    os.execv(path, words)  # want: code/process-replaced


def partial():
    subprocess.run(["ls"])  # want: code/partial-path, code/process-without-shell


def whole():
    subprocess.run(["/bin/ls"])  # want: code/process-without-shell


def query(a):
    return "SELECT * FROM t WHERE a = %s" % a  # want: code/sql-built


def query_f(a):
    return f"DELETE FROM t WHERE a = {a}"  # want: code/sql-built


def query_format(a):
    return "UPDATE t SET a = {}".format(a)  # want: code/sql-built


def query_constant(cursor, a):
    return cursor.execute("SELECT * FROM t WHERE a = %s", (a,))  # ok: a parameter


def sentence(a):
    return "select %s, please" % a  # ok: no SQL


def wildcard():
    os.system("/bin/tar cf x.tar *")  # want: code/shell-wildcard, code/shell-function


def extra(text):
    return User.objects.extra(where=[text])  # want: code/django-extra


def raw(text):
    return RawSQL(text, [])  # want: code/django-raw


def mako(text):
    return Template(text)  # want: code/mako-template


def jinja():
    return jinja2.Environment()  # want: code/jinja-autoescape-default
