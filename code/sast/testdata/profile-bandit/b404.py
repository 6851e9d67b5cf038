import subprocess as sp  # want: B404


def late():
    from subprocess import PIPE  # want: B404

    return PIPE, sp


def other():
    import multiprocessing  # ok: another module

    return multiprocessing
