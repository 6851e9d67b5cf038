import os


def login(connect):
    connect(password="letmein")  # want: B106


def login_lines(connect):
    connect(
        host="db",
        api_token="a1b2c3",  # want: B106
    )


def login_environment(connect):
    connect(password=os.environ["DB"])  # ok: from outside


def login_none(connect):
    connect(password=None)  # ok: no text


def tokenize(split):
    split(tokenizer="words")  # ok: another word
