import os


def assigned():
    db_password = "gT7#kq29ZpW"  # want: code/hard-coded-credential
    return db_password


def compared(token):
    return token == "a1b2c3d4e5f6"  # want: code/hard-coded-credential


def passed(connect):
    connect(password="gT7#kq29ZpW")  # want: code/hard-coded-credential-argument


def default(password="gT7#kq29ZpW"):  # want: code/hard-coded-credential-default
    return password


def environment():
    password = os.environ["PASSWORD"]  # ok: from outside
    return password


def word():
    password = "hunter"  # ok: a word
    return password


def placeholder(connect):
    connect(api_key="your-api-key-1234")  # ok: an example


def none(password=None):
    return password  # ok: no default
