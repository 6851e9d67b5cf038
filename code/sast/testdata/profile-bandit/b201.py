from flask import Flask

app = Flask(__name__)


def develop():
    app.run(debug=True)  # want: B201


def develop_lines():
    app.run(
        port=8000,
        debug=True,  # want: B201
    )


def serve():
    app.run(debug=False)  # ok: without the debugger


def serve_default():
    app.run()  # ok: without the debugger


def serve_setting(debug):
    app.run(debug=debug)  # ok: no constant
