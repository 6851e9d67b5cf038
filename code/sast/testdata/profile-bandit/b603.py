import subprocess  # want: B404


def start(words):
    return subprocess.Popen(words)  # want: B603


def start_said(words):
    return subprocess.check_call(words, shell=False)  # want: B603


def start_shell(text):
    return subprocess.call(text, shell=True)  # want: B602


def read(text):
    return subprocess.list2cmdline(text)  # ok: starts nothing
