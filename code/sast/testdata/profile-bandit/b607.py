import os
import subprocess  # want: B404


def listed():
    subprocess.run(["ls", "-l"])  # want: B603, B607


def spoken():
    os.system("ls -l")  # want: B605, B607


def replaced(words):
    os.execvp("python", words)  # want: B606, B607


def whole(words):
    subprocess.run(["/bin/ls", "-l"])  # want: B603


def below():
    subprocess.run(["./build.sh"])  # want: B603


def drive():
    subprocess.run([r"C:\ls.exe"])  # want: B603


def unknown(words):
    subprocess.run([words, "ls"])  # want: B603


def pair():
    subprocess.run(("ls", "-l"))  # want: B603
