import http.client
import http.server
import os
import pickle
import shutil
import smtplib
import socket
import socketserver
import sqlite3
import subprocess
import time
import urllib.request
import zipfile


class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_header("X-Path", self.path)  # want: code/header-injection

    def do_POST(self):
        os.system(self.rfile.read(10).decode())  # want: code/command-injection

    def do_HEAD(self):
        self.send_header("X-Name", "merlon")  # ok: a constant

    def do_PUT(self):
        self.wfile.write(b"<p>" + self.path.encode())  # want: code/cross-site-scripting


class Line(socketserver.StreamRequestHandler):
    def handle(self):
        pickle.loads(self.rfile.read())  # want: code/pickle-load, code/unsafe-deserialization


def receive():
    s = socket.socket()
    c, _ = s.accept()
    eval(c.recv(100))  # want: code/code-injection


def receive_length():
    s = socket.socket()
    return len(s.recv(100))  # ok: only its length


def fetched():
    exec(urllib.request.urlopen("https://example.com/x.py").read())  # want: code/code-injection


def fetched_text():
    print(urllib.request.urlopen("https://example.com/x").read())  # ok: only shown


def stored():
    row = sqlite3.connect("x").execute("SELECT c FROM t").fetchone()
    os.system("echo " + row[0])  # want: code/command-injection


def stored_name():
    row = sqlite3.connect("x").execute("SELECT c FROM t").fetchone()
    print(row[0])  # ok: only shown


def environment():
    subprocess.run(os.environ["EDITOR"] + " x", shell=True)  # want: code/command-injection


def environment_path():
    open(os.environ["HOME"] + "/.x")  # ok: who starts the program may choose the file


def local_constant():
    cmd = "ls -l"
    subprocess.run(cmd, shell=True)  # ok: a constant


def connect_to():
    http.client.HTTPSConnection(input())  # ok: who runs the program chooses


def unpack_trusted():
    zipfile.ZipFile("model.zip").extractall("models")  # ok: a file of our own


def unpack_fetched():
    shutil.unpack_archive(urllib.request.urlopen("https://example.com/m.zip").url, "x")  # want: code/archive-traversal


class Files(http.server.BaseHTTPRequestHandler):
    root = os.path.realpath("/srv")

    def do_GET(self):
        path = os.path.realpath(self.root + self.path)
        if os.path.commonpath([self.root, path]) != self.root:
            return
        open(path)  # ok: below the folder

    def do_HEAD(self):
        path = os.path.realpath(os.path.join(self.root, self.path))
        if not path.startswith(self.root + os.sep):
            raise PermissionError(path)
        os.remove(path)  # ok: below the folder

    def do_DELETE(self):
        path = self.root + self.path
        if path.startswith("/srv"):
            os.remove(path)  # want: code/path-traversal
