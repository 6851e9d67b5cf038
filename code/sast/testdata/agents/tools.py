import os
import sqlite3
import subprocess
from pathlib import Path
from typing import Type

import crewai
import requests
from agents import Agent, Runner, function_tool
from autogen_core.tools import FunctionTool
from crewai.tools import BaseTool as CrewTool
from fastmcp import FastMCP
from langchain_core.tools import BaseTool, StructuredTool, Tool, tool
from mcp import ClientSession
from mcp.server import Server
from pydantic_ai import Agent as PydanticAgent
from pydantic_ai import RunContext
from smolagents import CodeAgent
from smolagents import Tool as SmolTool
from smolagents import tool as smol_tool

mcp = FastMCP("demo")
server = Server("low")
pyd = PydanticAgent("m")
ROOT = Path("/srv")


@tool
def lc_shell(command: str) -> str:
    """Run a command."""
    return subprocess.check_output(command, shell=True)  # want: code/command-injection


@tool
def lc_list(path: str) -> str:
    """List."""
    return subprocess.check_output(["ls", "--", path])  # ok: no shell


@tool("calc", return_direct=True)
def lc_calc(expr: str) -> str:
    """Calculate."""
    return str(eval(expr))  # want: code/code-injection


@tool
def lc_power(n: int) -> str:
    """Calculate."""
    return str(eval(f"2**{n}"))  # ok: an int


class ReadTool(BaseTool):
    name: str = "read"

    def _run(self, path: str):
        return open(path).read()  # want: code/path-traversal


class SafeReadTool(BaseTool):
    name: str = "read"

    def _run(self, path: str):
        p = (ROOT / path).resolve()
        if not p.is_relative_to(ROOT):
            raise ValueError(path)
        return p.read_text()  # ok: stays below the folder


def plain_fetch(url):
    return requests.get(url, timeout=3).text  # want: code/server-side-request-forgery


def plain_lookup(word):
    return requests.get("https://dict.example.com/" + word, timeout=3).text  # ok: fixed host


fetch_tool = Tool("fetch", plain_fetch, "Fetch a page")
lookup_tool = StructuredTool.from_function(func=plain_lookup)


@mcp.tool()
def mcp_shell(cmd: str) -> str:
    return os.popen(cmd).read()  # want: code/command-injection


@mcp.tool
def mcp_sql(table: str) -> list:
    return sqlite3.connect("x").execute(f"SELECT * FROM {table}").fetchall()  # want: code/sql-injection


@mcp.tool()
def mcp_sql_value(name: str) -> list:
    return sqlite3.connect("x").execute("SELECT * FROM t WHERE n = ?", (name,)).fetchall()  # ok: a parameter


@mcp.resource("file://{name}")
def mcp_resource(name: str) -> str:
    return Path("/srv/" + name).read_text()  # want: code/path-traversal


@mcp.tool()
async def mcp_add(a: int, b: float) -> float:
    os.system(f"echo {a + b}")  # ok: numbers
    return a + b


@server.call_tool()
async def low_level(name: str, arguments: dict):
    if name == "run":
        subprocess.run(arguments["cmd"], shell=True)  # want: code/command-injection


@function_tool
def openai_tool(path: str) -> str:
    os.remove(path)  # want: code/path-traversal
    return "removed"


@function_tool
def openai_weather(city: str) -> str:
    return "sunny in " + city  # ok: only text


@pyd.tool
def pydantic_tool(ctx: RunContext, query: str):
    sqlite3.connect("x").execute(query)  # want: code/sql-injection


@pyd.tool_plain
def pydantic_plain(n: int):
    return n * 2  # ok: a number


@smol_tool
def smol_run(code: str) -> str:
    """Run."""
    exec(code)  # want: code/code-injection
    return ""


class SmolFetch(SmolTool):
    def forward(self, url: str):
        return requests.get(url, timeout=3).text  # want: code/server-side-request-forgery


class CrewRun(CrewTool):
    def _run(self, cmd: str):
        os.system(cmd)  # want: code/command-injection


def autogen_run(cmd: str) -> str:
    os.system(cmd)  # want: code/command-injection
    return ""


autogen_tool = FunctionTool(autogen_run, description="x")


async def agent_output():
    r = await Runner.run(Agent(name="a"), "code")
    exec(r.final_output)  # want: code/code-injection


async def agent_shown():
    r = await Runner.run(Agent(name="a"), "hello")
    print(r.final_output)  # ok: only shown


def crew_output(crew: crewai.Crew):
    os.system(crew.kickoff().raw)  # want: code/command-injection


def smol_output(model):
    eval(CodeAgent(tools=[], model=model).run("x"))  # want: code/code-injection


async def tool_result(session: ClientSession):
    r = await session.call_tool("x", {})
    eval(r.content[0].text)  # want: code/code-injection


async def tool_result_shown(session: ClientSession):
    r = await session.call_tool("x", {})
    return r.content[0].text  # ok: only returned


def not_a_tool(cmd: str):
    os.system(cmd)  # ok: nobody gives it data
