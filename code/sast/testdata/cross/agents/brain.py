from openai import OpenAI


class Brain:
    def __init__(self, model):
        self.model = model
        self.client = OpenAI()

    def ask(self, question):
        r = self.client.chat.completions.create(model=self.model, messages=[{"role": "user", "content": question}])
        return r.choices[0].message

    def code(self, task):
        return self.ask("Write Python for: " + task).content

    def calls(self, task):
        for call in self.ask(task).tool_calls:
            yield call.function.name, call.function.arguments


def default():
    return Brain("m")
