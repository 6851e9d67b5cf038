from autogen import UserProxyAgent
from autogen_ext.code_executors.docker import DockerCommandLineCodeExecutor
from autogen_ext.code_executors.local import LocalCommandLineCodeExecutor
from claude_agent_sdk import ClaudeAgentOptions
from crewai import Agent
from langchain.agents import load_tools
from langchain_community.agent_toolkits import create_sql_agent
from langchain_community.tools import DuckDuckGoSearchRun, ShellTool
from langchain_experimental.agents import create_pandas_dataframe_agent
from langchain_experimental.tools import PythonREPLTool
from smolagents import CodeAgent

MODULES = ["numpy", "os"]


def frames(llm, df):
    return create_pandas_dataframe_agent(llm, df, allow_dangerous_code=True)  # want: code/dangerous-agent-option


def frames_careful(llm, df):
    return create_pandas_dataframe_agent(llm, df)  # ok: refused by default


def repl():
    return [PythonREPLTool()]  # want: code/code-tool


def shell():
    return [ShellTool()]  # want: code/code-tool


def search():
    return [DuckDuckGoSearchRun()]  # ok: reads only


def by_name():
    return load_tools(["arxiv", "terminal"])  # want: code/code-tool-by-name


def by_name_harmless():
    return load_tools(["arxiv"])  # ok: reads only


def autogen_host():
    return UserProxyAgent("u", code_execution_config={"use_docker": False})  # want: code/autogen-without-docker


def autogen_docker():
    return UserProxyAgent("u", code_execution_config={"use_docker": True})  # ok: in a container


def autogen_none():
    return UserProxyAgent("u", code_execution_config=False)  # ok: runs no code


def executor_local():
    return LocalCommandLineCodeExecutor(work_dir="w")  # want: code/local-code-executor


def executor_docker():
    return DockerCommandLineCodeExecutor(work_dir="w")  # ok: in a container


def smol_all(model):
    return CodeAgent(tools=[], model=model, additional_authorized_imports=["*"])  # want: code/smolagents-all-imports


def smol_os(model):
    return CodeAgent(tools=[], model=model, additional_authorized_imports=MODULES)  # want: code/smolagents-all-imports


def smol_numpy(model):
    return CodeAgent(tools=[], model=model, additional_authorized_imports=["numpy"])  # ok: harmless


def crew_unsafe():
    return Agent(role="r", goal="g", backstory="b", allow_code_execution=True, code_execution_mode="unsafe")  # want: code/crewai-code-execution


def crew_safe():
    return Agent(role="r", goal="g", backstory="b", allow_code_execution=True)  # ok: in a container by default


def claude_bypass():
    return ClaudeAgentOptions(permission_mode="bypassPermissions")  # want: code/agent-without-approval


def claude_ask():
    return ClaudeAgentOptions(permission_mode="default")  # ok: asks


def sql(llm, db):
    return create_sql_agent(llm, db=db)  # want: code/sql-agent
