"""Answers of models, arguments of tools, retrieved documents. See sources.py."""
from .sources import source


def inline(name, kind, imports, lines, is_async=False, **more):
    """A source that needs no framework: it also stands in functions that exist."""
    lines = lines.strip("\n")
    head = ("async def" if is_async else "def") + " $F(question: str):"
    code = head + "\n" + "\n".join("    " + line for line in lines.split("\n")) + "\n    <<BODY>>\n    <<RET>>"
    source(name, kind, "none", imports, code, is_async=is_async, ret="return $R", inline=('question = "Summarise the open tasks"\n' if "question" in lines else "") + lines,
           inline_imports=imports, **more)


ASK = '[{"role": "user", "content": question}]'
inline("openai-chat", "model", "from openai import OpenAI", f'''
completion = OpenAI().chat.completions.create(model="gpt-4o-mini", messages={ASK})
$V = completion.choices[0].message.content
''')
inline("openai-tool-call", "model", "import json;from openai import OpenAI", f'''
reply = OpenAI().chat.completions.create(model="gpt-4o", messages={ASK}, tools=[])
call = reply.choices[0].message.tool_calls[0]
$V = json.loads(call.function.arguments)["$K"]
''')
inline("openai-responses", "model", "import openai", '''
client = openai.OpenAI(timeout=60)
$V = client.responses.create(model="gpt-4.1", input=question).output_text
''')
inline("openai-stream", "model", "from openai import OpenAI", f'''
$V = ""
for chunk in OpenAI().chat.completions.create(model="gpt-4o", messages={ASK}, stream=True):
    $V += chunk.choices[0].delta.content or ""
''')
inline("openai-async", "model", "from openai import AsyncOpenAI", f'''
client = AsyncOpenAI()
completion = await client.chat.completions.create(model="gpt-4o-mini", messages={ASK})
$V = completion.choices[0].message.content.strip()
''', is_async=True)
inline("anthropic", "model", "import anthropic", f'''
message = anthropic.Anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=1024, messages={ASK})
$V = message.content[0].text
''')
inline("anthropic-tool-use", "model", "from anthropic import Anthropic", f'''
message = Anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=512, messages={ASK}, tools=[])
$V = next(block.input["$K"] for block in message.content if block.type == "tool_use")
''')
inline("google-genai", "model", "from google import genai", '''
client = genai.Client()
$V = client.models.generate_content(model="gemini-2.5-flash", contents=question).text
''')
inline("mistral", "model", "from mistralai import Mistral", f'''
answer = Mistral(api_key="").chat.complete(model="mistral-small-latest", messages={ASK})
$V = answer.choices[0].message.content
''')
inline("ollama", "model", "import ollama", f'''
answer = ollama.chat(model="llama3.2", messages={ASK})
$V = answer["message"]["content"]
''')
inline("litellm", "model", "import litellm", f'''
response = litellm.completion(model="groq/llama-3.1-8b-instant", messages={ASK})
$V = response["choices"][0]["message"]["content"]
''')
inline("litellm-async", "model", "from litellm import acompletion", f'''
response = await acompletion(model="gpt-4o", messages={ASK})
$V = response.choices[0].message.content
''', is_async=True)
inline("bedrock", "model", "import boto3;import json", '''
runtime = boto3.client("bedrock-runtime")
response = runtime.invoke_model(modelId="anthropic.claude-3-haiku", body=json.dumps({"prompt": question}))
$V = json.loads(response["body"].read())["content"][0]["text"]
''')
inline("langchain-invoke", "model", "from langchain_openai import ChatOpenAI", '''
llm = ChatOpenAI(model="gpt-4o-mini", temperature=0)
$V = llm.invoke(question).content
''')
inline("langchain-chain", "model", "from langchain_core.output_parsers import StrOutputParser;from langchain_core.prompts import ChatPromptTemplate;from langchain_openai import ChatOpenAI", '''
chain = ChatPromptTemplate.from_template("Answer: {question}") | ChatOpenAI() | StrOutputParser()
$V = chain.invoke({"question": question})
''')
inline("transformers-pipeline", "model", "from transformers import pipeline", '''
generator = pipeline("text-generation", model="Qwen/Qwen2.5-0.5B-Instruct", revision="7ae557604adf67be50417f59c2c2f167def9a775")
$V = generator(question, max_new_tokens=64)[0]["generated_text"]
''')
inline("transformers-generate", "model", "from transformers import AutoModelForCausalLM, AutoTokenizer", '''
tokenizer = AutoTokenizer.from_pretrained("/srv/models/local")
model = AutoModelForCausalLM.from_pretrained("/srv/models/local")
tokens = model.generate(**tokenizer(question, return_tensors="pt"), max_new_tokens=64)
$V = tokenizer.decode(tokens[0], skip_special_tokens=True)
''')
inline("vllm", "model", "from vllm import LLM", '''
engine = LLM(model="/srv/models/local")
$V = engine.generate([question])[0].outputs[0].text
''')
inline("llama-index-llm", "model", "from llama_index.llms.openai import OpenAI as IndexOpenAI", '''
$V = IndexOpenAI(model="gpt-4o-mini").complete(question).text
''')
inline("llama-index-query", "model", "from llama_index.core import SimpleDirectoryReader, VectorStoreIndex", '''
index = VectorStoreIndex.from_documents(SimpleDirectoryReader("/srv/library").load_data())
$V = str(index.as_query_engine().query(question))
''')
inline("dspy", "model", "import dspy", '''
predict = dspy.Predict("question -> answer")
$V = predict(question=question).answer
''')
inline("haystack", "model", "from haystack.components.generators import OpenAIGenerator", '''
$V = OpenAIGenerator().run(prompt=question)["replies"][0]
''')
inline("cohere", "model", "import cohere", f'''
$V = cohere.ClientV2().chat(model="command-r", messages={ASK}).message.content[0].text
''')
inline("retriever", "retrieved", "from langchain_community.vectorstores import Chroma;from langchain_openai import OpenAIEmbeddings", '''
store = Chroma(persist_directory="/srv/index", embedding_function=OpenAIEmbeddings())
documents = store.as_retriever().invoke(question)
$V = documents[0].page_content
''')
inline("similarity-search", "retrieved", "from langchain_community.vectorstores import FAISS as FaissStore;from langchain_openai import OpenAIEmbeddings", '''
store = FaissStore.from_texts(["..."], OpenAIEmbeddings())
$V = store.similarity_search(question, k=1)[0].page_content
''')
inline("chroma", "retrieved", "import chromadb", '''
collection = chromadb.PersistentClient("/srv/chroma").get_collection("manuals")
$V = collection.query(query_texts=[question], n_results=1)["documents"][0][0]
''')
inline("web-page", "retrieved", "import requests", '''
$V = requests.get("https://news.example.com/latest", timeout=10).text
''')

# --- tools
source("mcp-tool", "tool", "none", "from mcp.server.fastmcp import FastMCP", '''
$B = FastMCP("$P")


@$B.tool()
def $F($V: str) -> str:
    """Look something up for the user."""
    <<BODY>>
    <<RET>>
''', ret="return str($R)")
source("mcp-tool-async", "tool", "none", "from mcp.server.fastmcp import FastMCP", '''
$B = FastMCP("$P")


@$B.tool(name="$P")
async def $F($V: str, limit: int = 5) -> str:
    """Work on a thing of the user's."""
    <<BODY>>
    <<RET>>
''', is_async=True, ret="return str($R)")
source("mcp-call-tool", "tool", "none", "from mcp.server import Server;from mcp.types import TextContent", '''
$B = Server("$P")


@$B.call_tool()
async def $F(name: str, arguments: dict) -> list[TextContent]:
    $V = arguments["$K"]
    <<BODY>>
    <<RET>>
''', is_async=True, ret='return [TextContent(type="text", text=str($R))]')
source("langchain-tool", "tool", "none", "from langchain_core.tools import tool", '''
@tool
def $F($V: str) -> str:
    """Run a task for the agent."""
    <<BODY>>
    <<RET>>
''', ret="return str($R)")
source("langchain-basetool", "tool", "none", "from langchain_core.tools import BaseTool", '''
class $C(BaseTool):
    name: str = "$P"
    description: str = "Works on $P."

    def _run(self, $V: str, run_manager=None) -> str:
        <<BODY>>
        <<RET>>
''', ret="return str($R)")
source("structured-tool", "tool", "none", "from langchain_core.tools import StructuredTool", '''
def $F($V: str) -> str:
    """Run a task for the agent."""
    <<BODY>>
    <<RET>>


$P_tool = StructuredTool.from_function(func=$F, name="$P")
''', ret="return str($R)")
source("crewai-tool", "tool", "none", "from crewai.tools import BaseTool as CrewTool", '''
class $C(CrewTool):
    name: str = "$P"
    description: str = "Works on $P."

    def _run(self, $V: str) -> str:
        <<BODY>>
        <<RET>>
''', ret="return str($R)")
source("smolagents-tool", "tool", "none", "from smolagents import Tool as AgentTool", '''
class $C(AgentTool):
    name = "$P"
    description = "Works on $P."
    inputs = {"$V": {"type": "string", "description": "what to work on"}}
    output_type = "string"

    def forward(self, $V: str) -> str:
        <<BODY>>
        <<RET>>
''', ret="return str($R)")
source("function-tool", "tool", "none", "from agents import function_tool", '''
@function_tool
def $F($V: str) -> str:
    """Run a task for the agent."""
    <<BODY>>
    <<RET>>
''', ret="return str($R)")
source("llama-index-tool", "tool", "none", "from llama_index.core.tools import FunctionTool", '''
def $F($V: str) -> str:
    """Run a task for the agent."""
    <<BODY>>
    <<RET>>


$P_tool = FunctionTool.from_defaults(fn=$F)
''', ret="return str($R)")
source("pydantic-ai", "tool", "none", "from pydantic_ai import Agent as ChatAgent", '''
$B = ChatAgent("openai:gpt-4o")


@$B.tool_plain
def $F($V: str) -> str:
    """Run a task for the agent."""
    <<BODY>>
    <<RET>>
''', ret="return str($R)")
