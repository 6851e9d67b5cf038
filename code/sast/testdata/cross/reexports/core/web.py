import requests


class Client:
    BASE = "https://api.example.com/"

    def get(self, path):
        return requests.get(self.BASE + path, timeout=3)  # ok: a fixed host

    def get_any(self, url):
        return requests.get(url, timeout=3)  # want: code/server-side-request-forgery
