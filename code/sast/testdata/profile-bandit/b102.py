def run(text):
    exec(text)  # want: B102


def run_method(session, text):
    session.exec(text)  # ok: a method


def run_name(text):
    execute = exec
    return execute(text)  # ok: under another name
