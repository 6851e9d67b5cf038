from fastapi import FastAPI, UploadFile
from pydantic import BaseModel

import steps
from registry import STEPS, step

app = FastAPI()


class Order(BaseModel):
    template: str
    pattern: str
    model: str
    archive: str


@app.post("/1")
async def one(o: Order):
    return steps.render(o.template)


@app.post("/2")
async def two(o: Order):
    return steps.search(o.pattern, "text")


@app.post("/3")
async def three(o: Order):
    return steps.load(o.model)


@app.post("/4")
async def four(f: UploadFile):
    return steps.unpack(f.file)


@app.post("/5")
async def five(f: UploadFile):
    return await steps.store(f.filename, await f.read())


@app.post("/6")
async def six(o: Order):
    return STEPS["xml"](o.template)


@app.post("/7")
async def seven(o: Order):
    return [steps.search_escaped(p, "text") for p in [o.pattern]]  # ok: escaped inside
