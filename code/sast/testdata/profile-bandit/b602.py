import subprocess  # want: B404
from subprocess import Popen as start  # want: B404


def shell(text):
    subprocess.run(text, shell=True)  # want: B602


def shell_lines(text):
    subprocess.check_output(
        text,
        shell=True,  # want: B602
    )


def shell_number(text):
    start(text, shell=1)  # want: B602


def shell_unknown(text, shell):
    subprocess.call(text, shell=shell)  # want: B602


def shell_nothing():
    subprocess.call(shell=True)  # ok: no command


def no_shell(words):
    subprocess.run(words, shell=False)  # want: B603


def no_shell_none(words):
    subprocess.run(words, shell=None)  # want: B603
