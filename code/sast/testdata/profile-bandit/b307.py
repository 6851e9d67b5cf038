import ast


def run(text):
    return eval(text)  # want: B307


def run_bounded(text):
    return eval(text, {"__builtins__": {}})  # want: B307


def read(text):
    return ast.literal_eval(text)  # ok: data only


def train_off(model):
    return model.eval()  # ok: a method
