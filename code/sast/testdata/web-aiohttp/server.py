import asyncio
import sqlite3

import aiohttp
from aiohttp import web

routes = web.RouteTableDef()


async def run(request):
    q = request.query["cmd"]
    await asyncio.create_subprocess_shell(q)  # want: code/command-injection


async def run_exec(request):
    await asyncio.create_subprocess_exec("ls", request.query["dir"])  # ok: no shell


@routes.get("/page")
async def page(request: web.Request):
    return web.Response(text="<p>" + request.query["q"], content_type="text/html")  # want: code/cross-site-scripting


@routes.get("/plain")
async def plain(request: web.Request):
    return web.Response(text=request.query["q"])  # ok: text/plain


@routes.post("/json")
async def body(request):
    data = await request.json()
    sqlite3.connect("x").execute("DELETE FROM t WHERE a = " + data["a"])  # want: code/sql-injection


@routes.post("/json2")
async def body_parameter(request):
    data = await request.json()
    sqlite3.connect("x").execute("DELETE FROM t WHERE a = ?", (data["a"],))  # ok: a parameter


async def match(request: web.Request):
    return web.FileResponse("/srv/" + request.match_info["f"])  # want: code/path-traversal


async def go(request: web.Request):
    raise web.HTTPFound(request.query["next"])  # want: code/open-redirect


async def fetch(request: web.Request):
    async with aiohttp.ClientSession() as s:
        async with s.get(request.query["u"]) as r:  # want: code/server-side-request-forgery
            return web.json_response(await r.json())


async def fetch_fixed(request: web.Request):
    async with aiohttp.ClientSession() as s:
        async with s.get("https://example.com/", params={"q": request.query["q"]}) as r:  # ok: fixed host
            return web.json_response(await r.json())


class Handler(web.View):
    async def get(self):
        eval(self.request.query["e"])  # want: code/code-injection
