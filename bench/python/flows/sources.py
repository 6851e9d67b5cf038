"""Where data of others comes in. $F is the function, $V the data, $K a name in a request, $P a path, $C a class.

<<BODY>> is what happens with it, <<RET>> gives $R back to the client in the framework's way, as data and not as a page.
kind: web, model (a model's answer), tool (arguments that a model chose), retrieved, socket (other ways in).
inline: the lines that make $V, for a place in the middle of a function that exists.
"""
from dataclasses import dataclass


@dataclass
class Source:
    name: str
    kind: str
    framework: str
    imports: str
    code: str
    is_async: bool = False
    data: str = "text"  # text, bytes, or path: a name that only files are made of
    ret: str = 'return {"result": str($R)}'
    raw: str = "return $R"
    inline: str = ""
    inline_imports: str = ""
    group: str = "ab"


SOURCES = []


def source(name, kind, framework, imports, code, **more):
    SOURCES.append(Source(name, kind, framework, imports, code.strip("\n"), **more))


# --- Flask
FLASK = "from flask import Blueprint, request"
source("flask-args", "web", "flask", FLASK, '''
$B = Blueprint("$P", __name__)


@$B.route("/$P")
def $F():
    $V = request.args.get("$K", "")
    <<BODY>>
    <<RET>>
''')
source("flask-form", "web", "flask", FLASK, '''
$B = Blueprint("$P", __name__)


@$B.route("/$P", methods=["POST"])
def $F():
    $V = request.form["$K"]
    <<BODY>>
    <<RET>>
''')
source("flask-json", "web", "flask", FLASK, '''
$B = Blueprint("$P", __name__)


@$B.post("/$P")
def $F():
    payload = request.get_json(force=True)
    $V = payload.get("$K") or ""
    <<BODY>>
    <<RET>>
''')
source("flask-route", "web", "flask", "from flask import Blueprint", '''
$B = Blueprint("$P", __name__)


@$B.route("/$P/<path:$V>")
def $F($V):
    <<BODY>>
    <<RET>>
''')
source("flask-header", "web", "flask", "from flask import Flask, request", '''
$B = Flask(__name__)


@$B.get("/$P")
def $F():
    $V = request.headers.get("X-$K", "") or request.cookies.get("$K", "")
    <<BODY>>
    <<RET>>
''')
source("flask-filename", "web", "flask", FLASK, '''
$B = Blueprint("$P", __name__)


@$B.route("/$P", methods=["POST"])
def $F():
    upload = request.files["file"]
    $V = upload.filename
    <<BODY>>
    <<RET>>
''', data="path")
source("flask-upload", "web", "flask", FLASK, '''
$B = Blueprint("$P", __name__)


@$B.route("/$P", methods=["POST"])
def $F():
    $V = request.files["file"].read()
    <<BODY>>
    <<RET>>
''', data="bytes")
source("flask-view", "web", "flask", "from flask import request;from flask.views import MethodView", '''
class $C(MethodView):
    def get(self):
        $V = request.values.get("$K", "")
        <<BODY>>
        <<RET>>
''')
source("flask-data", "web", "flask", "from flask import Flask, request", '''
$B = Flask(__name__)


@$B.route("/$P", methods=["PUT"])
def $F():
    $V = request.get_data()
    <<BODY>>
    <<RET>>
''', data="bytes")

# --- FastAPI, Starlette
source("fastapi-query", "web", "fastapi", "from fastapi import APIRouter", '''
$B = APIRouter()


@$B.get("/$P")
async def $F($V: str, limit: int = 20):
    <<BODY>>
    <<RET>>
''', is_async=True)
source("fastapi-query-sync", "web", "fastapi", "from fastapi import APIRouter, Query", '''
$B = APIRouter(prefix="/$P")


@$B.get("/$P")
def $F($V: str = Query(..., max_length=2000)):
    <<BODY>>
    <<RET>>
''')
source("fastapi-path", "web", "fastapi", "from fastapi import FastAPI", '''
$B = FastAPI()


@$B.get("/$P/{$V:path}")
async def $F($V: str):
    <<BODY>>
    <<RET>>
''', is_async=True)
source("fastapi-model", "web", "fastapi", "from fastapi import APIRouter;from pydantic import BaseModel", '''
$B = APIRouter()


class $C(BaseModel):
    $K: str
    user: str = "anonymous"


@$B.post("/$P")
async def $F(body: $C):
    $V = body.$K
    <<BODY>>
    <<RET>>
''', is_async=True)
source("fastapi-json", "web", "fastapi", "from fastapi import APIRouter, Request", '''
$B = APIRouter()


@$B.post("/$P")
async def $F(request: Request):
    payload = await request.json()
    $V = payload["$K"]
    <<BODY>>
    <<RET>>
''', is_async=True)
source("fastapi-annotated", "web", "fastapi", "from fastapi import APIRouter, Form;from typing import Annotated", '''
$B = APIRouter()


@$B.post("/$P")
def $F($V: Annotated[str, Form()], dry_run: bool = False):
    <<BODY>>
    <<RET>>
''')
source("fastapi-upload", "web", "fastapi", "from fastapi import APIRouter, UploadFile", '''
$B = APIRouter()


@$B.post("/$P")
async def $F(file: UploadFile):
    $V = await file.read()
    <<BODY>>
    <<RET>>
''', is_async=True, data="bytes")
source("fastapi-filename", "web", "fastapi", "from fastapi import APIRouter, File, UploadFile", '''
$B = APIRouter()


@$B.post("/$P")
def $F(file: UploadFile = File(...)):
    $V = file.filename
    <<BODY>>
    <<RET>>
''', data="path")
source("fastapi-depends", "web", "fastapi", "from fastapi import APIRouter, Depends, Header", '''
$B = APIRouter()


def $F_context($K: str = Header(default="")):
    return {"value": $K, "region": "eu"}


@$B.get("/$P")
async def $F(context: dict = Depends($F_context)):
    $V = context["value"]
    <<BODY>>
    <<RET>>
''', is_async=True)
source("fastapi-websocket", "web", "fastapi", "from fastapi import APIRouter, WebSocket", '''
$B = APIRouter()


@$B.websocket("/$P")
async def $F(websocket: WebSocket):
    await websocket.accept()
    $V = await websocket.receive_text()
    <<BODY>>
    await websocket.send_text(str($R))
''', is_async=True, raw="await websocket.send_text(str($R))")
source("fastapi-body", "web", "fastapi", "from fastapi import FastAPI, Request", '''
$B = FastAPI()


@$B.put("/$P")
async def $F(request: Request):
    $V = await request.body()
    <<BODY>>
    <<RET>>
''', is_async=True, data="bytes")
source("starlette", "web", "starlette", "from starlette.requests import Request;from starlette.responses import JSONResponse;from starlette.routing import Route", '''
async def $F(request: Request):
    $V = request.query_params.get("$K", "")
    <<BODY>>
    <<RET>>


$P_routes = [Route("/$P", $F)]
''', is_async=True, ret='return JSONResponse({"result": str($R)})')

# --- Django
source("django-get", "web", "django", "from django.http import JsonResponse;from django.urls import path", '''
def $F(request):
    $V = request.GET.get("$K", "")
    <<BODY>>
    <<RET>>


urlpatterns = [path("$P/", $F)]
''', ret='return JsonResponse({"result": str($R)})')
source("django-post", "web", "django", "from django.http import HttpRequest, JsonResponse;from django.views.decorators.http import require_POST", '''
@require_POST
def $F(request: HttpRequest):
    $V = request.POST["$K"]
    <<BODY>>
    <<RET>>
''', ret='return JsonResponse({"result": str($R)})')
source("django-view", "web", "django", "import json;from django.http import JsonResponse;from django.views import View", '''
class $C(View):
    def post(self, request, *args, **kwargs):
        $V = json.loads(request.body)["$K"]
        <<BODY>>
        <<RET>>
''', ret='return JsonResponse({"result": str($R)})')
source("drf", "web", "django", "from rest_framework.response import Response as ApiResponse;from rest_framework.views import APIView", '''
class $C(APIView):
    def post(self, request):
        $V = request.data["$K"]
        <<BODY>>
        <<RET>>
''', ret='return ApiResponse({"result": str($R)})')

# --- others
source("aiohttp-query", "web", "aiohttp", "from aiohttp import web", '''
$B = web.RouteTableDef()


@$B.get("/$P")
async def $F(request: web.Request) -> web.Response:
    $V = request.query.get("$K", "")
    <<BODY>>
    <<RET>>
''', is_async=True, ret='return web.json_response({"result": str($R)})')
source("aiohttp-post", "web", "aiohttp", "from aiohttp import web", '''
async def $F(request):
    form = await request.post()
    $V = form["$K"]
    <<BODY>>
    <<RET>>


def $F_application():
    application = web.Application()
    application.router.add_post("/$P", $F)
    return application
''', is_async=True, ret='return web.json_response({"result": str($R)})')
source("tornado", "web", "tornado", "import tornado.web", '''
class $C(tornado.web.RequestHandler):
    def get(self):
        $V = self.get_argument("$K", "")
        <<BODY>>
        <<RET>>
''', ret='self.write({"result": str($R)})')
source("http-server", "web", "stdlib", "from http.server import BaseHTTPRequestHandler;from urllib.parse import parse_qs, urlparse", '''
class $C(BaseHTTPRequestHandler):
    def do_GET(self):
        query = parse_qs(urlparse(self.path).query)
        $V = query.get("$K", [""])[0]
        <<BODY>>
        <<RET>>
''', ret="self.wfile.write(str($R).encode())")
source("bottle", "web", "bottle", "import bottle", '''
@bottle.route("/$P")
def $F():
    $V = bottle.request.query.$K
    <<BODY>>
    <<RET>>
''')
source("gradio", "web", "gradio", "import gradio as gr", '''
def $F($V, temperature=0.7):
    <<BODY>>
    <<RET>>


$P_demo = gr.Interface(fn=$F, inputs=["text", "number"], outputs="json")
''')
source("streamlit", "web", "streamlit", "import streamlit as st", '''
def $F():
    $V = st.text_input("$K")
    if not $V:
        return
    <<BODY>>
    <<RET>>
''', ret="st.write($R)")

# --- other ways in
source("socket", "socket", "stdlib", "import socketserver", '''
class $C(socketserver.BaseRequestHandler):
    def handle(self):
        $V = self.request.recv(65536)
        <<BODY>>
        self.request.sendall(str($R).encode())
''', data="bytes")
source("socket-text", "socket", "stdlib", "import socket", '''
def $F(port: int = 7070):
    server = socket.create_server(("0.0.0.0", port))
    connection, _ = server.accept()
    $V = connection.recv(4096).decode().strip()
    <<BODY>>
    connection.sendall(str($R).encode())
''')
source("chainlit", "socket", "chainlit", "import chainlit as cl", '''
@cl.on_message
async def $F(message: cl.Message):
    $V = message.content
    <<BODY>>
    await cl.Message(content=str($R)).send()
''', is_async=True)
source("slack", "socket", "slack", "from slack_bolt import App as SlackApp", '''
$B = SlackApp()


@$B.message("$P")
def $F(message, say):
    $V = message["text"]
    <<BODY>>
    say(str($R))
''')
source("discord", "socket", "discord", "import discord", '''
class $C(discord.Client):
    async def on_message(self, message):
        $V = message.content
        <<BODY>>
        await message.channel.send(str($R))
''', is_async=True)
