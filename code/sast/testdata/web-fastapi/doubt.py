"""Who chooses the data may choose it, or cannot choose what hurts."""
import os
from typing import Annotated

import requests
from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse

app = FastAPI()
ADDRESS = os.environ["SERVICE"]
AdminUser = Annotated[dict, Depends(get_admin_user)]


@app.post("/verify")
def verify(url: str, user=Depends(get_admin_user)):
    return {"ok": requests.get(url).ok}  # want: code/server-side-request-forgery unsure


@app.post("/verify2")
def verify_alias(url: str, _: AdminUser):
    return {"ok": requests.get(url).ok}  # want: code/server-side-request-forgery unsure


@app.post("/verify3")
def verify_user(url: str, user=Depends(get_current_user)):
    return {"ok": requests.get(url).ok}  # want: code/server-side-request-forgery


@app.post("/page")
def page(text: str, user=Depends(get_admin_user)):
    return HTMLResponse(f"<p>{text}</p>")  # want: code/cross-site-scripting


@app.get("/report/{name}")
def report(name: str):
    return {"n": len(open(os.path.join("reports", name)).read())}  # want: code/path-traversal unsure


@app.get("/report2/{name:path}")
def report_path(name: str):
    return {"n": len(open(os.path.join("reports", name)).read())}  # want: code/path-traversal


@app.post("/fixed")
def fixed_host(item: str):
    return {"ok": requests.get(f"{ADDRESS}/items/{item}").ok}  # ok: after the host


@app.post("/fixed2")
def fixed_host_added(path: str):
    return {"ok": requests.get(ADDRESS + path).ok}  # ok: after the base address


@app.post("/fixed3")
def chosen_host(host: str):
    return {"ok": requests.get(f"https://{host}/items").ok}  # want: code/server-side-request-forgery


@app.post("/fixed4")
def chosen_scheme(scheme: str, host: str):
    return {"ok": requests.get(f"{ADDRESS}://{host}/items").ok}  # want: code/server-side-request-forgery


@app.post("/fixed5")
def chosen_part(sub: str):
    return {"ok": requests.get("https://" + sub + ".example.org/").ok}  # want: code/server-side-request-forgery


@app.get("/go")
def go(target: str):
    return RedirectResponse(url=target, status_code=302)  # want: code/open-redirect


@app.get("/go2")
def go_below(target: str):
    return RedirectResponse(url=f"{ADDRESS}/items/{target}", status_code=302)  # ok: after the host
