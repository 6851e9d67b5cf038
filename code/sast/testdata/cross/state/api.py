from fastapi import FastAPI, Request

import store
import worker

app = FastAPI()


@app.post("/set")
async def set_command(request: Request):
    data = await request.json()
    store.STATE["cmd"] = data["cmd"]
    store.remember(data["path"])
    store.CONFIG.url = data["url"]
    return {}


@app.post("/run")
async def run():
    worker.run()
    worker.clean()
    worker.fetch()
    worker.greet()
    return {}
