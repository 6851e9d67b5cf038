import random
import secrets
from random import choice


def number():
    return random.random()  # want: B311


def chosen(letters):
    return choice(letters)  # want: B311


def bits():
    return random.getrandbits(128)  # want: B311


def shuffled(cards):
    random.shuffle(cards)  # ok: not asked for


def system():
    return random.SystemRandom().random()  # ok: of the operating system


def secret(letters):
    return secrets.choice(letters)  # ok: of the operating system
