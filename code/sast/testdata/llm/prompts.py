import keyring
import logging

import litellm
import ollama
from anthropic import Anthropic
from flask import Flask, request
from keys import login_required
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate, PromptTemplate
from langchain_openai import ChatOpenAI
from openai import OpenAI

app = Flask(__name__)
login_required(app)
client = OpenAI()


@app.post("/a")
def system_role():
    client.chat.completions.create(model="m", messages=[{"role": "system", "content": "Help " + request.json["name"]}])  # want: code/system-prompt-injection
    return ""


@app.post("/b")
def user_role():
    client.chat.completions.create(model="m", messages=[{"role": "system", "content": "Help"}, {"role": "user", "content": request.json["q"]}])  # ok: a user message
    return ""


@app.post("/c")
def claude_system():
    Anthropic().messages.create(model="m", max_tokens=1, system=f"You serve {request.json['n']}", messages=[])  # want: code/system-prompt-injection
    return ""


@app.post("/d")
def claude_user():
    Anthropic().messages.create(model="m", max_tokens=1, system="You serve", messages=[{"role": "user", "content": request.json["n"]}])  # ok: a user message
    return ""


@app.post("/e")
def lite_system():
    litellm.completion(model="m", messages=[{"role": "system", "content": request.json["p"]}])  # want: code/system-prompt-injection
    return ""


@app.post("/f")
def ollama_system():
    ollama.generate(model="m", prompt="x", system=request.json["p"])  # want: code/system-prompt-injection
    return ""


@app.post("/g")
def langchain_system():
    ChatOpenAI().invoke([SystemMessage(content=request.json["p"])])  # want: code/system-prompt-injection
    return ""


@app.post("/h")
def langchain_user():
    ChatOpenAI().invoke([SystemMessage(content="Be kind."), HumanMessage(content=request.json["p"])])  # ok: a user message
    return ""


@app.post("/i")
def langchain_tuple():
    ChatPromptTemplate.from_messages([("system", "You are " + request.json["p"]), ("user", "{q}")])  # want: code/system-prompt-injection
    return ""


@app.post("/j")
def langchain_variables():
    p = ChatPromptTemplate.from_messages([("system", "You are kind"), ("user", "{q}")])
    p.invoke({"q": request.json["q"]})  # ok: a variable of a user message
    return ""


@app.post("/k")
def template_source():
    PromptTemplate.from_template(request.json["t"])  # want: code/format-string
    return ""


@app.post("/l")
def template_jinja():
    PromptTemplate(template=request.json["t"], template_format="jinja2")  # want: code/template-injection
    return ""


@app.post("/m")
def responses_instructions():
    client.responses.create(model="m", instructions=request.json["i"], input="x")  # want: code/system-prompt-injection
    return ""


def secret_in_prompt():
    password = keyring.get_password("db", "root")
    client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Log in with " + password}])  # want: code/secret-in-prompt


def secret_used():
    password = keyring.get_password("db", "root")
    return OpenAI(api_key=password)  # ok: what it is for


def secret_logged():
    logging.info("password %s", keyring.get_password("db", "root"))  # want: code/secret-in-log


def secret_found():
    logging.info("password found: %s", bool(keyring.get_password("db", "root")))  # ok: only whether


@app.post("/n")
def too_many():
    client.chat.completions.create(model="m", messages=[], max_tokens=request.json["n"])  # want: code/unbounded-consumption
    return ""


@app.post("/o")
def limited():
    client.chat.completions.create(model="m", messages=[], max_tokens=512)  # ok: a constant
    return ""
