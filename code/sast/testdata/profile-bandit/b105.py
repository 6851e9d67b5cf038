import os

password = "correct horse"  # want: B105


class Settings:
    db_token = "a1b2c3"  # want: B105
    token_count = 3  # ok: a number


def attribute(settings):
    settings.user_password = "x"  # want: B105


def compared(pwd):
    return pwd == "letmein"  # want: B105


def compared_otherwise(user):
    return user.password != "letmein"  # want: B105


def key():
    return {"password": "letmein"}  # want: B105


def item(settings):
    settings["secret"] = "letmein"  # want: B105


def key_computed(user):
    return {"password": user.typed}  # ok: no constant


def from_environment():
    password = os.environ["DB"]  # ok: from outside
    return password


def compass():
    compass = "north"  # ok: another word
    passengers = "two"  # ok: another word
    return compass + passengers


def annotated():
    password: str = "letmein"  # ok: not looked at there
    return password


def wrong_way(password):
    return "letmein" == password  # ok: the name stands right
