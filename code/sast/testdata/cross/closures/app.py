from fastapi import FastAPI

from factory import counter, make_deleter, make_evaluator, make_fetcher, make_runner, make_safe_runner, with_default

app = FastAPI()


@app.get("/a")
def a(cmd: str):
    make_runner(cmd)()


@app.get("/b")
def b(cmd: str):
    run = make_safe_runner(cmd)
    run()  # ok: quoted inside


@app.get("/c")
def c(path: str):
    make_deleter("/srv")(path)


@app.get("/d")
def d(expr: str):
    make_evaluator(expr, 3)()


@app.get("/e")
def e(url: str):
    fetch = make_fetcher()
    fetch(url)


@app.get("/f")
def f(q: str):
    with_default()(q)


@app.get("/g")
def g(n: int):
    counter(n)()  # ok: a number
