from fastapi import APIRouter

from effects import calculate, load, remove, run, run_quoted, write
from wraps import logged

router = APIRouter()


@router.post("/a")
def a(cmd: str):
    return run(cmd)


@router.post("/b")
def b(path: str):
    return remove(path)


@router.post("/c")
def c(expr: str):
    return calculate(expr)


@router.post("/d")
@logged
def d(name: str):
    return load(name)


@router.post("/e")
def e(cmd: str):
    return run_quoted(cmd)  # ok: the decorator quotes


@router.post("/f")
def f(text: str):
    return write(text)  # ok: only the content is chosen
