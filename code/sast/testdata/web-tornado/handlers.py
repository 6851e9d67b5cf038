import os
import subprocess

import tornado.web
from tornado.escape import xhtml_escape
from tornado.websocket import WebSocketHandler


class Main(tornado.web.RequestHandler):
    def get(self):
        self.write("<p>" + self.get_argument("q"))  # want: code/cross-site-scripting

    def post(self):
        self.write("<p>" + xhtml_escape(self.get_argument("q")))  # ok: escaped

    def put(self):
        self.write({"q": self.get_argument("q")})  # ok: JSON

    def delete(self, name):
        os.remove("/srv/" + name)  # want: code/path-traversal


class Other(tornado.web.RequestHandler):
    async def get(self):
        self.redirect(self.get_query_argument("next"))  # want: code/open-redirect

    async def post(self):
        self.set_header("X-Name", self.get_body_argument("n"))  # want: code/header-injection

    def put(self):
        subprocess.check_output(self.request.body, shell=True)  # want: code/command-injection

    def delete(self):
        self.render("x.html", q=self.get_argument("q"))  # ok: escapes


class Socket(WebSocketHandler):
    def on_message(self, message):
        eval(message)  # want: code/code-injection

    def open(self, *args):
        self.write_message("hello")  # ok: a constant
