import argparse
import os
import subprocess
import sys

import click
import typer

cli = typer.Typer()


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("name")
    a = p.parse_args()
    os.system("echo " + a.name)  # want: code/command-injection


def arguments_list():
    p = argparse.ArgumentParser()
    a = p.parse_args()
    subprocess.run(["echo", a.name])  # ok: no shell


def arguments_file():
    with open(sys.argv[1]) as f:  # ok: the user's own files
        return f.read()


@click.command()
@click.argument("name")
def click_command(name):
    os.system("echo " + name)  # want: code/command-injection


@click.command()
@click.argument("n", type=int)
def click_number(n: int):
    os.system(f"seq {n}")  # ok: a number


@cli.command()
def typer_command(expr: str):
    print(eval(expr))  # want: code/code-injection


@cli.command()
def typer_flag(verbose: bool):
    os.system(f"ls {verbose}")  # ok: a flag


def typed_in():
    eval(input("? "))  # want: code/code-injection


def typed_in_number():
    os.system("seq " + str(int(input("? "))))  # ok: a number
