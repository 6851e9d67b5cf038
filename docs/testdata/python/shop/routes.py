from fastapi import Depends, FastAPI

from assistant import answer
from keys import check_api_key

app = FastAPI(dependencies=[Depends(check_api_key)])


@app.post("/ask")
def ask(question: str):
    return {"rows": answer(question)}
