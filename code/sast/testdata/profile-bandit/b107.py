def login(user, password="letmein"):  # want: B107
    return user, password


def login_none(user, password=None):  # ok: no text
    return user, password


def login_other(user="root", password=""):  # want: B107
    return user, password


def login_keyword(*, password="letmein"):  # ok: only parameters before the star
    return password


def split(tokenizer="words"):  # ok: another word
    return tokenizer


async def login_later(password="letmein"):  # ok: async functions are not looked at
    return password
