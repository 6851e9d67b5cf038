"""A dependency asks for a key."""
from fastapi import Depends, FastAPI, Header, HTTPException
from openai import OpenAI

client = OpenAI()


def check_api_key(x_api_key: str = Header()):
    if x_api_key not in KEYS:
        raise HTTPException(401)


app = FastAPI(dependencies=[Depends(check_api_key)])


@app.post("/chat")
def chat(q: str):  # ok: the application asks for a key
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": q}])


@app.post("/two")
def two(q: str):  # ok: the application asks for a key
    return client.responses.create(model="m", input=q).output_text
