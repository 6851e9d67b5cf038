STATE = {"greeting": "hello"}
_last = ""


class Config:
    url = "https://example.com"


CONFIG = Config()


def remember(path):
    global _last
    _last = path


def last():
    return _last
