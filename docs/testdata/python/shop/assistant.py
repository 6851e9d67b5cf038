from openai import OpenAI

from storage import rows

client = OpenAI()
PROMPT = "Write one SQL query for the table orders that answers the question."


def answer(question):
    reply = client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "system", "content": PROMPT}, {"role": "user", "content": question}],
    )
    return rows(reply.choices[0].message.content)
