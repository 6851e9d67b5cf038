import logging.config

import debugpy
import gradio as gr
import jinja2
import ray
import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import Response
from flask import Flask

app = Flask(__name__)
api = FastAPI()
demo = gr.Interface(str, "text", "text")


def share():
    demo.launch(share=True)  # want: code/gradio-share


def share_login(check):
    demo.launch(share=True, auth=check)  # ok: with a login


def share_off():
    demo.launch(share=False)  # ok: not shared


def every_interface():
    demo.launch(server_name="0.0.0.0")  # want: code/gradio-exposed


def one_interface():
    demo.launch(server_name="127.0.0.1")  # ok: this machine


def all_files():
    demo.launch(allowed_paths=["/"])  # want: code/gradio-allowed-paths


def some_files():
    demo.launch(allowed_paths=["static"])  # ok: one folder


def flask_debug():
    app.run(debug=True)  # want: code/flask-debug


def flask_plain():
    app.run()  # ok: no debugger


def uvicorn_all():
    uvicorn.run(api, host="0.0.0.0")  # want: code/exposed-server


def uvicorn_local():
    uvicorn.run(api, host="127.0.0.1")  # ok: this machine


def ray_dashboard():
    ray.init(dashboard_host="0.0.0.0")  # want: code/exposed-ray


def ray_default():
    ray.init()  # ok: this machine


def cors_all():
    api.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)  # want: code/cors-any-origin


def cors_named():
    api.add_middleware(CORSMiddleware, allow_origins=["https://x.example.com"], allow_credentials=True)  # ok: named


def cors_no_credentials():
    api.add_middleware(CORSMiddleware, allow_origins=["*"])  # ok: without credentials


def cookie(response: Response, token):
    response.set_cookie("session", token)  # want: code/insecure-cookie


def cookie_secure(response: Response, token):
    response.set_cookie("session", token, secure=True)  # ok: only encrypted


def cookie_theme(response: Response):
    response.set_cookie("theme", "dark")  # ok: no session


def log_listen():
    logging.config.listen(9999)  # want: code/logging-config-listen


def log_file():
    logging.config.fileConfig("logging.ini")  # ok: a file


def debugger():
    debugpy.listen(("0.0.0.0", 5678))  # want: code/debugger-listen


def debugger_local():
    debugpy.listen(("127.0.0.1", 5678))  # ok: this machine


def no_escape():
    return jinja2.Environment(autoescape=False)  # want: code/jinja-autoescape-off


def escape():
    return jinja2.Environment(autoescape=jinja2.select_autoescape())  # ok: escapes
