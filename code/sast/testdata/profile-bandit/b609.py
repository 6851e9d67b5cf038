import os
import subprocess  # want: B404


def archive():
    os.system("/bin/tar cf all.tar *")  # want: B605, B609


def owner():
    subprocess.Popen("/bin/chown root *", shell=True)  # want: B602, B609


def archive_list():
    subprocess.run(["/bin/tar", "cf", "x", "*"], shell=True)  # want: B602, B609


def archive_named():
    os.system("/bin/tar cf all.tar models")  # want: B605


def count():
    os.system("/bin/ls *")  # want: B605


def without_shell():
    subprocess.run(["/bin/tar", "cf", "x", "*"])  # want: B603
