import os
import pickle
import sqlite3
import subprocess

import chainlit as cl
import gradio as gr
import pandas as pd
import streamlit as st
from openai import OpenAI

client = OpenAI()


def st_shell():
    os.system(st.text_input("command"))  # want: code/command-injection


def st_number():
    os.system("seq %d" % st.number_input("n"))  # ok: a number


def st_chat():
    if q := st.chat_input():
        eval(q)  # want: code/code-injection


def st_html():
    st.markdown(st.text_area("text"), unsafe_allow_html=True)  # want: code/cross-site-scripting


def st_markdown():
    st.markdown(st.text_area("text"))  # ok: Markdown without HTML


def st_answer_html():
    r = client.chat.completions.create(model="m", messages=[])
    st.markdown(r.choices[0].message.content, unsafe_allow_html=True)  # want: code/cross-site-scripting


def st_answer():
    r = client.chat.completions.create(model="m", messages=[])
    st.write(r.choices[0].message.content)  # ok: Markdown without HTML


def st_component():
    st.components.v1.html("<b>" + st.text_input("x"))  # want: code/cross-site-scripting


def st_upload():
    pickle.load(st.file_uploader("model"))  # want: code/pickle-load, code/unsafe-deserialization


def st_upload_csv():
    return pd.read_csv(st.file_uploader("data"))  # ok: CSV holds no code


def st_select():
    table = st.selectbox("table", ["a", "b"])
    sqlite3.connect("x").execute(f"SELECT * FROM {table}")  # ok: one of a list


def st_query():
    sqlite3.connect("x").execute("SELECT * FROM t WHERE a = '" + st.query_params["a"] + "'")  # want: code/sql-injection


def st_frame():
    pd.DataFrame().query(st.text_input("filter"))  # want: code/code-injection


def gr_run(cmd):
    return subprocess.getoutput(cmd)  # want: code/command-injection


def gr_echo(text):
    return text.upper()  # ok: only text


def gr_chat(message, history):
    return str(eval(message))  # want: code/code-injection


def gr_click(path):
    return open(path).read()  # want: code/path-traversal


def gr_click_list(n):
    return list(range(int(n)))  # ok: a number


def gr_unused(cmd):
    return subprocess.getoutput(cmd)  # ok: nobody calls it


gr.Interface(gr_run, "text", "text")
gr.Interface(fn=gr_echo, inputs="text", outputs="text")
gr.ChatInterface(gr_chat)
with gr.Blocks() as demo:
    button = gr.Button("go")
    button.click(gr_click, None, None)
    button.click(fn=gr_click_list)


def gr_html():
    r = client.chat.completions.create(model="m", messages=[])
    return gr.HTML(r.choices[0].message.content)  # want: code/cross-site-scripting


def gr_markdown():
    r = client.chat.completions.create(model="m", messages=[])
    return gr.Markdown(r.choices[0].message.content)  # ok: sanitised


@cl.on_message
async def chainlit_message(message):
    os.system(message.content)  # want: code/command-injection


@cl.on_message
async def chainlit_answer(message):
    await cl.Message(content=message.content).send()  # ok: shown to who wrote it
