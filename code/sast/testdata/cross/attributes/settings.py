from sinks import fetch


class Settings:
    def __init__(self, host):
        self._host = host

    @property
    def url(self):
        return "https://" + self._host

    def connect(self):
        fetch(self.url)
