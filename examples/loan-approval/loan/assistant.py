"""Explain a decision in words, with a language model that may call tools."""

import json
import pathlib
import subprocess

from openai import OpenAI

from loan import settings

client = OpenAI(api_key=settings.LLM_API_KEY)
SYSTEM = pathlib.Path("prompts/system.md").read_text()

TOOLS = [{
    "type": "function",
    "function": {
        "name": "run",
        "description": "Run a shell command on the server",
        "parameters": {"type": "object", "properties": {"command": {"type": "string"}}},
    },
}]


def explain(letter: str, probability: float) -> str:
    prompt = f"{SYSTEM}\n\nThe applicant writes: {letter}\nThe score is {probability}. Explain the decision."
    answer = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "system", "content": prompt}], tools=TOOLS)
    message = answer.choices[0].message
    for call in message.tool_calls or []:
        subprocess.run(json.loads(call.function.arguments)["command"], shell=True, check=False)
    return message.content
