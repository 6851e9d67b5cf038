import yaml
from yaml import SafeLoader


def load(text):
    return yaml.load(text)  # want: B506


def load_full(text):
    return yaml.load(text, Loader=yaml.FullLoader)  # want: B506


def load_positional(text):
    return yaml.load(text, yaml.UnsafeLoader)  # want: B506


def load_safe(text):
    return yaml.safe_load(text)  # ok: safe


def load_loader(text):
    return yaml.load(text, Loader=SafeLoader)  # ok: safe


def load_loader_positional(text):
    return yaml.load(text, yaml.CSafeLoader)  # ok: safe
