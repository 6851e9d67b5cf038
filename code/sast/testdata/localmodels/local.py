import os

import llama_cpp
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline
from vllm import LLM, SamplingParams

tokenizer = AutoTokenizer.from_pretrained("/models/m")
model = AutoModelForCausalLM.from_pretrained("/models/m").to("cuda")


def generate_exec(ids):
    exec(tokenizer.decode(model.generate(ids)[0]))  # want: code/code-injection


def generate_batch(ids):
    for text in tokenizer.batch_decode(model.generate(ids, max_new_tokens=10)):
        os.system(text)  # want: code/command-injection


def generate_shown(ids):
    print(tokenizer.decode(model.generate(ids)[0]))  # ok: only shown


def generate_length(ids):
    os.system("echo %d" % len(model.generate(ids)))  # ok: a number


def pipe_exec():
    p = pipeline("text-generation", model="/models/m")
    exec(p("code")[0]["generated_text"])  # want: code/code-injection


def pipe_shown():
    p = pipeline("text-generation", model="/models/m")
    return p("hello")[0]["generated_text"]  # ok: only returned


def vllm_exec():
    for out in LLM("/models/m").generate(["code"], SamplingParams(max_tokens=9)):
        exec(out.outputs[0].text)  # want: code/code-injection


def vllm_chat():
    os.system(LLM("/models/m").chat([])[0].outputs[0].text)  # want: code/command-injection


def llama_exec():
    exec(llama_cpp.Llama("/models/m.gguf")("code")["choices"][0]["text"])  # want: code/code-injection


def llama_chat():
    llm = llama_cpp.Llama("/models/m.gguf")
    return llm.create_chat_completion([])["choices"][0]["message"]["content"]  # ok: only returned
