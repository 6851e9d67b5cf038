def serve(server):
    server.bind(("0.0.0.0", 80))  # want: B104


def serve_named():
    host = "0.0.0.0"  # want: B104
    return host


def serve_local(server):
    server.bind(("127.0.0.1", 80))  # ok: this machine


def serve_url():
    return "http://0.0.0.0:80"  # ok: more than the address
