import subprocess


def execute(cmd):
    return subprocess.check_output(cmd, shell=True)  # want: code/command-injection


def execute_list(args):
    return subprocess.check_output(["ls", args])  # ok: no shell
