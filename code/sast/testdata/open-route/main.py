"""Nothing in this project asks who is calling."""
import os

from fastapi import Depends, FastAPI
from flask import Flask
from openai import OpenAI

from asking import answer_with_context

app = FastAPI()
old_app = Flask(__name__)
client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])


def database():
    return None


@app.post("/chat")
def chat(q: str):  # want: code/open-inference-route
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": q}])


@app.post("/search")
def search(q: str, db=Depends(database)):  # want: code/open-inference-route
    return answer_with_context(q)


@old_app.route("/summary", methods=["POST"])
def summary():  # want: code/open-inference-route
    return {"answer": answer_with_context("text")}


@app.get("/health")
def health():  # ok: asks no model
    return {"ok": True}


def batch(texts):  # ok: no route
    return [client.chat.completions.create(model="m", messages=[{"role": "user", "content": t}]) for t in texts]
