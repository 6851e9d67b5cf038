from openai import OpenAI

client = OpenAI()


def ask(prompt):
    return client.responses.create(model="m", input=prompt)


def answer_with_context(q):
    return ask("context: " + q).output_text
