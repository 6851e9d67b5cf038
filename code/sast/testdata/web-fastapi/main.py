import asyncio
import importlib
import json
import os
import pathlib
import subprocess
from enum import Enum
from typing import Annotated

import aiosqlite
import httpx
import joblib
from keys import check_api_key
from fastapi import Security, APIRouter, BackgroundTasks, Body, Depends, FastAPI, File, Form, Header, Query, Request, UploadFile, WebSocket
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from openai import AsyncOpenAI
from pydantic import BaseModel
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from transformers import AutoModel

app = FastAPI(dependencies=[Security(check_api_key)])
router = APIRouter()
client = AsyncOpenAI()
MODELS = {"small": "/models/small", "large": "/models/large"}


class Query_(BaseModel):
    q: str
    n: int = 3


class Color(str, Enum):
    red = "red"
    blue = "blue"


def get_db() -> Session: ...


@app.get("/run")
async def run(cmd: str):
    os.system(cmd)  # want: code/command-injection


@app.get("/run2")
async def run_number(n: int):
    os.system(f"sleep {n}")  # ok: an int


@app.get("/run3")
async def run_enum(color: Color):
    os.system("paint " + color)  # ok: an enum


@app.post("/body")
async def body_model(q: Query_):
    subprocess.run(q.q, shell=True)  # want: code/command-injection


@app.post("/body2")
async def body_list(q: Query_):
    subprocess.run(["grep", q.q, "file"])  # ok: no shell


@app.post("/exec")
async def exec_async(q: Query_):
    await asyncio.create_subprocess_shell(f"ls {q.q}")  # want: code/command-injection


@app.get("/sql")
def sql_text(name: str, db: Session = Depends(get_db)):
    return db.execute(text(f"SELECT * FROM u WHERE name = '{name}'")).all()  # want: code/sql-injection


@app.get("/sql2")
def sql_bound(name: str, db: Session = Depends(get_db)):
    return db.execute(text("SELECT * FROM u WHERE name = :n"), {"n": name}).all()  # ok: a parameter


@app.get("/sql3")
async def sql_async(name: str):
    async with aiosqlite.connect("x.db") as db:
        await db.execute("SELECT * FROM u WHERE name = '" + name + "'")  # want: code/sql-injection


@app.get("/page", response_class=HTMLResponse)
async def page(name: str):
    return HTMLResponse("<h1>" + name)  # want: code/cross-site-scripting


@app.get("/json")
async def as_json(name: str):
    return JSONResponse({"name": name})  # ok: JSON


@app.get("/file/{name:path}")
async def file(name: str):
    return FileResponse("/srv/" + name)  # want: code/path-traversal


@app.get("/file2/{name}")
async def file_name(name: str):
    return FileResponse("/srv/" + os.path.basename(name))  # ok: the last part


@app.get("/file3/{name:path}")
async def file_pathlib(name: str):
    return pathlib.Path("/srv", name).read_bytes()  # want: code/path-traversal


@app.post("/upload")
async def upload(f: UploadFile):
    with open(f"/srv/{f.filename}", "wb") as out:  # want: code/path-traversal
        out.write(await f.read())


@app.post("/upload2")
async def upload_fixed(f: UploadFile):
    with open("/srv/upload.bin", "wb") as out:  # ok: a fixed name
        out.write(await f.read())


@app.post("/upload3")
async def upload_model(f: UploadFile = File(...)):
    return joblib.load(f.file)  # want: code/pickle-load, code/unsafe-deserialization


@app.post("/upload4")
async def upload_json(f: UploadFile = File(...)):
    return json.load(f.file)  # ok: JSON


@app.get("/go")
async def go(next: str):
    return RedirectResponse(next)  # want: code/open-redirect


@app.get("/go2")
async def go_local(item: str):
    return RedirectResponse(f"/items/{item}")  # ok: this host


@app.get("/fetch")
async def fetch(url: str):
    async with httpx.AsyncClient() as c:
        return (await c.get(url)).text  # want: code/server-side-request-forgery


@app.get("/fetch2")
async def fetch_fixed(item: str):
    async with httpx.AsyncClient() as c:
        return (await c.get(f"https://api.example.com/{item}")).text  # ok: fixed host


@app.post("/chat")
async def chat(q: Query_):
    r = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": q.q}])  # ok: a user message
    return r.choices[0].message.content


@app.post("/chat2")
async def chat_system(q: Query_):
    return await client.chat.completions.create(model="m", messages=[{"role": "system", "content": f"Help {q.q}"}])  # want: code/system-prompt-injection


@app.post("/chat3")
async def chat_limit(limit: Annotated[str, Form()]):
    return await client.chat.completions.create(model="m", messages=[], max_tokens=limit)  # want: code/unbounded-consumption


@app.post("/chat4")
async def chat_run(q: Query_):
    r = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": q.q}])
    exec(r.choices[0].message.content)  # want: code/code-injection


@app.post("/load")
async def load_model(name: str):
    AutoModel.from_pretrained(name)  # want: code/untrusted-model


@app.post("/load2")
async def load_table(name: str):
    AutoModel.from_pretrained(MODELS[name])  # ok: a table


@app.post("/plugin")
async def plugin(name: str):
    importlib.import_module("plugins." + name)  # want: code/import-injection


@app.websocket("/ws")
async def ws(sock: WebSocket):
    await sock.accept()
    os.system(await sock.receive_text())  # want: code/command-injection


@app.websocket("/ws2")
async def ws_echo(sock: WebSocket):
    await sock.accept()
    await sock.send_text(await sock.receive_text())  # ok: sent back to the same client


@app.post("/raw")
async def raw(request: Request):
    data = await request.json()
    eval(data["expr"])  # want: code/code-injection


@app.get("/query")
async def query_params(request: Request):
    open(request.query_params["f"])  # want: code/path-traversal


@app.get("/header")
async def header(x_cmd: str = Header()):
    os.popen(x_cmd)  # want: code/command-injection


@app.get("/annotated")
async def annotated(q: Annotated[str, Query(max_length=10)]):
    os.system("echo " + q)  # want: code/command-injection


@router.post("/task")
async def background(cmd: str, tasks: BackgroundTasks):
    tasks.add_task(os.system, "echo done")  # ok: a constant


@router.delete("/x/{name:path}")
def remove(name: str):
    os.unlink(f"/srv/{name}")  # want: code/path-traversal


@router.get("/select")
def orm(name: str, db: Session = Depends(get_db)):
    return db.execute(select(Query_).where(Query_.q == name))  # ok: the ORM binds it


def helper(cmd: str):
    os.system(cmd)  # ok: nobody gives it data
