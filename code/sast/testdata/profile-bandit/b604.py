import os


def other(execute, text):
    execute(text, shell=True)  # want: B604


def other_lines(machine, text):
    machine.run(
        text,
        shell=True,  # want: B604
    )


def other_without(execute, text):
    execute(text, shell=False)  # ok: without


def other_empty(execute, text):
    execute(text, shell="")  # ok: without


def other_name(execute, text):
    execute(text, use_shell=True)  # ok: another keyword


def other_path(execute):
    execute(os.curdir, shell=os.altsep)  # want: B604
