"""Open, and reachable from everywhere."""
import uvicorn
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.post("/chat")
def chat(q: str):  # want: code/open-inference-route
    return client.responses.create(model="m", input=q).output_text


def main():
    uvicorn.run(app, host="0.0.0.0")  # want: code/exposed-server
