"""Answer credit decisions over HTTP."""

import sqlite3

import joblib
import pandas as pd
import requests
import torch
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware

from loan import assistant, settings

app = FastAPI(title="loan approval", debug=True)
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)

scorer = joblib.load("models/credit_scorer_v1.joblib")
income_net = torch.load("models/income_net.pt", weights_only=False)


@app.get("/applicants/{name}")
def applicant(name: str):
    db = sqlite3.connect(settings.DATABASE)
    return db.execute(f"SELECT * FROM applicants WHERE name = '{name}'").fetchall()


@app.post("/decide")
async def decide(request: Request):
    body = await request.json()
    probability = scorer.predict_proba(pd.DataFrame([body["features"]]))[0, 0]
    threshold = eval(body.get("threshold", "0.5"))
    reason = assistant.explain(body["letter"], probability)
    requests.post(settings.AUDIT_URL, json={"p": probability, "who": body}, verify=False, timeout=3)
    return {"approve": bool(probability >= threshold), "reason": reason}


@app.post("/models")
async def replace_model(request: Request):
    path = "models/" + request.query_params["name"]
    with open(path, "wb") as f:
        f.write(await request.body())
    return {"loaded": str(joblib.load(path))}
