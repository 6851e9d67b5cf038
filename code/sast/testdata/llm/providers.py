import ast
import json
import os
import re
import sqlite3
import subprocess

import anthropic
import boto3
import cohere
import google.generativeai as genai
import litellm
import ollama
from anthropic import AsyncAnthropic
from google import genai as genai2
from huggingface_hub import InferenceClient
from mistralai import Mistral
from openai import AzureOpenAI, OpenAI
import openai

client = OpenAI()
claude = anthropic.Anthropic()
ALLOWED = {"list", "status"}
COMMANDS = {"list": ["ls"], "status": ["git", "status"]}


def ask(q):
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": q}]).choices[0].message.content


def openai_exec():
    exec(ask("write code"))  # want: code/code-injection


def openai_eval_tool_call():
    r = client.chat.completions.create(model="m", messages=[])
    eval(r.choices[0].message.tool_calls[0].function.arguments)  # want: code/code-injection


def openai_literal():
    return ast.literal_eval(ask("a list of numbers"))  # ok: literals only


def openai_shell():
    subprocess.run(ask("which command?"), shell=True)  # want: code/command-injection


def openai_argument():
    subprocess.run(["git", "log", "--", ask("which file?")])  # ok: no shell


def openai_allowed():
    name = ask("list or status?")
    if name in ALLOWED:
        os.system("tool " + name)  # ok: allowlist


def openai_table():
    subprocess.run(COMMANDS[ask("list or status?")])  # ok: a table of commands


def openai_stream():
    text = ""
    for chunk in client.chat.completions.create(model="m", messages=[], stream=True):
        text += chunk.choices[0].delta.content
    exec(text)  # want: code/code-injection


def openai_responses():
    exec(client.responses.create(model="m", input="code").output_text)  # want: code/code-injection


def openai_code_block():
    m = re.search(r"```python(.*)```", ask("code"), re.S)
    exec(m.group(1))  # want: code/code-injection


def openai_json():
    args = json.loads(ask("arguments as JSON"))
    os.system(args["cmd"])  # want: code/command-injection


def openai_json_number():
    args = json.loads(ask("arguments as JSON"))
    os.system("sleep %d" % int(args["n"]))  # ok: a number


def azure():
    c = AzureOpenAI(azure_endpoint="https://x")
    open(c.chat.completions.create(model="m", messages=[]).choices[0].message.content)  # want: code/path-traversal


def old_interface():
    r = openai.ChatCompletion.create(model="m", messages=[])
    exec(r["choices"][0]["message"]["content"])  # want: code/code-injection


def openai_sql():
    sqlite3.connect("x").execute(ask("SQL for ..."))  # want: code/sql-injection


def openai_sql_value():
    sqlite3.connect("x").execute("SELECT * FROM t WHERE a = ?", (ask("which?"),))  # ok: a parameter


def openai_shown():
    print(ask("hello"))  # ok: only shown


def openai_prompt_constant():
    client.chat.completions.create(model="m", messages=[{"role": "system", "content": "You are kind."}])  # ok: a constant


def claude_exec():
    m = claude.messages.create(model="m", max_tokens=10, messages=[])
    exec(m.content[0].text)  # want: code/code-injection


def claude_tool_use():
    m = claude.messages.create(model="m", max_tokens=10, messages=[])
    for block in m.content:
        if block.type == "tool_use":
            subprocess.run(block.input["command"], shell=True)  # want: code/command-injection


def claude_tool_use_dispatch():
    m = claude.messages.create(model="m", max_tokens=10, messages=[])
    for block in m.content:
        if block.name == "list":
            subprocess.run(["ls"])  # ok: a constant


async def claude_async():
    m = await AsyncAnthropic().messages.create(model="m", max_tokens=10, messages=[])
    os.system(m.content[0].text)  # want: code/command-injection


def claude_stream():
    with claude.messages.stream(model="m", max_tokens=10, messages=[]) as s:
        for text in s.text_stream:
            eval(text)  # want: code/code-injection


def gemini_old():
    model = genai.GenerativeModel("gemini")
    exec(model.generate_content("code").text)  # want: code/code-injection


def gemini_chat():
    chat = genai.GenerativeModel("gemini").start_chat()
    os.system(chat.send_message("command").text)  # want: code/command-injection


def gemini_new():
    c = genai2.Client()
    exec(c.models.generate_content(model="m", contents="code").text)  # want: code/code-injection


def gemini_length():
    c = genai2.Client()
    return len(c.models.generate_content(model="m", contents="x").text)  # ok: its length


def mistral():
    c = Mistral(api_key=os.environ["KEY"])
    eval(c.chat.complete(model="m", messages=[]).choices[0].message.content)  # want: code/code-injection


def cohere_chat():
    eval(cohere.Client().chat(message="x").text)  # want: code/code-injection


def ollama_chat():
    eval(ollama.chat(model="m", messages=[])["message"]["content"])  # want: code/code-injection


def ollama_client():
    os.remove(ollama.Client().generate(model="m", prompt="which file?")["response"])  # want: code/path-traversal


def lite():
    eval(litellm.completion(model="m", messages=[]).choices[0].message.content)  # want: code/code-injection


async def lite_async():
    r = await litellm.acompletion(model="m", messages=[])
    return json.loads(r.choices[0].message.content)  # ok: only parsed


def bedrock():
    b = boto3.client("bedrock-runtime")
    r = json.loads(b.invoke_model(modelId="m", body="{}")["body"].read())
    exec(r["completion"])  # want: code/code-injection


def bedrock_converse():
    b = boto3.client("bedrock-runtime")
    os.system(b.converse(modelId="m", messages=[])["output"]["message"]["content"][0]["text"])  # want: code/command-injection


def s3_text():
    s = boto3.client("s3")
    return s.get_object(Bucket="b", Key="k")["Body"].read()  # ok: only read


def hub_inference():
    exec(InferenceClient().text_generation("code"))  # want: code/code-injection


class Assistant:
    def __init__(self, client):
        self.client = client

    def act(self):
        r = self.client.chat.completions.create(model="m", messages=[])
        os.system(r.choices[0].message.content)  # want: code/command-injection

    def show(self):
        r = self.client.chat.completions.create(model="m", messages=[])
        return r.choices[0].message.content  # ok: returned to nobody dangerous


class Typed:
    def __init__(self):
        self.llm: OpenAI = OpenAI()

    def act(self):
        exec(self.llm.chat.completions.create(model="m", messages=[]).choices[0].message.content)  # want: code/code-injection
