import os
import sqlite3
import subprocess

import chromadb
import dspy
from haystack import Pipeline
from langchain.agents import AgentExecutor
from langchain.chains import LLMChain, RetrievalQA
from langchain_chroma import Chroma
from langchain_community.document_loaders import WebBaseLoader
from langchain_community.utilities import SQLDatabase
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_experimental.utilities import PythonREPL  # the class itself
from langchain_openai import ChatOpenAI
from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
from openai import OpenAI

llm = ChatOpenAI()
prompt = ChatPromptTemplate.from_template("Write code for {q}")
chain = prompt | llm | StrOutputParser()
store = Chroma(collection_name="c")
db = SQLDatabase.from_uri("sqlite:///x.db")


def chat_model():
    exec(llm.invoke("code").content)  # want: code/code-injection


def chat_model_tools():
    exec(llm.bind_tools([]).invoke("code").content)  # want: code/code-injection


def pipe():
    exec(chain.invoke({"q": "x"}))  # want: code/code-injection


def pipe_shown():
    print(chain.invoke({"q": "x"}))  # ok: only shown


def pipe_stream():
    for part in chain.stream({"q": "x"}):
        eval(part)  # want: code/code-injection


def llm_chain():
    os.system(LLMChain(llm=llm, prompt=prompt).run("x"))  # want: code/command-injection


def retrieval_qa():
    qa = RetrievalQA.from_chain_type(llm=llm, retriever=store.as_retriever())
    eval(qa.invoke({"query": "x"})["result"])  # want: code/code-injection


def agent(executor: AgentExecutor):
    subprocess.run(executor.invoke({"input": "x"})["output"], shell=True)  # want: code/command-injection


def text_to_sql():
    db.run(chain.invoke({"q": "x"}))  # want: code/sql-injection


def text_to_sql_constant():
    db.run("SELECT count(*) FROM t")  # ok: a constant


def document_exec():
    eval(store.similarity_search("x")[0].page_content)  # want: code/code-injection


def document_in_prompt():
    docs = store.as_retriever().invoke("x")
    llm.invoke("Summarise: " + docs[0].page_content)  # want: code/indirect-prompt-injection


def document_in_system_prompt():
    docs = store.similarity_search("x")
    OpenAI().chat.completions.create(model="m", messages=[{"role": "system", "content": "Use: " + docs[0].page_content}])  # want: code/system-prompt-injection, code/indirect-prompt-injection


def document_shown():
    return [d.page_content for d in store.similarity_search("x")]  # ok: only returned


def document_count():
    os.system("echo %d" % len(store.similarity_search("x")))  # ok: a number


def web_page_in_prompt():
    docs = WebBaseLoader("https://example.com").load()
    llm.invoke(docs[0].page_content)  # want: code/indirect-prompt-injection


def chroma_row():
    c = chromadb.PersistentClient(path="x").get_or_create_collection("c")
    sqlite3.connect("x").execute("INSERT INTO t VALUES ('" + c.query(query_texts=["x"])["documents"][0][0] + "')")  # want: code/sql-injection


def chroma_row_parameter():
    c = chromadb.PersistentClient(path="x").get_or_create_collection("c")
    sqlite3.connect("x").execute("INSERT INTO t VALUES (?)", c.query(query_texts=["x"])["documents"][0])  # ok: a parameter


def llama_query():
    index = VectorStoreIndex.from_documents(SimpleDirectoryReader("d").load_data())
    exec(index.as_query_engine().query("code").response)  # want: code/code-injection


def llama_chat():
    index = VectorStoreIndex.from_documents([])
    print(index.as_chat_engine().chat("hello"))  # ok: only shown


def haystack_run(p: Pipeline):
    eval(p.run({})["llm"]["replies"][0])  # want: code/code-injection


def dspy_run():
    eval(dspy.Predict("q -> code")(q="x").code)  # want: code/code-injection


def dspy_shown():
    return dspy.ChainOfThought("q -> a")(q="x").a  # ok: only returned
