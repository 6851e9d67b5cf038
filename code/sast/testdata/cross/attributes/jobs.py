import sinks


class Job:
    def __init__(self, cmd, label):
        self.cmd = cmd
        self.label = label
        self.path = "/tmp/x"
        self.options = {}

    def run(self):
        sinks.shell(self.cmd)

    def clean(self):
        sinks.remove(self.path)

    def search(self):
        sinks.query(self.options["query"])
        sinks.limit(self.options["limit"])

    def title(self):
        return "job " + self.label  # ok: only text


class Queue:
    def __init__(self):
        self.items = []

    def add(self, item):
        self.items.append(item)
        self.flush()

    def flush(self):
        for item in self.items:
            sinks.calculate(item)
